package ai.dmt.engine;

import ai.dmt.bindings.DmtEngine;
import ai.dmt.bindings.NativeLoader;

/** The native libraries, loaded once; the engine is told what loading them has shown. */
final class NativeLibraries {
  private NativeLibraries() {}

  /**
   * Loads them, unless they are.
   *
   * @throws LinkageError if one cannot be loaded; the message says which
   */
  static void load() {
    NativeLoader.load();
    if (!NativeLoader.gpuFault().isEmpty()) {
      NativeCall.run(() -> DmtEngine.set_cpu_libtorch_explanation(NativeLoader.gpuFault()));
    }
  }
}
