package ai.dmt.internal.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.S3Server;
import ai.dmt.internal.storage.ObjectStorage.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Folders against a server: large files, one that dies within an upload, and damage. */
@Timeout(300)
class StoredFoldersTest {
  private static final int LARGE = 40 << 20; // three parts

  @TempDir private static Path shared;
  private static S3Server server;
  private static byte[] expected;
  private static int number;

  @TempDir private Path folder;
  private String place; // of this test, in the bucket
  private ObjectStorage storage;
  private StoredFolders folders;
  private Path large;

  @BeforeAll
  static void startServer() throws Exception {
    server = S3Server.start(shared, "models");
    server.useHere();
    expected = new byte[LARGE];
    new Random(5).nextBytes(expected);
  }

  @AfterAll
  static void endServer() {
    server.close();
    S3Server.forgetHere();
  }

  @BeforeEach
  void open() throws IOException {
    place = "runs/" + ++number;
    large = Files.write(folder.resolve("large.bin"), expected);
    reopen();
  }

  private void reopen() {
    storage = ObjectStorage.open(new StoragePlace("models", place), Patience.LONG);
    folders = new StoredFolders(storage);
  }

  @AfterEach
  void close() {
    storage.close();
  }

  private OpenFolder opened(String name) throws IOException {
    OpenFolder opened = new OpenFolder(name);
    opened.add(large, "large.bin", Map.of());
    opened.add(Files.writeString(folder.resolve("small"), "small"), "run/small.txt", Map.of());
    return opened;
  }

  private Path fetched(String name, String target) throws IOException {
    Path fetched = Files.createDirectory(folder.resolve(target));
    folders.fetch(name, fetched);
    return fetched;
  }

  private Set<String> whole() throws IOException {
    return StoredFolders.whole(storage.list("").keySet());
  }

  /** What the server has of a folder's list. */
  private boolean listIsThere(String name) {
    return Files.exists(server.bucket("models").resolve(place + "/" + name + "/dmt_objects.json"));
  }

  /** Large files of the server, beside those that other tests have left. */
  private static long largeFiles() throws IOException {
    try (Stream<Path> files = Files.walk(server.bucket("models"))) {
      return files.filter(file -> file.toFile().length() > 1 << 20).count();
    } catch (UncheckedIOException e) {
      return largeFiles(); // one went while it was looked at
    }
  }

  @Test
  void largeFilesComeBackAndOlderOnesGo() throws Exception {
    try (OpenFolder first = opened("c/one")) {
      Files.delete(large); // as a checkpoint whose turn has come
      folders.put(first, () -> {});
    }
    large = fetched("c/one", "back").resolve("large.bin");
    assertArrayEquals(expected, Files.readAllBytes(large));
    assertEquals("small", Files.readString(folder.resolve("back/run/small.txt")));
    assertEquals(Set.of("c/one"), whole());
    try (OpenFolder other = new OpenFolder("c/one")) {
      other.add(folder.resolve("small"), "other", Map.of());
      folders.put(other, () -> {});
    }
    assertEquals(
        Set.of("c/one/other", "c/one/dmt_objects.json"), storage.list("c/").keySet(), "replaced");
    folders.delete(Set.of("c/one"), storage.list("").keySet());
    assertEquals(Map.of(), storage.list(""));
  }

  @Test
  void aServerThatDiesWithinAnUploadIsWaitedFor() throws Exception {
    long before = largeFiles();
    try (OpenFolder opened = opened("c/one")) {
      CompletableFuture<Void> put = putting(opened);
      while (largeFiles() == before) {
        assertFalse(put.isDone(), "the upload was too fast to be disturbed");
        Thread.sleep(1);
      }
      server.kill();
      assertFalse(listIsThere("c/one"));
      server.restart();
      put.get(60, TimeUnit.SECONDS);
    }
    assertArrayEquals(
        Files.readAllBytes(large),
        Files.readAllBytes(fetched("c/one", "back").resolve("large.bin")));
  }

  private CompletableFuture<Void> putting(OpenFolder opened) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            folders.put(opened, () -> {});
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        });
  }

  @Test
  void aServerThatStaysAwayLeavesNoWholeFolder() throws Exception {
    System.setProperty("aws.maxAttempts", "2");
    storage.close();
    reopen();
    System.clearProperty("aws.maxAttempts");
    try (OpenFolder opened = opened("c/one")) {
      IOException taken =
          assertThrows(
              IOException.class,
              () ->
                  folders.put(
                      opened,
                      () -> {
                        throw new IOException("taken over");
                      }));
      assertEquals("taken over", taken.getMessage());
      assertFalse(listIsThere("c/one"), "all files are there, and nobody may see them");
      assertEquals(Set.of(), whole());
      server.kill();
      IOException away = assertThrows(IOException.class, () -> folders.put(opened, () -> {}));
      assertTrue(away.getMessage().startsWith("cannot "), away.getMessage());
      assertTrue(away.getMessage().contains("no server answers"), away.getMessage());
      server.restart();
      folders.put(opened, () -> {});
    }
    assertEquals(Set.of("c/one"), whole());
  }

  @Test
  void whatIsDamagedThereIsRefusedByName() throws Exception {
    try (OpenFolder opened = opened("c/one")) {
      folders.put(opened, () -> {});
    }
    storage.put("c/one/run/small.txt", new byte[] {'s', 'm', 'a', 'l', 'L'});
    String message =
        assertThrows(DamagedFolderException.class, () -> fetched("c/one", "bad")).getMessage();
    assertTrue(
        message.startsWith(
            "s3://models/" + place + "/c/one/run/small.txt is damaged: its SHA-256 is "),
        message);
    storage.delete(List.of("c/one/large.bin"));
    String missing =
        assertThrows(DamagedFolderException.class, () -> fetched("c/one", "gone")).getMessage();
    assertEquals("s3://models/" + place + "/c/one/large.bin is missing", missing);
  }

  @Test
  void whatGrowsIsUploadedAsItWas() throws Exception {
    Path log = Files.writeString(folder.resolve("log.txt"), "one\n");
    try (OpenFolder opened = new OpenFolder("c/two")) {
      opened.add(log, "log.txt", Map.of());
      Files.writeString(log, "two\n", StandardOpenOption.APPEND);
      folders.put(opened, () -> {});
    }
    assertEquals("one\n", Files.readString(fetched("c/two", "back").resolve("log.txt")));
  }
}
