package ai.dmt.run;

import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.text.Units;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Ledger;
import ai.dmt.train.MixtureDecision;
import ai.dmt.train.Progress;
import ai.dmt.train.ReplayedSamples;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Prints a run for people: a line for each stage, after every so many steps, for each evaluation
 * and each note, and where the model was saved.
 */
public final class RunLog implements RunListener {
  private final PrintWriter out;
  private final long everySteps;
  private long stages; // 0 until they are planned
  private Progress end = Progress.start(0);

  /**
   * Makes a printer; losses are those of the step that the line is for.
   *
   * @param out flushed after each line; not closed
   * @param everySteps a line after each so many steps, and after the last one; at least 1
   */
  public RunLog(PrintWriter out, long everySteps) {
    if (everySteps < 1) {
      throw new IllegalArgumentException("everySteps must be at least 1, got " + everySteps);
    }
    this.out = out;
    this.everySteps = everySteps;
  }

  @Override
  public void onPlanned(Ledger ledger) {
    stages = ledger.entries().stream().map(Ledger.Entry::stage).distinct().count();
  }

  @Override
  public void onNote(String line) {
    out.println(line);
    out.flush();
  }

  @Override
  public void onStageStart(Progress progress) {
    out.print(
        Units.format(
            "stage %s of %s: %s, %s steps%n",
            progress.stage().stage() + 1,
            stages,
            progress.stage().name(),
            Units.count(progress.stage().steps())));
    out.flush();
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

  @Override
  public void onDecision(Progress progress, List<MixtureDecision> made) {
    made.forEach(each -> out.print(decision(each, progress)));
    out.flush();
  }

  @Override
  public void onReplay(Progress progress, List<ReplayedSamples> chosen) {
    for (ReplayedSamples each : chosen) {
      out.print(
          Units.format(
              "stage %s replays %s samples of source %s, chosen by %s: scores from %.4g to %.4g%n",
              each.stage(),
              Units.count(each.samples().size()),
              each.source(),
              each.by().name().toLowerCase(Locale.ROOT),
              each.scores().get(0),
              each.scores().get(each.scores().size() - 1)));
    }
    out.flush();
  }

  private static String decision(MixtureDecision made, Progress progress) {
    return made.drops()
        ? Units.format(
            "after step %d source %s leaves stage %s: its held-out loss was lowest after step %d,"
                + " where the run goes on to step %d%n",
            made.decidedStep(), made.source(), made.stage(), made.step(), progress.totalSteps())
        : Units.format(
            "after step %d stage %s takes %.4g of source %s%n",
            made.decidedStep(), made.stage(), made.share(), made.source());
  }

  @Override
  public void onEnd(Progress progress) {
    end = progress;
  }

  @Override
  public void onSaved(Path folder, MemoryAccount memory) {
    out.print(
        Units.format(
            "%s after %s of %s steps, %s tokens in %s (%,.0f tokens/s); saved to %s%s%n",
            end.finished() ? "done" : "interrupted",
            end.step(),
            end.totalSteps(),
            Units.count(end.tokens()),
            Units.time(end.elapsed()),
            end.tokens() / Math.max(1e-9, end.elapsed().toNanos() * 1e-9),
            folder,
            end.finished() ? "" : "; --resume auto goes on"));
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
