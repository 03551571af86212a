package ai.dmt.internal.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * Bytes of a file, as one request sends them; again where it is tried again.
 *
 * @param file whose position is left alone
 * @param from the first byte
 * @param bytes how many
 */
record FileRange(FileChannel file, long from, long bytes) {
  /** What is sent. */
  RequestBody body() {
    return RequestBody.fromContentProvider(this::open, bytes, "application/octet-stream");
  }

  /** As the protocol has it: a part that was damaged on its way is refused. */
  String md5() {
    return md5(open());
  }

  private InputStream open() {
    return new FilePart(file, from, bytes);
  }

  /** The same of other bytes. */
  static String md5(InputStream content) {
    try (DigestInputStream in = new DigestInputStream(content, MessageDigest.getInstance("MD5"))) {
      in.transferTo(OutputStream.nullOutputStream());
      return Base64.getEncoder().encodeToString(in.getMessageDigest().digest());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }
}
