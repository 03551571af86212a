package ai.dmt.cli;

import ai.dmt.bench.BenchJob;
import ai.dmt.bench.BenchModel;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.model.ModelInfo;
import ai.dmt.plan.ModelPreset;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What both benchmarks share. */
final class BenchOptions {
  /** For the help text. */
  static final class Presets implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ModelPreset.names().iterator();
    }
  }

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      completionCandidates = Presets.class,
      description = "Shape: ${COMPLETION-CANDIDATES} (default: tiny). Its weights are random.")
  private @Nullable String preset; // null where it is not given

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face folder in place of a shape.")
  private @Nullable Path model; // null where it is not given

  @Option(
      names = "--batch",
      defaultValue = "8",
      paramLabel = "B",
      description = "Sequences that go through the model together (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--steps",
      defaultValue = "8",
      paramLabel = "N",
      description = "Measured steps (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Mixin private ComputeOptions compute;

  /** How the engine computes. */
  EngineConfig engine(EngineConfig base) {
    return compute.applyTo(base);
  }

  /** What is measured on an engine, whose device must be there. */
  BenchJob job(EngineConfig engine, int length) {
    BenchJob job = new BenchJob(model(), engine, batch, length, steps);
    NativeRuntime.requireDevice(engine.device().at(0));
    return job;
  }

  private BenchModel model() {
    if (model == null) {
      return BenchModel.of(ModelPreset.parse(preset == null ? "tiny" : preset));
    }
    if (preset != null) {
      throw new ConfigException(
          "--preset %s and --model %s exclude each other".formatted(preset, model));
    }
    ModelInfo.read(model);
    return BenchModel.of(model);
  }
}
