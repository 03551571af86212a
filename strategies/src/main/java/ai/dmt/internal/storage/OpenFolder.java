package ai.dmt.internal.storage;

import ai.dmt.internal.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Files that are to become a folder in an object storage. They are open, and their sizes fixed:
 * what is deleted, or written on, meanwhile is uploaded as it was.
 */
public final class OpenFolder implements AutoCloseable {
  private final String name;
  private final List<OpenFile> files = new ArrayList<>();
  private final Set<String> stale = new TreeSet<>();

  /**
   * Begins without files.
   *
   * @param name in the place, such as "checkpoints/step-00000100"; "" for the place itself
   */
  public OpenFolder(String name) {
    this.name = name;
  }

  /**
   * Adds a file.
   *
   * @param file to open; others may go on writing behind its end
   * @param as its name in the folder
   * @param sums checksums that are known, by that name
   * @throws IOException if it cannot be opened
   */
  public void add(Path file, String as, Map<String, String> sums) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    files.add(new OpenFile(as, channel, channel.size(), sums.get(as)));
  }

  /** {@return its name in the place} */
  public String name() {
    return name;
  }

  List<OpenFile> files() {
    return files;
  }

  /** An older folder of this name had these files. */
  void replaces(Collection<String> older) {
    stale.addAll(older);
  }

  /** What the older folder alone had. */
  List<String> stale() {
    List<String> own = files.stream().map(OpenFile::name).toList();
    return stale.stream().filter(name -> !own.contains(name)).toList();
  }

  @Override
  public void close() throws IOException {
    for (OpenFile file : files) {
      file.channel.close();
    }
  }

  /** One of them, and how far it is. */
  static final class OpenFile {
    private final String name;
    private final FileChannel channel;
    private final long bytes;
    private @Nullable String sum; // null until it is known
    private boolean put;

    OpenFile(String name, FileChannel channel, long bytes, @Nullable String sum) {
      this.name = name;
      this.channel = channel;
      this.bytes = bytes;
      this.sum = sum;
    }

    String name() {
      return name;
    }

    long bytes() {
      return bytes;
    }

    FileChannel channel() {
      return channel;
    }

    /** Whether it is uploaded. */
    boolean isPut() {
      return put;
    }

    void setPut(boolean done) {
      put = done;
    }

    String sum() throws IOException {
      if (sum == null) {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = new FilePart(channel, 0, bytes)) {
          for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
          }
        }
        sum = HexFormat.of().formatHex(digest.digest());
      }
      return sum;
    }
  }
}
