package ai.dmt.engine;

import ai.dmt.internal.text.Faults;

/**
 * What ranks reach each other through, in bytes a second of NCCL's "bus bandwidth": of a whole of B
 * bytes, B (ranks - 1) / ranks reach a rank, in that time divided by this.
 *
 * @param allGather of weights
 * @param reduceScatter of gradients
 * @param allReduce of gradients among ranks that hold the same slices
 * @param productSpeedLost part of their speed that matrix products lose while a collective runs
 *     beside them, in [0, 1): NCCL takes processors of the GPU
 */
public record Interconnect(
    double allGather, double reduceScatter, double allReduce, double productSpeedLost) {
  /**
   * NCCL 2.27 on eight H200 behind NVLink 4 (stas00/ml-engineering); of the products' speed 0.3 to
   * 0.4 is published.
   */
  public static final Interconnect NVLINK_4 = new Interconnect(361e9, 363e9, 363e9, 0.35);

  /**
   * Checks ranges.
   *
   * @param allGather above 0
   * @param reduceScatter above 0
   * @param allReduce above 0
   * @param productSpeedLost in [0, 1)
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public Interconnect {
    new Faults("interconnect")
        .positive("allGather", allGather)
        .positive("reduceScatter", reduceScatter)
        .positive("allReduce", allReduce)
        .require(
            productSpeedLost >= 0 && productSpeedLost < 1,
            "productSpeedLost must be in [0, 1), got " + productSpeedLost)
        .throwIfAny();
  }
}
