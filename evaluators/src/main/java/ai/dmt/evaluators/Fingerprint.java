package ai.dmt.evaluators;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digest of texts in their order, by which reports on different problems are told apart. */
public final class Fingerprint {
  private static final int BYTES = 8;

  private final MessageDigest digest;

  /** Starts with no text. */
  public Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Adds a text.
   *
   * @param text of any length, digested with its length
   * @return this digest
   */
  public Fingerprint add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII)); // "ab" "c", "a" "bc"
    digest.update(bytes);
    return this;
  }

  /** {@return the digest, which ends here: 16 hexadecimal digits} */
  public String text() {
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
  }
}
