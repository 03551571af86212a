package ai.dmt.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.tensorflow.util.Event;

/** Reads event files by their specification; each checksum is checked. */
public final class ReadEvents {
  private ReadEvents() {}

  /** All events of a file that is whole. */
  public static List<Event> of(Path file) throws IOException {
    List<Event> events = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      byte[] length = new byte[8];
      in.mark();
      in.get(length);
      assertEquals(masked(length), in.getInt(), file + ": checksum of a length");
      in.reset();
      byte[] record = new byte[Math.toIntExact(in.getLong())];
      in.getInt();
      in.get(record);
      assertEquals(masked(record), in.getInt(), file + ": checksum of a record");
      events.add(Event.parseFrom(record));
    }
    return events;
  }

  /** All events of a folder's files, in their order. */
  public static List<Event> in(Path folder) throws IOException {
    List<Event> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        events.addAll(of(file));
      }
    }
    return events;
  }

  private static int masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    long sum = crc.getValue();
    return (int) (((sum >>> 15 | sum << 17) & 0xFFFF_FFFFL) + 0xa282ead8L);
  }
}
