package ai.dmt.internal.storage;

import ai.dmt.internal.storage.ObjectStorage.Listed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/** An object that is fetched in ranges, several at once. */
final class DownloadInRanges {
  /** Of a range; an object that is no larger comes in one. */
  static final long RANGE_BYTES = 32L << 20;

  private final S3Client client;
  private final String bucket;
  private final String key;
  private final Listed object;
  private final FileChannel file;
  private final AtomicBoolean failed = new AtomicBoolean(); // then ranges that wait are left out

  DownloadInRanges(S3Client client, String bucket, String key, Listed object, FileChannel file) {
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.object = object;
    this.file = file;
  }

  /**
   * Fetches all of them, or throws the first failure once none is being worked on.
   *
   * @param attempts see {@link Download#fetch}
   * @param workers that fetch them
   */
  void fetch(int attempts, ExecutorService workers) throws IOException {
    List<Future<Boolean>> ranges = new ArrayList<>();
    for (long from = 0; from < object.bytes(); from += RANGE_BYTES) {
      long begin = from;
      long end = Math.min(from + RANGE_BYTES, object.bytes());
      ranges.add(workers.submit(() -> fetch(begin, end, attempts)));
    }
    @Nullable Throwable failure = null;
    for (Future<Boolean> each : ranges) {
      try {
        each.get();
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        failed.set(true);
        throw new IOException("interrupted", e);
      }
    }
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  /** {@return whether it was fetched; not if another range has failed} */
  private boolean fetch(long from, long end, int attempts) throws IOException {
    if (failed.get()) {
      return false;
    }
    long[] position = {from};
    Download.Sink sink =
        (buffer, bytes) -> {
          ByteBuffer left = ByteBuffer.wrap(buffer, 0, bytes);
          while (left.hasRemaining()) {
            position[0] += file.write(left, position[0]);
          }
        };
    try {
      new Download(client, bucket, key, new Download.Range(from, end, object.tag()), sink)
          .fetch(attempts);
      return true;
    } catch (IOException | RuntimeException e) {
      failed.set(true);
      throw e;
    }
  }
}
