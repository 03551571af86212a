package ai.dmt.cli;

import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.text.Units;
import ai.dmt.run.EngineFacts;
import ai.dmt.run.PreparedSchedule;
import ai.dmt.run.RunListener;
import ai.dmt.run.RunLog;
import ai.dmt.run.RunStatus;
import ai.dmt.run.SampleText;
import ai.dmt.strategies.SchedulePlan;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Ledger;
import ai.dmt.train.MixtureDecision;
import ai.dmt.train.Progress;
import ai.dmt.train.ReplayedSamples;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What a user reads of a schedule's run: plan, progress, held-out losses after each stage. */
public final class ScheduleReport implements RunListener {
  private final PreparedSchedule prepared;
  private final PrintWriter out;
  private final TrainBanner banner;
  private final RunLog log;
  private final Optional<RunStatus> status; // in place of a line for each step
  private final Map<String, Evaluation> evaluations = new LinkedHashMap<>(); // by column

  /**
   * Makes a report.
   *
   * @param marks of the parts of the first sample that carry loss
   * @param line shown in place of a line for each step, where it can be
   */
  public ScheduleReport(
      PreparedSchedule prepared,
      PrintWriter out,
      SampleText marks,
      Optional<Consumer<String>> line) {
    this.prepared = prepared;
    this.out = out;
    this.banner = new TrainBanner(out, marks);
    this.log = new RunLog(out, prepared.recipe().training().loggingSteps());
    this.status = line.map(RunStatus::new);
  }

  /** Prints how a run ended, and nothing before. */
  static RunListener lastLine(PrintWriter out) {
    RunLog log = new RunLog(out, Long.MAX_VALUE);
    return new RunListener() {
      @Override
      public void onEnd(Progress progress) {
        log.onEnd(progress);
      }

      @Override
      public void onSaved(Path folder, MemoryAccount memory) {
        log.onSaved(folder, memory);
      }
    };
  }

  /** Prints what is known without the engine. */
  public void printPlan() {
    banner.sources(prepared.sources(), prepared.tokenizer());
    out.print(SchedulePlan.of(prepared.recipe(), prepared.tables()).text());
    out.flush();
  }

  @Override
  public void onPlanned(Ledger ledger) {
    log.onPlanned(ledger);
    status.ifPresent(each -> each.onPlanned(ledger));
  }

  @Override
  public void onEngine(EngineFacts facts) {
    banner.engine(prepared.model().folder(), facts);
    status.ifPresent(each -> each.onEngine(facts));
  }

  @Override
  public void onStageStart(Progress progress) {
    log.onStageStart(progress);
  }

  @Override
  public void onNote(String line) {
    log.onNote(line);
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    status.ifPresentOrElse(
        each -> each.onStep(progress, metrics), () -> log.onStep(progress, metrics));
  }

  @Override
  public void onEvaluation(Progress progress, Evaluation evaluation) {
    log.onEvaluation(progress, evaluation);
    String stage = progress.stage().name();
    evaluations.put(stage.isEmpty() ? "before" : stage, evaluation);
  }

  @Override
  public void onDecision(Progress progress, List<MixtureDecision> made) {
    log.onDecision(progress, made);
  }

  @Override
  public void onReplay(Progress progress, List<ReplayedSamples> chosen) {
    log.onReplay(progress, chosen);
  }

  @Override
  public void onEnd(Progress progress) {
    log.onEnd(progress);
  }

  @Override
  public void onSaved(Path folder, MemoryAccount memory) {
    if (!evaluations.isEmpty()) {
      printLosses();
    }
    banner.memory("memory", memory);
    log.onSaved(folder, memory);
  }

  private void printLosses() {
    out.print(Units.format("%-20s", "held-out loss after"));
    evaluations.keySet().forEach(stage -> out.print(Units.format(" %12s", stage)));
    out.println();
    for (int s = 0; s < prepared.sources().size(); s++) {
      int source = s;
      out.print(Units.format("  %-18s", prepared.sources().get(s).name()));
      evaluations.values().forEach(each -> out.print(cell(each.sources().get(source))));
      out.println();
    }
  }

  private static String cell(SourceLoss loss) {
    return loss.labelTokens() == 0
        ? Units.format(" %12s", "none")
        : Units.format(" %12.4f", loss.mean());
  }
}
