package ai.dmt.cli;

import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.text.Units;
import ai.dmt.run.EngineFacts;
import ai.dmt.run.PreparedTraining;
import ai.dmt.run.RunListener;
import ai.dmt.run.SampleText;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Progress;
import java.io.PrintWriter;
import java.nio.file.Path;

/** What a user reads of a run: banner, progress, and the held-out losses before and after. */
public final class TrainReport implements RunListener {
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
  public void onEngine(EngineFacts facts) {
    banner.engine(training.model().folder(), facts);
  }

  @Override
  public void onNote(String line) {
    out.println(line);
    out.flush();
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    lines.onStep(progress, metrics);
  }

  @Override
  public void onEvaluation(Progress progress, Evaluation evaluation) {
    lines.onEvaluation(progress, evaluation);
    if (progress.step() == 0) {
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
    if (latest != null) {
      String first = before == null ? "" : "before"; // a run that goes on does not measure it again
      out.print(Units.format("%-20s %10s %10s%n", "held-out loss", first, "after"));
      for (int s = 0; s < latest.sources().size(); s++) {
        print(before == null ? null : before.sources().get(s), latest.sources().get(s));
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
        Units.format(
            "  %-18s %10s %10s%n", last.source(), first == null ? "" : text(first), text(last)));
  }

  private static String text(SourceLoss loss) {
    return loss.labelTokens() == 0 ? "none" : Units.format("%.4f", loss.mean());
  }
}
