package ai.dmt.internal.storage;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Error;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The objects of a place, through the AWS SDK. Credentials, region and endpoint are those of its
 * standard chain: environment, profile, role of the machine. Every call is tried again as the SDK
 * does, with growing waits; what fails at last is an {@link IOException} whose message is one line.
 */
public final class ObjectStorage implements AutoCloseable {
  private static final int ATTEMPTS = 8; // about a minute in all

  private static final int MOST_DELETED_AT_ONCE = 1000; // the protocol's
  private static final int CONNECTIONS = 4;

  private final StoragePlace place;
  private final S3Client client;
  private final ExecutorService workers;

  /** How long a call is tried again. */
  public enum Patience {
    /** Before a run begins: somebody waits for the answer. */
    SHORT(3),
    /** A minute, or as often as AWS_MAX_ATTEMPTS says. */
    LONG(ATTEMPTS);

    private final int attempts;

    Patience(int attempts) {
      this.attempts = attempts;
    }

    int attempts() {
      return attempts;
    }
  }

  private ObjectStorage(StoragePlace place, S3Client client) {
    this.place = place;
    this.client = client;
    this.workers =
        Executors.newFixedThreadPool(
            CONNECTIONS,
            task -> {
              Thread thread = new Thread(task, "object-storage");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Makes a client; nothing is connected to yet.
   *
   * @param place whose objects are meant
   * @param patience with servers that do not answer
   * @return the client; the caller closes it
   * @throws ConfigException if the SDK is not there, or its settings are at fault
   */
  public static ObjectStorage open(StoragePlace place, Patience patience) {
    try {
      return new ObjectStorage(place, StorageClient.of(patience));
    } catch (SdkClientException | IllegalArgumentException e) {
      throw new ConfigException(
          "%s cannot be used: %s".formatted(place, StorageClient.reason(e)), e);
    }
  }

  /** {@return the place whose objects these are} */
  public StoragePlace place() {
    return place;
  }

  /**
   * An object as the server lists it.
   *
   * @param bytes its size
   * @param tag changes with its content; null if the server gives none
   */
  public record Listed(long bytes, @Nullable String tag) {}

  /**
   * {@return the objects below a name, with their sizes}
   *
   * @param under such as "checkpoints/"; "" for all
   * @throws IOException if they cannot be listed
   */
  public Map<String, Long> list(String under) throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    listed(under).forEach((name, object) -> sizes.put(name, object.bytes()));
    return sizes;
  }

  /**
   * {@return the objects below a name}
   *
   * @param under as above
   * @throws IOException as above
   */
  public Map<String, Listed> listed(String under) throws IOException {
    return calling(
        "list objects of",
        under,
        () -> {
          Map<String, Listed> all = new TreeMap<>();
          int start = place.key("").length();
          for (S3Object each :
              client
                  .listObjectsV2Paginator(
                      request -> request.bucket(place.bucket()).prefix(place.key(under)))
                  .contents()) {
            all.put(each.key().substring(start), new Listed(each.size(), each.eTag()));
          }
          return all;
        });
  }

  /**
   * {@return a small object; empty if it is not there}
   *
   * @param name in the place
   * @throws IOException if it cannot be read
   */
  public Optional<byte[]> read(String name) throws IOException {
    return calling(
        "read",
        name,
        () -> {
          try {
            return Optional.of(
                client
                    .getObjectAsBytes(
                        request -> request.bucket(place.bucket()).key(place.key(name)))
                    .asByteArray());
          } catch (NoSuchKeyException e) {
            return Optional.empty();
          }
        });
  }

  /**
   * Puts a small object, in place of what is there.
   *
   * @param name in the place
   * @param content all of it
   * @throws IOException if it cannot be written
   */
  public void put(String name, byte[] content) throws IOException {
    doing(
        "write",
        name,
        () ->
            client.putObject(
                request ->
                    request
                        .bucket(place.bucket())
                        .key(place.key(name))
                        .contentMD5(FileRange.md5(new ByteArrayInputStream(content))),
                RequestBody.fromBytes(content)));
  }

  /**
   * Puts a file, a large one in parts, several at once. It appears when all of it is there.
   *
   * @param name in the place
   * @param file whose first bytes are taken; its position is left alone
   * @param bytes how many
   * @throws IOException if it cannot be read or written; nothing of it is left then, if the server
   *     can still be reached
   */
  public void put(String name, FileChannel file, long bytes) throws IOException {
    if (bytes > UploadInParts.PART_BYTES) {
      doing(
          "write",
          name,
          () -> UploadInParts.send(client, place.bucket(), place.key(name), file, bytes, workers));
      return;
    }
    FileRange all = new FileRange(file, 0, bytes);
    doing(
        "write",
        name,
        () ->
            client.putObject(
                request ->
                    request.bucket(place.bucket()).key(place.key(name)).contentMD5(all.md5()),
                all.body()));
  }

  /**
   * Drops what processes that were killed have begun to upload below a name.
   *
   * @param under such as "checkpoints/"; "" for all
   * @throws IOException if it cannot be listed or dropped
   */
  public void abortUploads(String under) throws IOException {
    doing(
        "drop unfinished uploads of",
        under,
        () -> {
          for (MultipartUpload each :
              client
                  .listMultipartUploadsPaginator(
                      request -> request.bucket(place.bucket()).prefix(place.key(under)))
                  .uploads()) {
            client.abortMultipartUpload(
                request ->
                    request.bucket(place.bucket()).key(each.key()).uploadId(each.uploadId()));
          }
        });
  }

  /**
   * Fetches an object to a new file. A connection that breaks goes on where it was.
   *
   * @param name in the place
   * @param file to make
   * @return its SHA-256
   * @throws IOException if it is not there, or cannot be read or written
   */
  public String get(String name, Path file) throws IOException {
    return calling(
        "read",
        name,
        () -> {
          MessageDigest digest = Sha256.digest();
          try (OutputStream out = FileOutput.stream(file)) {
            Download.Sink sink =
                (buffer, bytes) -> {
                  digest.update(buffer, 0, bytes);
                  out.write(buffer, 0, bytes);
                };
            new Download(client, place.bucket(), place.key(name), Download.Range.ALL, sink)
                .fetch(ATTEMPTS);
          } catch (NoSuchKeyException e) {
            throw new DamagedFolderException("%s/%s is missing".formatted(place, name), e);
          }
          return HexFormat.of().formatHex(digest.digest());
        });
  }

  /**
   * Fetches an object to a new file, a large one in ranges, several at once.
   *
   * @param name in the place
   * @param object as it was listed; one that has changed since is not fetched
   * @param file to make
   * @throws IOException if it is not there any more, has changed, or cannot be read or written
   */
  public void get(String name, Listed object, Path file) throws IOException {
    doing(
        "read",
        name,
        () -> {
          try (FileChannel out =
              FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            new DownloadInRanges(client, place.bucket(), place.key(name), object, out)
                .fetch(ATTEMPTS, workers);
          } catch (NoSuchKeyException e) {
            throw new DamagedFolderException("%s/%s is missing".formatted(place, name), e);
          }
        });
  }

  /**
   * Deletes objects; those that are not there are no fault.
   *
   * @param names in the place
   * @throws IOException if one cannot be deleted
   */
  public void delete(List<String> names) throws IOException {
    doing(
        "delete",
        names.isEmpty() ? "" : names.get(0),
        () -> {
          for (int from = 0; from < names.size(); from += MOST_DELETED_AT_ONCE) {
            List<ObjectIdentifier> batch =
                names.subList(from, Math.min(names.size(), from + MOST_DELETED_AT_ONCE)).stream()
                    .map(name -> ObjectIdentifier.builder().key(place.key(name)).build())
                    .toList();
            List<S3Error> refused =
                client
                    .deleteObjects(
                        request ->
                            request
                                .bucket(place.bucket())
                                .delete(each -> each.objects(batch).quiet(true)))
                    .errors();
            if (!refused.isEmpty()) {
              throw new IOException(
                  "%s: %s".formatted(refused.get(0).code(), refused.get(0).message()));
            }
          }
        });
  }

  @Override
  public void close() {
    workers.shutdownNow();
    client.close();
  }

  /** What asks the server. */
  private interface Call<T> {
    T run() throws IOException;
  }

  /** The same without an answer. */
  private interface Action {
    void run() throws IOException;
  }

  private void doing(String doing, String name, Action action) throws IOException {
    calling(
        doing,
        name,
        () -> {
          action.run();
          return true;
        });
  }

  private <T> T calling(String doing, String name, Call<T> call) throws IOException {
    try {
      return call.run();
    } catch (DamagedFolderException e) {
      throw e;
    } catch (IOException | SdkException | UncheckedIOException e) {
      throw new IOException(
          "cannot %s %s/%s: %s"
              .formatted(doing, place, name, StorageClient.reason(e))
              .replace("/: ", ": "),
          e);
    }
  }
}
