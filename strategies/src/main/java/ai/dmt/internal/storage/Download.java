package ai.dmt.internal.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** An object on its way here. A connection that breaks goes on where it was. */
final class Download {
  private static final int BUFFER_BYTES = 1 << 20;

  private final S3Client client;
  private final String bucket;
  private final String key;
  private final MessageDigest digest;
  private final OutputStream out;
  private long done;

  /**
   * Begins nothing yet.
   *
   * @param digest gets every byte
   * @param out so does this
   */
  Download(S3Client client, String bucket, String key, MessageDigest digest, OutputStream out) {
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.digest = digest;
    this.out = out;
  }

  /** Fetches all of it. @param attempts without a byte in between, before it is given up */
  void fetch(int attempts) throws IOException {
    long bytes = Long.MAX_VALUE; // until the first answer
    for (int broken = 0; done < bytes; broken++) {
      long from = done;
      try (ResponseInputStream<GetObjectResponse> in = open(from)) {
        bytes = from + in.response().contentLength();
        copy(in);
      } catch (BrokenException e) {
        if (broken >= attempts) {
          throw e;
        }
      }
      broken = done > from ? 0 : broken;
      if (done < bytes && broken >= attempts) {
        throw new IOException("the answer ends after %s of %s bytes".formatted(done, bytes));
      }
    }
  }

  private ResponseInputStream<GetObjectResponse> open(long from) {
    return client.getObject(
        request -> {
          request.bucket(bucket).key(key);
          if (from > 0) {
            request.range("bytes=" + from + "-");
          }
        });
  }

  private void copy(InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    while (true) {
      int read;
      try {
        read = in.read(buffer);
      } catch (IOException e) {
        throw new BrokenException(e);
      }
      if (read < 0) {
        return;
      }
      digest.update(buffer, 0, read);
      out.write(buffer, 0, read);
      done += read;
    }
  }

  /** The connection, not the disk. */
  private static final class BrokenException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
