package ai.dmt.cli;

import ai.dmt.engine.DType;
import ai.dmt.engine.Device;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import picocli.CommandLine.Option;

/** How an engine computes: options of all commands that load one. */
final class ComputeOptions {
  @Option(
      names = "--dtype",
      defaultValue = "float32",
      paramLabel = "TYPE",
      description = "float32 or bfloat16 (default: ${DEFAULT-VALUE}).")
  private String dtype;

  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "DEVICE",
      description = "cpu or cuda (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--device-index",
      defaultValue = "-1",
      paramLabel = "N",
      description = {
        "Number of the GPU, from 0; -1 takes the rank's number on its node",
        "(default: ${DEFAULT-VALUE})."
      })
  private int deviceIndex;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description = "CPU threads; 0 takes one per core (default: ${DEFAULT-VALUE}).")
  private int threads;

  /** The type, checked. */
  DType dtype() {
    return DType.parse("--dtype", dtype);
  }

  /** A configuration with these options. */
  EngineConfig applyTo(EngineConfig config) {
    return config
        .withDevice(new DeviceConfig(Device.parse(device), deviceIndex))
        .withComputeDType(dtype())
        .withThreads(threads);
  }
}
