package ai.dmt.engine;

import ai.dmt.bindings.DmtEngine;
import ai.dmt.bindings.NativeLoader;

/** What engines of this process run on. Loads the native library. */
public final class NativeRuntime {
  private NativeRuntime() {}

  /**
   * Version of libtorch, such as "2.13.0".
   *
   * @throws EngineException if the native library cannot be loaded
   */
  public static String torchVersion() {
    load();
    return NativeCall.get(() -> DmtEngine.torch_version().getString());
  }

  /**
   * CPU threads that engines use.
   *
   * @throws EngineException if the native library cannot be loaded
   */
  public static int threads() {
    load();
    return NativeCall.get(DmtEngine::thread_count);
  }

  /**
   * The GPUs that this process finds and the kernels for them, or what is missing and how to get
   * it. Engines compute on the CPU whatever it says.
   *
   * @throws EngineException if the native library cannot be loaded
   */
  public static String gpuReport() {
    load();
    return NativeCall.get(() -> DmtEngine.gpu_report().getString());
  }

  private static void load() {
    try {
      NativeLoader.load();
    } catch (LinkageError e) {
      throw new EngineException(e.getMessage(), e);
    }
  }
}
