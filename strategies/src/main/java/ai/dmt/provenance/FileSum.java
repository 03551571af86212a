package ai.dmt.provenance;

import ai.dmt.internal.files.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a file held.
 *
 * @param path as it was named, absolute
 * @param bytes its length
 * @param sha256 64 hexadecimal digits; empty where only samples of the file were read
 */
public record FileSum(String path, long bytes, String sha256) {
  static FileSum of(Path file) throws IOException {
    return new FileSum(name(file), Files.size(file), Sha256.of(file));
  }

  /** Of a large file of weights, whose tensors are sampled. */
  static FileSum ofLength(Path file) throws IOException {
    return new FileSum(name(file), Files.size(file), "");
  }

  private static String name(Path file) {
    return file.toAbsolutePath().normalize().toString();
  }
}
