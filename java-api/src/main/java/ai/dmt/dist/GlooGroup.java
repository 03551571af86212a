package ai.dmt.dist;

import ai.dmt.engine.EngineException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;

/** Ranks that talk over TCP. */
final class GlooGroup implements ProcessGroup {
  private final ProcessGroupGloo group;

  private GlooGroup(ProcessGroupGloo group) {
    this.group = group;
  }

  /**
   * Meets the other ranks of the group.
   *
   * @param place of this process in the run
   * @param store that all of them share
   * @param timeout of a collective
   */
  static GlooGroup connect(
      RankEnvironment place, Store store, int rank, int size, Duration timeout) {
    ProcessGroupGloo.Options options =
        ProcessGroupGloo.Options.create(new Milliseconds(timeout.toMillis()));
    options.devices(
        new GlooDeviceVector(
            place.interfaceName().isEmpty()
                ? ProcessGroupGloo.createDeviceForHostname(ownAddress(place))
                : ProcessGroupGloo.createDeviceForInterface(place.interfaceName())));
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

  /** The address of this host that the others reach: the one that it reaches rank 0 from. */
  private static String ownAddress(RankEnvironment place) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(place.meetingAddress(), place.masterPort()), 5_000);
      return socket.getLocalAddress().getHostAddress();
    } catch (IOException e) {
      throw new EngineException(
          "rank 0 at %s:%s cannot be reached: %s"
              .formatted(place.meetingAddress(), place.masterPort(), e.getMessage()),
          e);
    }
  }
}
