package ai.dmt.internal.storage;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** An object, or a range of it, on its way here. A connection that breaks goes on where it was. */
final class Download {
  private static final int BUFFER_BYTES = 1 << 20;

  private final S3Client client;
  private final String bucket;
  private final String key;
  private final Range range;
  private final Sink sink;
  private long done;

  /** What gets every byte, in their order. */
  interface Sink {
    void take(byte[] buffer, int bytes) throws IOException;
  }

  /**
   * Bytes of an object.
   *
   * @param from the first
   * @param end behind the last
   * @param tag of the object, which must not have become another one; null for any
   */
  record Range(long from, long end, @Nullable String tag) {
    /** All of it, however much that is. */
    static final Range ALL = new Range(0, Long.MAX_VALUE, null);
  }

  /** Begins nothing yet. */
  Download(S3Client client, String bucket, String key, Range range, Sink sink) {
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.range = range;
    this.sink = sink;
  }

  /** Fetches all of it. @param attempts without a byte in between, before it is given up */
  void fetch(int attempts) throws IOException {
    long bytes = range.end - range.from; // of all, until the first answer
    for (int broken = 0; done < bytes; broken++) {
      long before = done;
      try (ResponseInputStream<GetObjectResponse> in = open(range.from + done)) {
        long coming = in.response().contentLength();
        if (range.end == Long.MAX_VALUE) {
          bytes = done + coming;
        } else if (coming != bytes - done) {
          throw new IOException(
              "the server sends %s bytes from byte %s on, expected %s"
                  .formatted(coming, range.from + done, bytes - done));
        }
        copy(in);
      } catch (BrokenException e) {
        if (broken >= attempts) {
          throw e;
        }
      }
      broken = done > before ? 0 : broken;
      if (done < bytes && broken >= attempts) {
        throw new IOException("the answer ends after %s of %s bytes".formatted(done, bytes));
      }
    }
  }

  private ResponseInputStream<GetObjectResponse> open(long from) {
    return client.getObject(
        request -> {
          request.bucket(bucket).key(key).ifMatch(range.tag);
          if (range.end != Long.MAX_VALUE) {
            request.range("bytes=%s-%s".formatted(from, range.end - 1));
          } else if (from > 0) {
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
      sink.take(buffer, read);
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
