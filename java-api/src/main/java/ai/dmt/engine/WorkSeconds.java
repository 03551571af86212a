package ai.dmt.engine;

/**
 * What the time of an engine's device went into, in seconds; what is left of the total was spent
 * otherwise, or idle.
 *
 * @param products matrix products, with an addition or, on the CPU, a norm that is fused to one
 * @param attention forward and backward
 * @param elementWise norms, rotary embedding, SwiGLU, embedding, sums of ranks' parts
 * @param loss cross-entropy, without the product that makes the logits
 * @param optimizer gradient norm, AdamW, zeroing what stays of the gradients
 * @param communication waiting for collectives, with nothing else to do
 * @param total from {@link NativeEngine#startClock} to {@link NativeEngine#stopClock}
 */
public record WorkSeconds(
    double products,
    double attention,
    double elementWise,
    double loss,
    double optimizer,
    double communication,
    double total) {
  /** {@return the part of the total that is none of the others, in seconds} */
  public double other() {
    return total - products - attention - elementWise - loss - optimizer - communication;
  }

  /**
   * {@return the seconds of one step on average}
   *
   * @param steps how many were made between start and stop of the clock, from 1
   */
  public WorkSeconds of(int steps) {
    return new WorkSeconds(
        products / steps,
        attention / steps,
        elementWise / steps,
        loss / steps,
        optimizer / steps,
        communication / steps,
        total / steps);
  }
}
