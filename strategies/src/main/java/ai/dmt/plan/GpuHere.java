package ai.dmt.plan;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.DType;
import ai.dmt.internal.text.Units;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The GPUs of this process as machines that plans know, told by what the engine says of them. */
final class GpuHere {
  /** A device of {@link ai.dmt.engine.NativeRuntime#gpuReport}. */
  private static final Pattern GPU =
      Pattern.compile("(?:^|, )(\\d+): (.+?) \\((\\d+) MiB, compute capability ");

  private GpuHere() {}

  /** Whether there is any. */
  static boolean isOneIn(String report) {
    return GPU.matcher(report).find();
  }

  /**
   * The machine of one of them. One of a kind that plans do not know has its own memory, and the
   * speed of the kind whose memory is nearest.
   *
   * @param report of all GPUs
   * @param index of the rank's
   * @throws ConfigException if there is no such GPU: with the engine's words
   */
  static Machine machine(String report, int index, DType type) {
    Matcher gpus = GPU.matcher(report);
    while (gpus.find()) {
      if (Integer.parseInt(gpus.group(1)) == index) {
        return machine(gpus.group(2), Long.parseLong(gpus.group(3)) << 20, type);
      }
    }
    throw new ConfigException("device cuda: there is no GPU %s: %s".formatted(index, report));
  }

  private static Machine machine(String name, long memory, DType type) {
    GpuKind kind = kind(name, memory);
    Machine known = Machine.gpus(kind, type, 1);
    Speed speed = known.speed();
    return known.withMemory(
        memory,
        isOf(kind, name)
            ? speed
            : speed.because(
                Units.format("no plan knows %s: taken for a %s; ", name, kind.text())
                    + speed.basis()));
  }

  /** Of that name if there is one, else of all. */
  private static GpuKind kind(String name, long memory) {
    Comparator<GpuKind> nearest =
        Comparator.comparingLong(kind -> Math.abs(kind.memoryBytes() - memory));
    return Arrays.stream(GpuKind.values())
        .min(Comparator.comparing((GpuKind kind) -> !isOf(kind, name)).thenComparing(nearest))
        .orElseThrow();
  }

  /** Whether "NVIDIA H100 80GB HBM3" is an h100-80gb, and "NVIDIA GeForce RTX 4090" an rtx4090. */
  private static boolean isOf(GpuKind kind, String name) {
    String model = kind.text().substring(0, kind.text().indexOf('-'));
    return name.toLowerCase(Locale.ROOT).replace(" ", "").contains(model);
  }
}
