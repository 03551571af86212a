package ai.dmt.cli;

import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.text.Units;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Progress;
import ai.dmt.train.TrainingListener;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;

/** Prints a line after every so many steps and after each evaluation. */
public final class ProgressLines implements TrainingListener {
  private final PrintWriter out;
  private final long everySteps;

  /** Makes a printer; losses are those of the step that the line is for. */
  public ProgressLines(PrintWriter out, long everySteps) {
    this.out = out;
    this.everySteps = everySteps;
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    if (progress.step() % everySteps != 0 && !progress.finished()) {
      return;
    }
    double seconds = Math.max(progress.stepTime().toNanos(), 1) * 1e-9;
    out.print(
        Units.format(
            "step %d/%d  epoch %.2f  loss %.4f%s  norm %.3f  lr %.2e  %,.0f tokens/s"
                + "  %,.0f label tokens/s  %s left%n",
            progress.step(),
            progress.totalSteps(),
            progress.epoch(),
            metrics.loss(),
            sources(metrics.sources()),
            metrics.gradientNorm(),
            progress.learningRate(),
            progress.tokensPerSecond(),
            metrics.labelTokens() / seconds,
            Units.time(progress.remaining())));
    out.flush();
  }

  @Override
  public void onEvaluation(Progress progress, Evaluation evaluation) {
    out.print(
        Units.format(
            "held-out loss after step %d: %.4f%s%n",
            progress.step(), evaluation.loss(), sources(evaluation.sources())));
    out.flush();
  }

  /** Such as " (gsm8k 1.2345, code 2.3456)"; nothing for a single source. */
  private static String sources(List<SourceLoss> losses) {
    if (losses.size() < 2) {
      return "";
    }
    return losses.stream()
        .filter(loss -> loss.labelTokens() > 0)
        .map(loss -> Units.format("%s %.4f", loss.source(), loss.mean()))
        .collect(Collectors.joining(", ", " (", ")"));
  }
}
