package ai.dmt.run;

import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Progress;
import java.io.PrintWriter;
import java.nio.file.Path;

/** What a user reads of a run: banner, progress, and the held-out losses before and after. */
public final class TrainReport implements TrainingRun.Listener {
  private final PreparedTraining training;
  private final PrintWriter out;
  private final TrainBanner banner;
  private final ProgressLines lines;
  private Evaluation before;
  private Evaluation latest;
  private Progress end;

  /** Makes a report. @param marks of the parts of the first sample that carry loss */
  public TrainReport(PreparedTraining training, PrintWriter out, SampleText marks) {
    this.training = training;
    this.out = out;
    this.banner = new TrainBanner(out, marks);
    this.lines = new ProgressLines(out, training.settings().loggingSteps());
  }

  /** Prints what is known without the engine. @param totalSteps of the run */
  public void printData(long totalSteps) {
    banner.data(training, totalSteps);
  }

  @Override
  public void onEngine(TrainingRun.EngineFacts facts) {
    banner.engine(training.model().folder(), facts);
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    lines.onStep(progress, metrics);
  }

  @Override
  public void onEvaluation(Progress progress, Evaluation evaluation) {
    lines.onEvaluation(progress, evaluation);
    if (before == null) {
      before = evaluation;
    }
    latest = evaluation;
  }

  @Override
  public void onEnd(Progress progress) {
    end = progress;
  }

  @Override
  public void onSaved(Path folder, MemoryAccount memory) {
    if (before != null) {
      out.print(Units.format("%-20s %10s %10s%n", "held-out loss", "before", "after"));
      for (int s = 0; s < before.sources().size(); s++) {
        print(before.sources().get(s), latest.sources().get(s));
      }
    }
    banner.memory("memory", memory);
    out.print(
        Units.format(
            "%s after %d of %d steps, %s tokens in %s (%,.0f tokens/s); saved to %s%n",
            end.finished() ? "done" : "interrupted",
            end.step(),
            end.totalSteps(),
            Units.count(end.tokens()),
            Units.time(end.elapsed()),
            end.tokens() / Math.max(1e-9, end.elapsed().toNanos() * 1e-9),
            folder));
    out.flush();
  }

  private void print(SourceLoss first, SourceLoss last) {
    out.print(
        first.labelTokens() == 0
            ? Units.format("  %-18s %10s %10s%n", first.source(), "none", "none")
            : Units.format("  %-18s %10.4f %10.4f%n", first.source(), first.mean(), last.mean()));
  }
}
