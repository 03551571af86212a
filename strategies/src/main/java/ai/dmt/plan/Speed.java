package ai.dmt.plan;

import ai.dmt.engine.DType;
import ai.dmt.engine.Interconnect;
import ai.dmt.internal.text.Units;

/**
 * How fast one rank computes and how fast it reaches the others.
 *
 * @param products operations of matrix products a second
 * @param attention operations of attention a second
 * @param elements values a second that element-wise operations go through
 * @param logits values a second that the loss goes through
 * @param updates parameters a second that the optimizer changes
 * @param overhead all of a step over the sum of these, at least 1
 * @param interconnect to the other ranks of the same node
 * @param hidesCommunication whether collectives run beside the passes, as on GPUs
 * @param basis what was measured, or what is assumed, for people
 * @param measured whether it was measured on a machine of this kind
 */
public record Speed(
    double products,
    double attention,
    double elements,
    double logits,
    double updates,
    double overhead,
    Interconnect interconnect,
    boolean hidesCommunication,
    String basis,
    boolean measured) {
  /** Bytes that an update reads and writes: weights, gradient, moments in float32. */
  private static final double BYTES_OF_UPDATE = 24;

  /** Of its memory's bandwidth. */
  private static final double UPDATES_REACH = 0.7;

  /** Bytes a second that Gloo moves over loopback for each rank; measured on two cores. */
  private static final double LOOPBACK = 0.9e9;

  /**
   * {@return what a kind of GPU is assumed to reach. Element-wise work and the loss are in the
   * share of the peak, which is of whole trainings}
   *
   * @param gpu kind
   * @param type in which products are computed
   */
  static Speed assumed(GpuKind gpu, DType type) {
    double products = gpu.peak(type) * gpu.utilization();
    double link = gpu.link();
    return new Speed(
        products,
        products,
        Double.POSITIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        UPDATES_REACH * gpu.memoryBandwidth() / BYTES_OF_UPDATE,
        1,
        new Interconnect(link, link, link, Interconnect.NVLINK_4.productSpeedLost()),
        true,
        Units.format(
            "predicted, not measured: %s at an assumed %.0f %% of its peak",
            gpu.text(), 100 * gpu.utilization()),
        false);
  }

  /**
   * {@return what CPUs are assumed to reach: two cores of a Xeon with AVX-512, scaled}
   *
   * @param cores of the machine
   */
  static Speed assumedCpu(int cores) {
    return new Speed(
        60e9 * cores,
        12e9 * cores,
        0.6e9 * cores,
        0.3e9 * cores,
        0.25e9 * cores,
        1.03,
        new Interconnect(LOOPBACK, LOOPBACK, LOOPBACK, 0),
        false,
        "predicted, not measured: %s cores as fast as those of a Xeon with AVX-512; --calibrate measures"
            .formatted(cores),
        false);
  }

  /** The speed of one of so many ranks that share what this is the speed of. */
  Speed shared(int ranks) {
    return new Speed(
        products / ranks,
        attention / ranks,
        elements / ranks,
        logits / ranks,
        updates / ranks,
        overhead,
        interconnect,
        hidesCommunication,
        basis,
        measured);
  }

  /** The same for another reason. */
  Speed because(String reason) {
    return new Speed(
        products,
        attention,
        elements,
        logits,
        updates,
        overhead,
        interconnect,
        hidesCommunication,
        reason,
        measured);
  }

  /** The same with another way to the other ranks. */
  Speed with(Interconnect other) {
    return new Speed(
        products,
        attention,
        elements,
        logits,
        updates,
        overhead,
        other,
        hidesCommunication,
        basis,
        measured);
  }
}
