package ai.dmt.study;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * GPUs whose peak is known and whose utilization is assumed. The shares are those of published
 * trainings of 7 to 34 billion parameters in bfloat16, most of them with recomputation: 55 to 64 %
 * on A100, 38 to 46 % on H100 (llm-foundry, fms-fsdp). Nothing of ours was measured.
 */
enum GpuKind {
  A100_40GB(312, 0.50),
  A100_80GB(312, 0.50),
  H100_80GB(989.4, 0.40),
  H200_141GB(989.4, 0.40);

  private final double peakTflops;
  private final double utilization;

  GpuKind(double peakTflops, double utilization) {
    this.peakTflops = peakTflops;
    this.utilization = utilization;
  }

  /** Dense bfloat16 products of the vendor's data sheet, in 10^12 operations a second. */
  double peakTflops() {
    return peakTflops;
  }

  /** Share of the peak that training's own operations reach; what is computed twice counts once. */
  double utilization() {
    return utilization;
  }

  /** Name in studies, such as "h100-80gb". */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static List<String> names() {
    return Arrays.stream(values()).map(GpuKind::text).toList();
  }

  static Optional<GpuKind> find(String name) {
    return Arrays.stream(values()).filter(each -> each.text().equals(name)).findFirst();
  }
}
