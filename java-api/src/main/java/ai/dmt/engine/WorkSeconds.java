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
  /** The part of the total that is none of the others. */
  public double other() {
    return total - products - attention - elementWise - loss - optimizer - communication;
  }

  /** Of one of so many steps that the time was that of. */
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
