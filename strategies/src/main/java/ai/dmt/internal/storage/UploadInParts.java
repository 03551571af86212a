package ai.dmt.internal.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** An object that is sent in parts, several at once, and appears when all of them are there. */
final class UploadInParts {
  /** Least of a part, and the most that is sent in one piece. */
  static final long PART_BYTES = 16L << 20;

  private static final int MOST_PARTS = 10_000; // the protocol's

  private final S3Client client;
  private final String bucket;
  private final String key;
  private final String upload;
  private final AtomicBoolean failed = new AtomicBoolean(); // then parts that wait are left out

  private UploadInParts(S3Client client, String bucket, String key) {
    this.client = client;
    this.bucket = bucket;
    this.key = key;
    this.upload =
        client.createMultipartUpload(request -> request.bucket(bucket).key(key)).uploadId();
  }

  /**
   * Sends the first bytes of a file; what was sent of it is dropped if it fails.
   *
   * @param workers that send the parts
   */
  static void send(
      S3Client client,
      String bucket,
      String key,
      FileChannel file,
      long bytes,
      ExecutorService workers)
      throws IOException {
    UploadInParts upload = new UploadInParts(client, bucket, key);
    try {
      upload.complete(upload.sendAll(file, bytes, workers));
    } catch (IOException | RuntimeException e) {
      upload.abort(e);
      throw e;
    }
  }

  private List<CompletedPart> sendAll(FileChannel file, long bytes, ExecutorService workers)
      throws IOException {
    long size = partBytes(bytes);
    List<Future<@Nullable CompletedPart>> parts = new ArrayList<>();
    for (long from = 0; from < bytes; from += size) {
      int number = parts.size() + 1;
      FileRange part = new FileRange(file, from, Math.min(size, bytes - from));
      parts.add(workers.submit(() -> send(number, part)));
    }
    return joined(parts);
  }

  /** Whole mebibytes. */
  private static long partBytes(long bytes) {
    long mebibyte = 1L << 20;
    long least = (bytes + MOST_PARTS - 1) / MOST_PARTS;
    return Math.max(PART_BYTES, (least + mebibyte - 1) / mebibyte * mebibyte);
  }

  /** Null where it is left out. */
  private @Nullable CompletedPart send(int number, FileRange part) {
    if (failed.get()) {
      return null;
    }
    try {
      String tag =
          client
              .uploadPart(
                  request ->
                      request
                          .bucket(bucket)
                          .key(key)
                          .uploadId(upload)
                          .partNumber(number)
                          .contentMD5(part.md5()),
                  part.body())
              .eTag();
      return CompletedPart.builder().partNumber(number).eTag(tag).build();
    } catch (RuntimeException e) {
      failed.set(true);
      throw e;
    }
  }

  /** All parts, or the first failure, once none is being worked on. */
  private static List<CompletedPart> joined(List<Future<@Nullable CompletedPart>> parts)
      throws IOException {
    List<CompletedPart> done = new ArrayList<>();
    @Nullable Throwable failure = null;
    for (Future<@Nullable CompletedPart> each : parts) {
      try {
        CompletedPart part = each.get();
        if (part != null) {
          done.add(part);
        }
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    return done;
  }

  private void complete(List<CompletedPart> parts) {
    client.completeMultipartUpload(
        request ->
            request
                .bucket(bucket)
                .key(key)
                .uploadId(upload)
                .multipartUpload(all -> all.parts(parts)));
  }

  /** Parts that stay would be paid for. */
  private void abort(Exception reason) {
    try {
      client.abortMultipartUpload(request -> request.bucket(bucket).key(key).uploadId(upload));
    } catch (SdkException e) {
      reason.addSuppressed(e); // the next run does it
    }
  }
}
