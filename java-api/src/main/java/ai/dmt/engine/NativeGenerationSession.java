package ai.dmt.engine;

import ai.dmt.bindings.Generation;
import ai.dmt.internal.handle.HandleGuard;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** Decoding in native code. A call of a session is one of its engine, behind the engine's guard. */
final class NativeGenerationSession implements GenerationSession {
  private final HandleGuard engine;
  private final Generation generation; // used behind the guard alone
  private final int slots;
  private final int maxTokens;
  private final ToIntFunction<Optional<String>> adapters;
  private final Consumer<NativeGenerationSession> onClose;
  private int openRequests; // behind the guard
  private volatile boolean closed;

  /**
   * Takes over the native object.
   *
   * @param adapters finds the number of an adapter in the engine
   * @param onClose tells the engine, which then forgets the session
   */
  NativeGenerationSession(
      HandleGuard engine,
      Generation generation,
      int slots,
      int maxTokens,
      ToIntFunction<Optional<String>> adapters,
      Consumer<NativeGenerationSession> onClose) {
    this.engine = engine;
    this.generation = generation;
    this.slots = slots;
    this.maxTokens = maxTokens;
    this.adapters = adapters;
    this.onClose = onClose;
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public int maxTokens() {
    return maxTokens;
  }

  @Override
  public int open(int[] prompt, SamplingConfig sampling, Optional<String> adapter) {
    return call(
        "open of a generation session",
        () -> {
          int number = adapters.applyAsInt(adapter);
          int slot = generation.open(prompt, prompt.length, NativeConfigs.of(sampling), number);
          openRequests++;
          return slot;
        });
  }

  @Override
  public void takePart() {
    run("takePart of a generation session", generation::take_part);
  }

  @Override
  public int[] step() {
    int[] tokens = new int[slots];
    run("step of a generation session", () -> generation.step(tokens));
    return tokens;
  }

  @Override
  public void close(int slot) {
    run(
        "close of a request",
        () -> {
          generation._close(slot);
          openRequests--;
        });
  }

  @Override
  public void close() {
    if (!closed) {
      engine.runInTurn(
          "close of a generation session",
          () -> {
            free();
            onClose.accept(this);
          });
    }
  }

  /** Frees the cache; behind the guard, or when the engine itself is closed. */
  void free() {
    if (!closed) {
      closed = true;
      openRequests = 0;
      generation.close();
    }
  }

  /** Requests that are being answered. */
  int openRequests() {
    return openRequests;
  }

  private <T> T call(String what, Supplier<T> call) {
    requireOpen();
    return engine.call(
        what,
        () -> {
          requireOpen();
          return NativeCall.get(call);
        });
  }

  private void run(String what, Runnable call) {
    call(
        what,
        () -> {
          call.run();
          return null;
        });
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the generation session is closed, or its engine is");
    }
  }
}
