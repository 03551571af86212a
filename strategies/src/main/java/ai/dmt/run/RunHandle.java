package ai.dmt.run;

import ai.dmt.train.Ledger;
import ai.dmt.train.Progress;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A run that goes on in another thread: a stage that completes with its result, or with what it
 * failed of. All methods may be called by any thread.
 *
 * <p>There are two ways to end it early. {@link #stop} lets the step that is being made end, saves
 * a checkpoint and the model, and completes the stage with a result that is not {@link
 * RunResult#finished()}. {@link #cancel} does the same, but the stage is cancelled at once, as
 * futures are; {@link #close} or {@link #awaitEnd} wait until the run has let go of its files.
 */
public final class RunHandle extends CompletableFuture<RunResult> implements AutoCloseable {
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable stop;
  private volatile @Nullable Thread runner; // null until it begins
  private volatile @Nullable Progress progress; // null until the first step
  private volatile @Nullable Ledger ledger; // null until the stages are planned

  RunHandle(Runnable stop) {
    this.stop = stop;
  }

  /** {@return where the run is; empty until its first step begins} */
  public Optional<Progress> progress() {
    return Optional.ofNullable(progress);
  }

  /**
   * {@return what the stages ask for and get of each source; empty until the data has been read}
   */
  public Optional<Ledger> ledger() {
    return Optional.ofNullable(ledger);
  }

  /** Asks the run to save and end after the step that is being made. Returns at once. */
  public void stop() {
    stop.run();
  }

  /**
   * Stops the run, and completes this stage as cancelled.
   *
   * @param mayInterrupt without effect: a step is never cut off
   */
  @Override
  public boolean cancel(boolean mayInterrupt) {
    stop();
    return super.cancel(mayInterrupt);
  }

  /**
   * Waits for the result. What the run failed of is thrown as {@link FineTuning#run} throws it;
   * {@link #join} and {@link #get} wrap it, as those of all futures do.
   *
   * @return where the model is and how the run ended
   * @throws IOException if the output could not be written
   * @throws InterruptedException if the waiting thread is interrupted; the run goes on
   * @throws java.util.concurrent.CancellationException if {@link #cancel} was called
   */
  public RunResult await() throws IOException, InterruptedException {
    try {
      return get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException("a run fails of nothing else", e);
    }
  }

  /** {@return whether the run has ended and let go of its files, however it was completed} */
  public boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /**
   * Waits until the run has ended and let go of its files.
   *
   * @throws InterruptedException if the waiting thread is interrupted; the run goes on
   */
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /**
   * Stops the run, and waits until its model is saved. On the thread that runs, such as in a
   * listener, it stops without waiting. An interrupt is kept for the caller.
   */
  @Override
  public void close() {
    stop();
    boolean interrupted = false;
    while (!hasEnded() && Thread.currentThread() != runner) {
      try {
        awaitEnd();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stages that follow are ordinary ones: to cancel them does not stop the run. */
  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new CompletableFuture<>();
  }

  /** This thread runs it. */
  void begin() {
    runner = Thread.currentThread();
  }

  void at(Progress now) {
    progress = now;
  }

  void planned(Ledger plan) {
    ledger = plan;
  }

  /** Ends the run. @param failure null if there was none */
  void end(@Nullable RunResult result, @Nullable Throwable failure) {
    ended.countDown(); // first: whoever waits for the stage finds that the run has ended
    if (failure == null) {
      super.complete(result);
    } else {
      super.completeExceptionally(failure);
    }
  }
}
