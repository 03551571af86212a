package ai.dmt.engine;

import ai.dmt.bindings.Generation;

/** Decoding in native code. */
final class NativeGenerationSession implements GenerationSession {
  private final int slots;
  private final int maxTokens;
  private final Runnable onClose;
  private Generation generation; // null once closed

  /**
   * Takes over the native object. @param onClose tells the engine, which then forgets the session
   */
  NativeGenerationSession(Generation generation, int slots, int maxTokens, Runnable onClose) {
    this.generation = generation;
    this.slots = slots;
    this.maxTokens = maxTokens;
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
  public int open(int[] prompt, SamplingConfig sampling) {
    Generation open = open();
    return NativeCall.get(() -> open.open(prompt, prompt.length, NativeConfigs.of(sampling)));
  }

  @Override
  public void takePart() {
    Generation open = open();
    NativeCall.run(open::take_part);
  }

  @Override
  public int[] step() {
    Generation open = open();
    int[] tokens = new int[slots];
    NativeCall.run(() -> open.step(tokens));
    return tokens;
  }

  @Override
  public void close(int slot) {
    Generation open = open();
    NativeCall.run(() -> open._close(slot));
  }

  @Override
  public void close() {
    if (generation != null) {
      generation.close();
      generation = null;
      onClose.run();
    }
  }

  private Generation open() {
    if (generation == null) {
      throw new IllegalStateException("the generation session is closed, or its engine is");
    }
    return generation;
  }
}
