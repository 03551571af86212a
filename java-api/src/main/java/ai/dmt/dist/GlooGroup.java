package ai.dmt.dist;

import java.time.Duration;
import java.util.List;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.gloo.Device;

/** Ranks that talk over TCP. */
final class GlooGroup implements ProcessGroup {
  private final ProcessGroupGloo group;

  private GlooGroup(ProcessGroupGloo group) {
    this.group = group;
  }

  /**
   * Meets the other ranks of the group.
   *
   * @param interfaceNames with commas between; "" to take {@code address}
   * @param address of this host that the others reach
   * @param store that all of them share
   * @param timeout of a collective
   */
  static GlooGroup connect(
      String interfaceNames, String address, Store store, int rank, int size, Duration timeout) {
    ProcessGroupGloo.Options options =
        ProcessGroupGloo.Options.create(new Milliseconds(timeout.toMillis()));
    List<String> names = Interfaces.names(interfaceNames);
    Device[] devices =
        names.isEmpty()
            ? new Device[] {ProcessGroupGloo.createDeviceForHostname(address)}
            : names.stream().map(ProcessGroupGloo::createDeviceForInterface).toArray(Device[]::new);
    options.devices(new GlooDeviceVector(devices));
    return new GlooGroup(new ProcessGroupGloo(store, rank, size, options));
  }

  @Override
  public long address() {
    return group.address();
  }

  @Override
  public void close(boolean failed) {
    group.close();
  }
}
