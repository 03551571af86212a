package ai.dmt.engine;

import ai.dmt.adapter.AdapterTarget;

/**
 * Bytes of a decoder block whose matrices are quantised: native/src/model/packed_block.cpp and
 * kernels/quantized_format.h in numbers.
 */
final class PackedBlock {
  /** Each parameter, and each part of one, begins at a multiple of it. */
  private static final long ALIGNMENT = 16;

  /** Elements of NF4 that share a scale. */
  private static final long BLOCK = 64;

  /** Scales that share a scale of their own. */
  private static final long SCALE_BLOCK = 256;

  private PackedBlock() {}

  static long bytes(ModelConfig model, EngineConfig config) {
    long norm = aligned(model.hiddenSize() * UnitSizes.bytes(config.computeDType()));
    return 2 * norm
        + AdapterTarget.ALL_LINEAR.stream()
            .mapToLong(
                matrix ->
                    matrix(
                        config.baseWeights(),
                        AdapterShapes.rows(model, matrix),
                        AdapterShapes.columns(model, matrix)))
            .sum();
  }

  private static long matrix(BaseWeights format, long rows, long columns) {
    long elements = rows * columns;
    if (format == BaseWeights.INT8) {
      return aligned(elements) + aligned(rows * Float.BYTES);
    }
    long blocks = (elements + BLOCK - 1) / BLOCK;
    long scales = (blocks + SCALE_BLOCK - 1) / SCALE_BLOCK;
    return aligned((elements + 1) / 2)
        + aligned(blocks)
        + aligned(scales * Float.BYTES)
        + aligned(Float.BYTES);
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
