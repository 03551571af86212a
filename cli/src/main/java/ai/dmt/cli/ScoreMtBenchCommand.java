package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.MtBenchScorer;
import ai.dmt.evaluators.mtbench.Question;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmt score mtbench}: means of a file of judgements. */
@Command(
    name = "mtbench",
    description = {
      "Averages a file of judgements as FastChat does: failed ones are left out, the average is over"
          + " the judgements of both turns.",
      "Intervals are 95 %%, bootstrapped over questions."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class ScoreMtBenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ReportOptions report;

  @Option(
      names = "--judgments",
      required = true,
      paramLabel = "FILE.jsonl",
      description = "FastChat's model_judgment file, or the output of dmt judge mtbench.")
  private Path judgments;

  @Option(
      names = "--questions",
      paramLabel = "FILE.jsonl",
      description = "FastChat's question.jsonl: adds a score for each category.")
  private Path questions;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "Only this model; may be given several times (default: all in the file).")
  private List<String> models = List.of();

  @Override
  public Integer call() {
    List<Judgment> read = Judgment.read(judgments);
    List<String> known = read.stream().map(Judgment::model).distinct().toList();
    for (String model : models) {
      if (!known.contains(model)) {
        throw new ConfigException(
            "--model %s: %s has %s".formatted(model, judgments, String.join(", ", known)));
      }
    }
    if (!models.isEmpty()) {
      read = read.stream().filter(judgment -> models.contains(judgment.model())).toList();
    }
    MtBenchScorer scorer =
        new MtBenchScorer(read, questions == null ? null : Question.read(questions));
    PrintWriter err = spec.commandLine().getErr();
    scorer.notes().forEach(note -> err.println("dmt: " + note));
    err.flush();
    ScoreReport scores = scorer.report();
    if (scores.scores().isEmpty()) {
      throw new DataException(
          new Origin(judgments.toString(), 0), "no judgement holds a rating, so there is no score");
    }
    report.report(scores);
    return ExitCode.OK;
  }
}
