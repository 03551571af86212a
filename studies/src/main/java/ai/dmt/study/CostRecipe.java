package ai.dmt.study;

import ai.dmt.internal.text.Faults;
import ai.dmt.plan.GpuKind;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * On which GPUs a study would run, to predict hours before anything is bought.
 *
 * @param gpu one of {@link GpuKind#names()}, or a name of one's own with peakTflops and utilization
 * @param gpus that train a run together
 * @param peakTflops bfloat16 products of one GPU in 10^12 operations a second; 0 for what is known
 *     of the named one
 * @param utilization share of the peak that training's own operations reach; 0 for what is assumed
 *     of the named one
 * @param shape of the model, to plan without its folder; null to read the folder's config.json
 */
public record CostRecipe(
    String gpu, int gpus, double peakTflops, double utilization, @Nullable ModelShape shape) {
  /**
   * Checks ranges, and that the GPU is known or described.
   *
   * @param gpu one of {@link GpuKind#names()}, or a name of one's own with peakTflops and
   *     utilization
   * @param gpus that train a run together; at least 1
   * @param peakTflops of one GPU; 0 for what is known of the named one
   * @param utilization in [0, 1]; 0 for what is assumed of the named one
   * @param shape of the model; null to read the folder's config.json
   */
  public CostRecipe {
    new Faults("cost")
        .positive("gpus", gpus)
        .notNegative("peak_tflops", peakTflops)
        .inRange("utilization", utilization, 0, 1)
        .require(
            peakTflops > 0 && utilization > 0 || GpuKind.find(gpu).isPresent(),
            "gpu \"%s\" is none of %s; give peak_tflops and utilization for another"
                .formatted(gpu, String.join(", ", GpuKind.names())))
        .throwIfAny();
  }

  /** {@return what is used where a study says nothing, by component} */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new HashMap<>();
    values.put("gpu", GpuKind.H100_80GB.text());
    values.put("gpus", 8);
    values.put("peakTflops", 0.0);
    values.put("utilization", 0.0);
    return values;
  }

  /** Operations a second of one GPU at its best. */
  double peak() {
    return 1e12
        * (peakTflops > 0 ? peakTflops : GpuKind.find(gpu).map(GpuKind::peakTflops).orElse(0.0));
  }

  /** Share of the peak that is reckoned with. */
  double assumed() {
    return utilization > 0 ? utilization : GpuKind.find(gpu).map(GpuKind::utilization).orElse(0.0);
  }
}
