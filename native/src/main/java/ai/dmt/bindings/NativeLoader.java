package ai.dmt.bindings;

import ai.dmt.bindings.presets.EnginePresets;
import org.bytedeco.javacpp.Loader;

/** Loads the engine and libtorch. */
public final class NativeLoader {
  private NativeLoader() {}

  public static void load() {
    Loader.load(EnginePresets.class);
  }
}
