package ai.dmt.engine;

import ai.dmt.internal.text.Faults;

/**
 * The device of an engine.
 *
 * @param device its kind
 * @param index of the GPUs that this process sees (CUDA_VISIBLE_DEVICES), from 0; {@link
 *     #LOCAL_RANK} for the number of the rank on its node. Without meaning on the CPU
 */
public record DeviceConfig(Device device, int index) {
  /** Every rank of a node takes the GPU of its own number; 0 for a process alone. */
  public static final int LOCAL_RANK = -1;

  /** The machine's cores. */
  public static final DeviceConfig CPU = new DeviceConfig(Device.CPU, LOCAL_RANK);

  /**
   * Checks ranges.
   *
   * @param device not null
   * @param index from 0, or {@link #LOCAL_RANK}
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public DeviceConfig {
    new Faults("device")
        .present("device", device)
        .require(
            index >= LOCAL_RANK,
            "device_index must be the number of a GPU from 0, or %s for the local rank, got %s"
                .formatted(LOCAL_RANK, index))
        .throwIfAny();
  }

  /** {@return the GPU of the local rank's number} */
  public static DeviceConfig cuda() {
    return new DeviceConfig(Device.CUDA, LOCAL_RANK);
  }

  /** {@return whether it is a GPU} */
  public boolean isCuda() {
    return device == Device.CUDA;
  }

  /**
   * {@return the same device with its number told: the local rank's for {@link #LOCAL_RANK}}
   *
   * @param localRank number of the process that uses it on its node, from 0
   */
  public DeviceConfig at(int localRank) {
    return index == LOCAL_RANK ? new DeviceConfig(device, localRank) : this;
  }
}
