package ai.dmt.engine;

/**
 * What has computed attention on a GPU: calls, one for each layer forward and one backward. On a
 * CPU all are 0.
 *
 * @param cudnn of cuDNN: documents of equal lengths, in a shape that has been trained on before
 * @param flash of flash attention: documents of any lengths
 * @param plain of plain products: float32, and what the others lack; slow
 */
public record AttentionCalls(long cudnn, long flash, long plain) {
  /**
   * {@return a line for people, such as "attention on the GPU: cuDNN 0, flash 128, plain 0 calls"}
   */
  public String text() {
    return "attention on the GPU: cuDNN %s, flash %s, plain %s calls"
        .formatted(cudnn, flash, plain);
  }
}
