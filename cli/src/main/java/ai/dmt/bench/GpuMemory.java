package ai.dmt.bench;

import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.NativeRuntime;

/** What the driver counts of a GPU beyond what was in use when this was made. */
final class GpuMemory {
  private final DeviceConfig device;
  private final long before;

  /**
   * @param device nothing is counted on a CPU
   */
  GpuMemory(DeviceConfig device) {
    this.device = device.at(0);
    this.before = device.isCuda() ? NativeRuntime.gpuBytesInUse(this.device.index()) : 0;
  }

  /** In MiB; null on a CPU. libtorch gives nothing back, so it is also the most that was in use. */
  Long usedMegabytes() {
    return device.isCuda() ? (NativeRuntime.gpuBytesInUse(device.index()) - before) >> 20 : null;
  }
}
