package ai.dmt.cli;

import ai.dmt.evaluation.ScoreFile;
import ai.dmt.evaluators.comparison.ScoredModel;
import ai.dmt.evaluators.transfer.Abilities;
import ai.dmt.evaluators.transfer.StageTransfer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt transfer}: what the stages of a run did to each ability. */
@Command(
    name = "transfer",
    description = {
      "Scores by stage, backward transfer (the score at the end minus the score after the stage that"
          + " trained the ability) and conflict (the score at the end minus that of a model trained"
          + " on one source alone), with intervals and paired tests.",
      "Reads what dmt evaluate --run DIR --json wrote. Loads no model and no native library."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class TransferCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SCORES", description = "Scores of a run's models, stage after stage.")
  private String stages;

  @Option(
      names = "--single",
      paramLabel = "ABILITY=SCORES",
      description =
          "FILE or FILE#MODEL: scores of the model that was trained on this ability's source alone.")
  private Map<String, String> singles = Map.of();

  @Option(
      names = "--ability",
      paramLabel = "BENCHMARK=ABILITY",
      description =
          "What a benchmark measures (gsm8k=math, humaneval=code and mtbench=general are known). A"
              + " held-out loss measures the ability of its source's name.")
  private Map<String, String> abilities = Map.of();

  @Option(
      names = "--trained",
      paramLabel = "ABILITY=STAGE",
      description =
          "The stage that trained an ability (default: the last named N-ABILITY, as in 1-math).")
  private Map<String, String> trained = Map.of();

  @Mixin private ComparisonOption compared;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write all to this file, too, with the problems that differ.")
  private Path json;

  @Override
  public Integer call() {
    List<ScoredModel> models = ScoreFile.ofRun(stages);
    Map<String, ScoredModel> alone = new LinkedHashMap<>();
    singles.forEach((ability, word) -> alone.put(ability, ScoreFile.readOne(word)));
    StageTransfer transfer =
        StageTransfer.of(
            models,
            alone,
            Abilities.usual().withBenchmarks(abilities).withTrained(trained),
            compared.options());
    PrintWriter err = spec.commandLine().getErr();
    transfer.notes().forEach(note -> err.println("dmt: " + note));
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    out.print(transfer.text());
    out.flush();
    if (json != null) {
      transfer.write(json);
    }
    return ExitCode.OK;
  }
}
