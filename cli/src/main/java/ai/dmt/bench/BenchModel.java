package ai.dmt.bench;

import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.plan.ModelPreset;
import java.nio.file.Path;

/** A model to measure: a shape with random weights, or a folder with those that it has. */
public abstract class BenchModel {
  private final String text;

  private BenchModel(String text) {
    this.text = text;
  }

  /** A shape. */
  public static BenchModel of(ModelPreset preset) {
    return new BenchModel(preset.text()) {
      @Override
      NativeEngine open(int positions, EngineConfig config) {
        return NativeEngine.create(preset.model(positions), 0, config);
      }
    };
  }

  /** A Hugging Face folder. */
  public static BenchModel of(Path folder) {
    return new BenchModel(folder.toString()) {
      @Override
      NativeEngine open(int positions, EngineConfig config) {
        return NativeEngine.open(folder, config);
      }
    };
  }

  /** What the JSON line calls it. */
  String text() {
    return text;
  }

  /** Loads it. @param positions that a shape has at least; a folder has its own */
  abstract NativeEngine open(int positions, EngineConfig config);
}
