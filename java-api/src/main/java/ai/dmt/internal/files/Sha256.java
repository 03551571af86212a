package ai.dmt.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Checksums as {@code sha256sum} prints them. */
public final class Sha256 {
  private static final int BUFFER_BYTES = 1 << 20;

  private Sha256() {}

  /** {@return a new digest of SHA-256, of nothing yet} */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * {@return the SHA-256 of bytes: 64 hexadecimal digits in lower case}
   *
   * @param bytes all of what is summed up
   */
  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  /**
   * {@return the SHA-256 of a file: 64 hexadecimal digits in lower case}
   *
   * @param file to read whole, or a link to one
   * @throws IOException if it is no regular file, or cannot be read
   */
  public static String of(Path file) throws IOException {
    MessageDigest digest = digest();
    update(digest, file);
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * {@return whether a file is there and has this checksum}
   *
   * @param file to read whole
   * @param expected 64 hexadecimal digits in lower case
   * @throws IOException if it is there, but is no regular file or cannot be read
   */
  public static boolean isOf(Path file, String expected) throws IOException {
    return Files.exists(file) && of(file).equals(expected);
  }

  /**
   * Adds a file's content to a digest.
   *
   * @param digest takes the bytes
   * @param file to read whole, or a link to one
   * @throws IOException if it is no regular file, or cannot be read
   */
  public static void update(MessageDigest digest, Path file) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = RegularFile.open(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
  }
}
