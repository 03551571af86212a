package ai.dmt.dist;

import ai.dmt.bindings.ProcessGroupLibraries;
import ai.dmt.engine.EngineException;
import java.time.Duration;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/** Ranks that talk through NCCL, each on a GPU of its own. */
final class NcclGroup implements ProcessGroup {
  private final ProcessGroupNCCL group;

  private NcclGroup(ProcessGroupNCCL group) {
    this.group = group;
  }

  /**
   * Meets the other ranks of the group. The engine has loaded libtorch's CUDA part.
   *
   * @param store that all of them share
   * @param gpu number of this rank's, from 0
   * @param timeout of a collective
   */
  static NcclGroup connect(Store store, int rank, int size, int gpu, Duration timeout) {
    try {
      ProcessGroupLibraries.loadNccl(
          Device.class,
          DeviceOptional.class,
          ProcessGroupNCCL.class,
          ProcessGroupNCCL.Options.class);
    } catch (UnsatisfiedLinkError e) {
      throw new EngineException(message(e), e);
    }
    // What others wait for goes before products that nobody waits for yet.
    ProcessGroupNCCL.Options options = ProcessGroupNCCL.Options.create(true);
    options.timeout(new Milliseconds(timeout.toMillis()));
    ProcessGroupNCCL group = new ProcessGroupNCCL(store, rank, size, options);
    Device device = new Device("cuda:" + gpu);
    try {
      group.setBoundDeviceId(new DeviceOptional(device));
      group.eagerConnectSingleDevice(device); // a rank that cannot be reached is told here
    } catch (RuntimeException e) {
      new NcclGroup(group).close(true);
      throw e;
    }
    return new NcclGroup(group);
  }

  @Override
  public long address() {
    return group.address();
  }

  @Override
  public void close(boolean failed) {
    if (failed) {
      group.abort(); // the others may not come any more
    } else {
      group.shutdown();
    }
    group.close();
  }

  static String message(UnsatisfiedLinkError e) {
    String message = "NCCL cannot be used: " + e.getMessage();
    return message.contains("libnccl.so.2")
        ? message
            + "; install it (Debian and Ubuntu: libnccl2 of NVIDIA's repository; else pip install"
            + " nvidia-nccl-cu13)"
        : message;
  }
}
