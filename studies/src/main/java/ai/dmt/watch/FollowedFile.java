package ai.dmt.watch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines of a file that others append to, each once, when it has its end. A file that was
 * replaced, cut or written anew is read from its beginning: a run that goes on from a checkpoint
 * drops what came after it.
 */
final class FollowedFile {
  private static final int BLOCK = 1 << 16;
  private static final int LONGEST_LINE = 1 << 22; // bytes; more are no metrics
  private static final int KNOWN = 256; // bytes before the place that must be as they were

  private final Supplier<Path> place;
  private @Nullable Object key; // of the file that was read; null before the first
  private long position; // of the first byte that was not read
  private byte[] known = new byte[0]; // last bytes that were read
  private byte[] begun = new byte[0]; // of a line without its end
  private boolean tooLong; // the line that was begun

  /** One that may be renamed. @param place where it is now */
  FollowedFile(Supplier<Path> place) {
    this.place = place;
  }

  /** What a look at the file found. */
  enum Found {
    NOTHING_NEW,
    MORE,
    /** All that was read before counts no more; the lines given are from the beginning. */
    ANEW
  }

  /**
   * Reads what is new.
   *
   * @param onAnew is called before the first line of a file that is read from its beginning
   * @param onLine takes a line without its end
   */
  Found read(Runnable onAnew, Consumer<String> onLine) throws IOException {
    boolean anew = false;
    Path file = place.get();
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      Object now = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      if (!isTheSame(channel, now)) {
        anew = true;
        forget();
        key = now;
        onAnew.run();
      }
      channel.position(position);
      long before = position;
      ByteBuffer block = ByteBuffer.allocate(BLOCK);
      while (channel.read(block.clear()) > 0) {
        take(Arrays.copyOf(block.array(), block.position()), onLine);
      }
      return anew && before < position
          ? Found.ANEW
          : position > before ? Found.MORE : Found.NOTHING_NEW;
    } catch (NoSuchFileException e) {
      return Found.NOTHING_NEW; // a disk that is away may come back
    }
  }

  private void forget() {
    key = null;
    position = 0;
    known = new byte[0];
    begun = new byte[0];
    tooLong = false;
  }

  private boolean isTheSame(SeekableByteChannel channel, @Nullable Object now) throws IOException {
    if (position == 0 || !Objects.equals(key, now) || channel.size() < position) {
      return false;
    }
    ByteBuffer bytes = ByteBuffer.allocate(known.length);
    channel.position(position - known.length);
    while (bytes.hasRemaining() && channel.read(bytes) > 0) {
      continue;
    }
    return Arrays.equals(bytes.array(), known);
  }

  private void take(byte[] bytes, Consumer<String> onLine) {
    position += bytes.length;
    byte[] both = join(known, bytes);
    known = Arrays.copyOfRange(both, Math.max(0, both.length - KNOWN), both.length);
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        byte[] line = join(begun, Arrays.copyOfRange(bytes, from, i));
        if (!tooLong) {
          onLine.accept(new String(line, StandardCharsets.UTF_8));
        }
        begun = new byte[0];
        tooLong = false;
        from = i + 1;
      }
    }
    begun = join(begun, Arrays.copyOfRange(bytes, from, bytes.length));
    if (begun.length > LONGEST_LINE) {
      tooLong = true;
      begun = new byte[0];
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
