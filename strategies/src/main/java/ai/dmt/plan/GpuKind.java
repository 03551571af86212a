package ai.dmt.plan;

import ai.dmt.engine.DType;
import ai.dmt.internal.text.Named;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * GPUs that plans know. Peaks, memory and bandwidths are the vendor's; the share of the peak that
 * training reaches is assumed: that of published trainings of 7 to 34 billion parameters in
 * bfloat16, most of them with recomputation: 55 to 64 % on A100, 38 to 46 % on H100 (llm-foundry,
 * fms-fsdp); for the others nothing comparable is published, and less is assumed. Nothing of ours
 * was measured.
 */
public enum GpuKind {
  /** A100 with 40 GB, SXM. */
  A100_40GB(312, 19.5, 0.50, 42.4, 1555, 225, 25),
  /** A100 with 80 GB, SXM. */
  A100_80GB(312, 19.5, 0.50, 85.5, 2039, 225, 25),
  /** H100 with 80 GB, SXM. */
  H100_80GB(989.4, 67, 0.40, 85.5, 3350, 361, 50),
  /** H200 with 141 GB, SXM. */
  H200_141GB(989.4, 67, 0.40, 150.7, 4800, 361, 50),
  /** B200 with 180 GB. */
  B200_180GB(2250, 75, 0.35, 192.0, 8000, 700, 50),
  /** L40S with 48 GB, behind PCIe. */
  L40S_48GB(362, 91.6, 0.40, 48.3, 864, 20, 12.5),
  /** RTX 4090 with 24 GB, behind PCIe. */
  RTX4090_24GB(165.2, 82.6, 0.50, 25.7, 1008, 18, 3);

  private static final double TERA = 1e12;
  private static final double GIGA = 1e9;

  private final double peakTflops;
  private final double float32Tflops;
  private final double utilization;
  private final double memory;
  private final double bandwidth;
  private final double link;
  private final double network;

  /**
   * Constants of one kind.
   *
   * @param peakTflops dense bfloat16 products of the data sheet, 10^12 operations a second
   * @param float32Tflops the same in float32
   * @param utilization assumed share of the peak
   * @param memory that programs have, 10^9 bytes
   * @param bandwidth of the memory, 10^9 bytes a second
   * @param link "bus bandwidth" of collectives among the GPUs of a node, 10^9 bytes a second
   * @param network of each GPU to other nodes, 10^9 bytes a second
   */
  GpuKind(
      double peakTflops,
      double float32Tflops,
      double utilization,
      double memory,
      double bandwidth,
      double link,
      double network) {
    this.peakTflops = peakTflops;
    this.float32Tflops = float32Tflops;
    this.utilization = utilization;
    this.memory = memory;
    this.bandwidth = bandwidth;
    this.link = link;
    this.network = network;
  }

  /** {@return dense bfloat16 products of the data sheet, in 10^12 operations a second} */
  public double peakTflops() {
    return peakTflops;
  }

  /**
   * {@return the share of the peak that training's own operations are assumed to reach, in (0, 1];
   * what is computed twice counts once}
   */
  public double utilization() {
    return utilization;
  }

  /** Operations a second at its best. */
  double peak(DType type) {
    return TERA * (type == DType.BFLOAT16 ? peakTflops : float32Tflops);
  }

  /** Bytes that programs have. */
  long memoryBytes() {
    return Math.round(GIGA * memory);
  }

  /** Bytes a second of its memory. */
  double memoryBandwidth() {
    return GIGA * bandwidth;
  }

  /** Bytes a second of collectives within a node. */
  double link() {
    return GIGA * link;
  }

  /** Bytes a second of one GPU to other nodes. */
  double network() {
    return GIGA * network;
  }

  /** {@return the name in recipes and on the command line, such as "h100-80gb"} */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return all names} */
  public static List<String> names() {
    return Arrays.stream(values()).map(GpuKind::text).toList();
  }

  /**
   * {@return the kind of a name, or of its part before the memory where that says enough: "b200"}
   *
   * @param name such as "h100-80gb"
   */
  public static Optional<GpuKind> find(String name) {
    List<GpuKind> named =
        Arrays.stream(values())
            .filter(each -> each.text().equals(name) || each.text().startsWith(name + "-"))
            .toList();
    return named.size() == 1 ? Optional.of(named.get(0)) : Optional.empty();
  }

  /**
   * Finds a kind.
   *
   * @param name as {@link #find} takes it
   * @return the kind
   * @throws ai.dmt.config.ConfigException if there is none; has the nearest name and all
   */
  public static GpuKind parse(String name) {
    return find(name).orElseGet(() -> Named.ofKind("GPU", values(), GpuKind::text, name, "cpu"));
  }
}
