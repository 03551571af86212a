package ai.dmt.cli;

import ai.dmt.bench.BenchJob;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.plan.ModelPreset;
import java.util.Iterator;
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
      defaultValue = "tiny",
      paramLabel = "NAME",
      completionCandidates = Presets.class,
      description = "Shape: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String preset;

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
    BenchJob job = new BenchJob(ModelPreset.parse(preset), engine, batch, length, steps);
    NativeRuntime.requireDevice(engine.device().at(0));
    return job;
  }
}
