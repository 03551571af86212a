package ai.dmt.checkpoint;

import ai.dmt.internal.files.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells whether two folders hold the same model: SHA-256 over {@code config.json} and the weights.
 *
 * <p>Weights of more than 1 GiB are not read whole, since every rank does this before it trains: of
 * each 4 MiB the first 64 KiB count, and the file's length, so that every tensor of 4 MiB is seen.
 */
public final class ModelDigest {
  private static final long WHOLE_BYTES = 1L << 30;
  private static final int STRIDE_BYTES = 4 << 20;
  private static final int SAMPLE_BYTES = 64 << 10;

  private ModelDigest() {}

  /**
   * {@return the digest of a model folder: 64 hexadecimal digits in lower case}
   *
   * @param folder with config.json and safetensors; other files do not count
   * @throws IOException if the folder or one of these files cannot be read
   */
  public static String of(Path folder) throws IOException {
    return of(folder, WHOLE_BYTES);
  }

  /** With another limit, for tests. @param wholeBytes of all weights, which are then read whole */
  static String of(Path folder, long wholeBytes) throws IOException {
    List<Path> files = files(folder);
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    MessageDigest digest = Sha256.digest();
    for (Path file : files) {
      digest.update((file.getFileName() + "\n").getBytes(StandardCharsets.UTF_8));
      if (bytes <= wholeBytes) {
        Sha256.update(digest, file);
      } else {
        sample(digest, file);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> isOfModel(file.getFileName().toString()))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private static boolean isOfModel(String name) {
    return List.of("config.json", "adapter_config.json").contains(name)
        || name.endsWith(".safetensors");
  }

  private static void sample(MessageDigest digest, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, size));
      for (long begin = 0; begin < size; begin += STRIDE_BYTES) {
        digest.update(read(channel, begin, (int) Math.min(SAMPLE_BYTES, size - begin), file));
      }
    }
  }

  private static ByteBuffer read(FileChannel channel, long begin, int length, Path file)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, begin + buffer.position()) < 0) {
        throw new EOFException(file + " has become shorter while it was read");
      }
    }
    return buffer.flip();
  }
}
