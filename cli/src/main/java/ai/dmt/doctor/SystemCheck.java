package ai.dmt.doctor;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.CpuModel;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.evaluators.sandbox.Sandbox;
import ai.dmt.evaluators.sandbox.SandboxSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the machine and the installation offer. Loads the native library. */
public final class SystemCheck {
  /**
   * One line of the report.
   *
   * @param verdict {@link Finding.Verdict#NONE} for what is only told
   */
  public record Line(String subject, String found, Finding.Verdict verdict) {}

  private final List<Line> lines = new ArrayList<>();

  private final DeviceConfig device;

  private SystemCheck(DeviceConfig device) {
    this.device = device;
  }

  /** Looks at everything. @param device that must be there */
  public static List<Line> run(DeviceConfig device) {
    SystemCheck check = new SystemCheck(device);
    check.java();
    check.cpu();
    check.nativeLibrary();
    check.cache();
    check.gpu();
    check.sandbox();
    return List.copyOf(check.lines);
  }

  private void java() {
    int feature = Runtime.version().feature();
    add(
        "JDK",
        "%s, %s, heap at most %s MB"
            .formatted(
                Runtime.version(),
                System.getProperty("java.vendor"),
                Runtime.getRuntime().maxMemory() >> 20),
        feature >= 17);
    String arch = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    add("platform", arch, arch.equals("Linux amd64"));
  }

  private void cpu() {
    List<String> lines = lines(Path.of("/proc/cpuinfo"));
    tell(
        "CPU",
        "%s, %s threads".formatted(CpuModel.name(), Runtime.getRuntime().availableProcessors()));
    Set<String> flags = new HashSet<>(List.of(value(lines, "flags").strip().split("\\s+")));
    String found =
        Stream.of("avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16")
            .map(flag -> flag + (flags.contains(flag) ? " yes" : " no"))
            .collect(Collectors.joining(", "));
    add("CPU features", found, flags.contains("avx2") && flags.contains("fma"));
    if (!flags.contains("avx512_bf16") && !flags.contains("amx_bf16")) {
      tell("bfloat16", "no instructions for it: float32 is as fast or faster here");
    }
  }

  private void nativeLibrary() {
    String path = System.getProperty("dmt.native.path", "");
    tell("native folder", path.isEmpty() ? "none, unpacked from the jars" : path);
    try {
      String version = NativeRuntime.torchVersion();
      add("native library", "libtorch " + version + " loads", true);
      tell("threads", Integer.toString(NativeRuntime.threads()));
    } catch (EngineException e) {
      add("native library", e.getMessage(), false);
      return;
    }
    Set<String> openMp = mapped("libgomp", "libiomp", "libomp");
    add("OpenMP", openMp + (openMp.size() == 1 ? "" : "; expected one"), openMp.size() == 1);
    tell("BLAS", mapped("libopenblas", "libmkl_rt", "libblas").toString());
  }

  private void cache() {
    String set = System.getProperty("org.bytedeco.javacpp.cachedir", "");
    Path folder =
        set.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".javacpp", "cache")
            : Path.of(set);
    Path existing = folder.toAbsolutePath();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    add("JavaCPP cache", folder.toString(), Files.isWritable(existing));
  }

  private void gpu() {
    List<String> driver = lines(Path.of("/proc/driver/nvidia/version"));
    tell("GPU driver", driver.isEmpty() ? "none" : driver.get(0));
    try {
      tell("GPU kernels", NativeRuntime.gpuReport());
      gpuTraining();
    } catch (EngineException e) {
      tell("GPU kernels", "not known: the native library does not load");
    }
  }

  /** A fault only where a GPU was asked for. */
  private void gpuTraining() {
    DeviceConfig gpu = (device.isCuda() ? device : DeviceConfig.cuda()).at(0);
    try {
      NativeRuntime.requireDevice(gpu);
      tell("GPU training", "device=cuda works on GPU " + gpu.index());
    } catch (ConfigException e) {
      if (device.isCuda()) {
        add("GPU training", e.getMessage(), false);
      } else {
        tell("GPU training", e.getMessage());
      }
    }
  }

  private void sandbox() {
    try (Sandbox sandbox = Sandbox.open(SandboxSettings.defaults())) {
      tell("sandbox", sandbox.description() + " works; dmt score humaneval needs it");
    } catch (ConfigException e) {
      tell("sandbox", e.getMessage());
    }
  }

  /** Shared libraries of this process whose names begin so. */
  private static Set<String> mapped(String... prefixes) {
    Set<String> found = new TreeSet<>();
    for (String line : lines(Path.of("/proc/self/maps"))) {
      String file = line.substring(line.lastIndexOf('/') + 1);
      if (line.contains("/") && Arrays.stream(prefixes).anyMatch(file::startsWith)) {
        found.add(line.substring(line.indexOf('/')));
      }
    }
    return found;
  }

  private static String value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .orElse("unknown");
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // not there, so there is nothing to tell
    }
  }

  private void tell(String subject, String found) {
    lines.add(new Line(subject, found, Finding.Verdict.NONE));
  }

  private void add(String subject, String found, boolean holds) {
    lines.add(new Line(subject, found, holds ? Finding.Verdict.OK : Finding.Verdict.FAIL));
  }
}
