package ai.dmt.cli;

import ai.dmt.evaluation.ScoreFile;
import ai.dmt.evaluators.comparison.Comparison;
import ai.dmt.evaluators.comparison.ScoredModel;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt compare}: paired tests of scores. */
@Command(
    name = "compare",
    description = {
      "Compares the scores of models, problem by problem: differences with intervals, paired tests,"
          + " and Holm's correction over all of them.",
      "Reads what --json of dmt score and dmt evaluate wrote. Loads no model and no native library."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "SCORES",
      description =
          "FILE or FILE#MODEL, the baseline first; a file of several models stands for all of them"
              + " in its order.")
  private List<String> words;

  @Mixin private ComparisonOption compared;

  @Option(
      names = "--flips",
      description = "List the problems where a model is higher or lower, not only their number.")
  private boolean flips;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write all comparisons, with the problems that differ, to this file, too.")
  private Path json;

  @Override
  public Integer call() {
    List<ScoredModel> models = new ArrayList<>();
    words.forEach(word -> models.addAll(ScoreFile.read(word)));
    if (models.size() < 2) {
      throw new ParameterException(
          spec.commandLine(), words.get(0) + " holds one model: name another to compare with it");
    }
    Comparison comparison = Comparison.of(models, compared.options());
    PrintWriter err = spec.commandLine().getErr();
    comparison.notes().forEach(note -> err.println("dmt: " + note));
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    out.print(comparison.text());
    if (flips) {
      out.print(comparison.flips());
    }
    out.flush();
    if (json != null) {
      comparison.write(json);
    }
    return ExitCode.OK;
  }
}
