package ai.dmt.run;

import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.text.Units;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Ledger;
import ai.dmt.train.Progress;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says in one short line how far a run is: stage, step, loss, speed, memory and the time that is
 * left. For the last line of a terminal, or the title of a window.
 */
public final class RunStatus implements RunListener {
  private final Consumer<String> line;
  private long stages;
  private @Nullable Supplier<MemoryAccount> memory; // null until the engine is there

  /**
   * Makes a listener.
   *
   * @param line gets the line after each step
   */
  public RunStatus(Consumer<String> line) {
    this.line = line;
  }

  @Override
  public void onPlanned(Ledger ledger) {
    stages = ledger.entries().stream().map(Ledger.Entry::stage).distinct().count();
  }

  @Override
  public void onEngine(EngineFacts facts) {
    memory = facts.memory();
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    String held = memory == null ? "" : "  " + Units.bytes(memory.get().total());
    line.accept(
        Units.format(
            "%d %%  step %d/%d  %s left  loss %.4f  %,.0f tokens/s%s%s",
            100 * progress.step() / Math.max(1, progress.totalSteps()),
            progress.step(),
            progress.totalSteps(),
            Units.time(progress.remaining()),
            metrics.loss(),
            progress.tokensPerSecond(),
            held,
            stage(progress)));
  }

  @Override
  public void onEvaluation(Progress progress, Evaluation evaluation) {
    line.accept(Units.format("held-out loss %.4f%s", evaluation.loss(), stage(progress)));
  }

  /** At the end of the line: a long name is what a narrow terminal cuts. */
  private String stage(Progress progress) {
    return stages < 2 || progress.stage().name().isEmpty()
        ? ""
        : "  stage %s/%s: %s"
            .formatted(progress.stage().stage() + 1, stages, progress.stage().name());
  }
}
