package ai.dmt.plan;

import ai.dmt.engine.DType;
import ai.dmt.engine.Device;
import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.Interconnect;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.engine.Sharding;
import ai.dmt.internal.text.Faults;
import java.nio.file.Path;

/**
 * What ranks run on.
 *
 * @param name such as "h100-80gb" or "cpu"
 * @param device of each rank
 * @param memory bytes: of each GPU, or of the machine whose CPUs compute
 * @param reserved bytes beside what the engine plans, for each rank
 * @param ranksPerNode ranks that share a node
 * @param bandwidth bytes a second at which weights are read again for each micro-batch: of each
 *     GPU, or of the machine whose CPUs compute
 * @param network bytes a second of one rank to other nodes
 * @param speed of one rank alone on the machine, or, if {@code speedOfRank}, of each of them
 * @param speedOfRank whether the speed was measured with all ranks at work
 */
public record Machine(
    String name,
    DeviceConfig device,
    long memory,
    long reserved,
    int ranksPerNode,
    double bandwidth,
    double network,
    Speed speed,
    boolean speedOfRank) {
  /** Name of this machine's CPUs. */
  public static final String CPU = "cpu";

  /** Name of whatever {@link #found} finds. */
  public static final String HERE = "here";

  /** CUDA's context, the products' workspace, attention's own buffers and NCCL (docs/gpu.md). */
  private static final long BESIDE_GPU_PLAN = 5_000_000_000L;

  /** The process with libtorch and the tokenised data. */
  private static final long BESIDE_CPU_PLAN = 700_000_000L;

  /** Bytes a second of weights that each core reads beside its products; measured on two cores. */
  private static final double CPU_BANDWIDTH = 3e9;

  /** Part of a network's speed that collectives reach. */
  private static final double NETWORK_REACHES = 0.9;

  /**
   * Checks ranges.
   *
   * @param name not null
   * @param device not null
   * @param memory above 0
   * @param reserved at least 0
   * @param ranksPerNode at least 1
   * @param bandwidth above 0
   * @param network above 0
   * @param speed not null
   * @param speedOfRank whether the speed was measured with all ranks at work
   */
  public Machine {
    new Faults("machine")
        .present("name", name)
        .present("device", device)
        .positive("memory", memory)
        .notNegative("reserved", reserved)
        .positive("ranksPerNode", ranksPerNode)
        .present("speed", speed)
        .throwIfAny();
  }

  /**
   * {@return nodes with GPUs of one kind, at an assumed speed}
   *
   * @param gpu kind
   * @param type in which products are computed
   * @param gpusPerNode at least 1
   */
  public static Machine gpus(GpuKind gpu, DType type, int gpusPerNode) {
    return new Machine(
        gpu.text(),
        new DeviceConfig(Device.CUDA, 0),
        gpu.memoryBytes(),
        BESIDE_GPU_PLAN,
        gpusPerNode,
        gpu.memoryBandwidth(),
        gpu.network(),
        Speed.assumed(gpu, type),
        false);
  }

  /**
   * {@return the same nodes behind another network}
   *
   * @param bytes a second of one rank to other nodes, above 0
   */
  public Machine withNetwork(double bytes) {
    return new Machine(
        name, device, memory, reserved, ranksPerNode, bandwidth, bytes, speed, speedOfRank);
  }

  /**
   * {@return one machine whose ranks compute on its CPUs, at an assumed speed}
   *
   * @param cores of the machine, at least 1
   * @param memory of the machine, in bytes
   */
  public static Machine cpus(int cores, long memory) {
    return new Machine(
        CPU,
        DeviceConfig.CPU,
        memory,
        BESIDE_CPU_PLAN,
        Integer.MAX_VALUE,
        CPU_BANDWIDTH * cores,
        Double.POSITIVE_INFINITY,
        Speed.assumedCpu(cores),
        false);
  }

  /** {@return this machine, whose CPUs compute, at an assumed speed} */
  public static Machine here() {
    return cpus(Runtime.getRuntime().availableProcessors(), MachineMemory.bytes());
  }

  /**
   * {@return the same at the speed that {@link Calibration} measured before, if it did}
   *
   * @param speeds folder of what was measured
   * @param model whose widths count
   * @param config its settings and ranks
   * @throws ai.dmt.config.ConfigException if the file is damaged
   */
  public Machine measuredIn(Path speeds, ModelConfig model, EngineConfig config) {
    return new SpeedFile(speeds, name, model, config).read().map(this::measured).orElse(this);
  }

  /**
   * {@return the same at a speed that was measured with all ranks at work}
   *
   * @param measured of each rank
   */
  public Machine measured(Speed measured) {
    return new Machine(
        name, device, memory, reserved, ranksPerNode, bandwidth, network, measured, true);
  }

  /**
   * {@return the machine of this process, whose ranks compute on a device}
   *
   * @param device with its number told; a GPU is looked at, which loads the native library
   * @param type in which products are computed
   * @param ranksPerNode at least 1
   * @throws ai.dmt.config.ConfigException if the GPU cannot be looked at
   */
  public static Machine here(DeviceConfig device, DType type, int ranksPerNode) {
    return (device.isCuda()
            ? GpuHere.machine(NativeRuntime.gpuReport(), device.index(), type)
            : here())
        .withRanksPerNode(ranksPerNode);
  }

  /**
   * {@return the machine that is there: GPUs as its first one, or its CPUs if it has none. Loads
   * the native library}
   *
   * @param type in which products are computed
   * @param gpusPerNode at least 1
   */
  public static Machine found(DType type, int gpusPerNode) {
    return GpuHere.isOneIn(NativeRuntime.gpuReport())
        ? here(new DeviceConfig(Device.CUDA, 0), type, gpusPerNode)
        : here();
  }

  /** The same with other nodes. */
  private Machine withRanksPerNode(int ranks) {
    return new Machine(
        name, device, memory, reserved, ranks, bandwidth, network, speed, speedOfRank);
  }

  /**
   * {@return the same with other memory}
   *
   * @param bytes of each GPU, or of the machine whose CPUs compute; above 0
   */
  public Machine withMemory(long bytes) {
    return withMemory(bytes, speed);
  }

  /** The same with what a GPU was seen to have. */
  Machine withMemory(long bytes, Speed own) {
    return new Machine(
        name, device, bytes, reserved, ranksPerNode, bandwidth, network, own, speedOfRank);
  }

  /** Bytes of weights a second that each of so many ranks reads. */
  double bandwidthOf(int ranks) {
    return device.isCuda() ? bandwidth : bandwidth / nodeSize(ranks);
  }

  /** Ranks of a node of a run. */
  int nodeSize(int ranks) {
    return Math.min(ranks, ranksPerNode);
  }

  /** Bytes that each of so many ranks has for what the engine plans. */
  long memoryOf(int ranks) {
    return (device.isCuda() ? memory : memory / nodeSize(ranks)) - reserved;
  }

  /** The speed of each of so many ranks, with what they reach each other through. */
  Speed speedOf(int ranks, Sharding sharding) {
    Speed own = speedOfRank || device.isCuda() ? speed : speed.shared(nodeSize(ranks));
    if (ranks <= ranksPerNode) {
      return own;
    }
    Interconnect node = own.interconnect();
    double nodes = NETWORK_REACHES * network * ranksPerNode;
    double across = Math.min(node.allGather(), nodes);
    return own.with(
        sharding == Sharding.HYBRID
            ? new Interconnect(
                node.allGather(),
                node.reduceScatter(),
                NETWORK_REACHES * network,
                node.productSpeedLost())
            : new Interconnect(across, across, across, node.productSpeedLost()));
  }
}
