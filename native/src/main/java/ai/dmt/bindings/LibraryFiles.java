package ai.dmt.bindings;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * Shared libraries are whole before they are loaded: the dynamic linker maps one that a full disk
 * has cut off, and the process dies at the first use of what is missing.
 */
final class LibraryFiles {
  private static final int HEADER_BYTES = 64;
  private static final int ELF_MAGIC = 0x464C457F; // 0x7F "ELF", the low byte first

  private LibraryFiles() {}

  /**
   * Checks all shared libraries of a folder.
   *
   * @throws IOException if one is shorter than its header says, or cannot be read
   */
  static void requireWhole(File folder) throws IOException {
    File[] libraries = folder.listFiles((parent, name) -> name.contains(".so"));
    for (File file : libraries == null ? new File[0] : libraries) {
      if (file.isFile()) {
        requireWholeFile(file);
      }
    }
  }

  private static void requireWholeFile(File file) throws IOException {
    try (FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.READ)) {
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(header, 0);
      long size = channel.size();
      if (size < HEADER_BYTES || header.getInt(0) != ELF_MAGIC) {
        throw new IOException(
            "%s is no shared library; it has %s bytes".formatted(file, Long.toString(size)));
      }
      // The table of sections comes last in what linkers write.
      int sections = header.getShort(60) & 0xFFFF;
      long expected = header.getLong(40) + (long) sections * (header.getShort(58) & 0xFFFF);
      if (size < expected) {
        throw new IOException(
            "%s is cut off: it has %s of at least %s bytes"
                .formatted(file, Long.toString(size), Long.toString(expected)));
      }
    }
  }
}
