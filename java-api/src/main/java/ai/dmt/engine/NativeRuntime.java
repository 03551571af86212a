package ai.dmt.engine;

import ai.dmt.bindings.DmtEngine;
import ai.dmt.bindings.presets.EnginePresets;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Printable;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What engines of this process run on. Loads the native library. */
public final class NativeRuntime {
  private static final ModelConfig SMALL = ModelConfig.llama(64, 64, 64, 1, 1, 1, 64);

  private NativeRuntime() {}

  /**
   * {@return the version of libtorch, such as "2.13.0"}
   *
   * @throws EngineException if the native library cannot be loaded
   */
  public static String torchVersion() {
    load();
    return NativeCall.get(() -> DmtEngine.torch_version().getString(StandardCharsets.UTF_8));
  }

  /**
   * Unpacks the native libraries where jars hold them; before processes are started that would all
   * do it.
   */
  public static void unpackLibraries() {
    if (System.getProperty(EnginePresets.NATIVE_PATH_PROPERTY, "").isEmpty()) {
      torchVersion();
    }
  }

  /**
   * {@return how many CPU threads an engine uses unless its configuration says otherwise}
   *
   * @throws EngineException if the native library cannot be loaded
   */
  public static int threads() {
    load();
    return NativeCall.get(DmtEngine::thread_count);
  }

  /**
   * {@return the GPUs that this process finds and the kernels for them, or what is missing and how
   * to get it; for people}
   *
   * @throws EngineException if the native library cannot be loaded
   */
  public static String gpuReport() {
    load();
    return NativeCall.get(() -> DmtEngine.gpu_report().getString(StandardCharsets.UTF_8));
  }

  /**
   * Looks at a GPU and at all that an engine needs for it: the driver, NVIDIA's libraries with
   * their versions, the kernels, a launch, attention against plain products, NCCL where there are
   * several GPUs, and speed. What cannot be looked at is told with the reason. Takes some seconds,
   * and 2 GB of the GPU.
   *
   * @param index of the GPUs that this process sees, from 0
   * @param findings gets each as soon as it is known
   * @throws EngineException if the native library cannot be loaded
   */
  public static void checkGpu(int index, Consumer<GpuFinding> findings) {
    load();
    for (DmtEngine.GpuCheck check : DmtEngine.GpuCheck.values()) {
      String lines =
          NativeCall.get(() -> DmtEngine.check_gpu(check, index).getString(StandardCharsets.UTF_8));
      lines.lines().map(GpuFinding::parse).forEach(findings);
    }
  }

  /**
   * Demands that engines can be made on a device, by making a small one. Does nothing for the CPU.
   *
   * @param device with its number told, see {@link DeviceConfig#at}
   * @throws ConfigException if it cannot be used: with the engine's words
   * @throws EngineException if the native library cannot be loaded
   */
  public static void requireDevice(DeviceConfig device) {
    if (!device.isCuda()) {
      return;
    }
    load();
    try {
      NativeEngine.create(SMALL, 0, EngineConfig.inference().withDevice(device)).close();
    } catch (EngineException e) {
      throw new ConfigException(e.getMessage());
    }
  }

  /**
   * {@return the version of the NCCL that is loaded, as it numbers itself: 22603 is 2.26.3; 0 where
   * none is loaded}
   */
  public static int ncclVersion() {
    load();
    return NativeCall.get(DmtEngine::nccl_version);
  }

  /**
   * {@return how many bytes of a GPU are in use, by this process or another}
   *
   * @param index of the GPUs that this process sees, from 0
   * @throws EngineException if there is no such GPU, or the native library cannot be loaded
   */
  public static long gpuBytesInUse(int index) {
    load();
    return NativeCall.get(() -> DmtEngine.gpu_bytes_in_use(index));
  }

  private static void load() {
    try {
      NativeLibraries.load();
    } catch (LinkageError e) {
      throw new EngineException(Printable.reason(e), e);
    }
  }
}
