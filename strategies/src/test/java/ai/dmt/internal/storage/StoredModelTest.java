package ai.dmt.internal.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.S3Server;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.storage.ObjectStorage.Listed;
import ai.dmt.internal.storage.ObjectStorage.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models of a server: fetched in ranges, once, whole or not at all. */
@Timeout(300)
class StoredModelTest {
  private static final String WEIGHTS = "model.safetensors";
  private static final int TENSOR_BYTES = 66 << 20; // three ranges

  @TempDir private static Path shared;
  private static S3Server server;
  private static byte[] weights;
  private static int number;

  @TempDir private Path folder;
  private StoragePlace place;
  private ObjectStorage storage;
  private final List<String> log = new ArrayList<>();

  @BeforeAll
  static void startServer() throws Exception {
    server = S3Server.start(shared, "models");
    server.useHere();
    byte[] header =
        "{\"x\":{\"dtype\":\"U8\",\"shape\":[%s],\"data_offsets\":[0,%s]}}"
            .formatted(TENSOR_BYTES, TENSOR_BYTES)
            .getBytes(StandardCharsets.UTF_8);
    byte[] tensor = new byte[TENSOR_BYTES];
    new Random(5).nextBytes(tensor);
    weights =
        ByteBuffer.allocate(8 + header.length + tensor.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .put(tensor)
            .array();
  }

  @AfterAll
  static void endServer() {
    server.close();
    S3Server.forgetHere();
  }

  @BeforeEach
  void putModel() throws IOException {
    place = new StoragePlace("models", "team/base-" + ++number);
    storage = ObjectStorage.open(place, Patience.LONG);
    storage.put("config.json", "{\"a\": 1}".getBytes(StandardCharsets.UTF_8));
    storage.put("pytorch_model.bin", new byte[10]); // nobody reads it
    storage.put("original/config.json", new byte[1]);
    Path file = Files.write(folder.resolve("weights"), weights);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      storage.put(WEIGHTS, channel, weights.length);
    }
  }

  @AfterEach
  void close() {
    storage.close();
  }

  private Path fetch() throws IOException {
    return StoredModel.fetch(place, folder.resolve("cache"), log::add);
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("cache"))) {
      return all.filter(each -> each.endsWith(WEIGHTS)).toList();
    }
  }

  @Test
  void aModelIsFetchedOnceAndAnotherOneBesideIt() throws Exception {
    Path first = fetch();
    assertEquals("base-" + number, first.getFileName().toString());
    assertArrayEquals(weights, Files.readAllBytes(first.resolve(WEIGHTS)));
    assertEquals("{\"a\": 1}", Files.readString(first.resolve("config.json")));
    assertFalse(Files.exists(first.resolve("pytorch_model.bin")));
    assertEquals(List.of(), ModelFolder.faults(first));
    assertEquals(Optional.of(place.toString()), StoredModel.origin(first));
    assertEquals(Optional.empty(), StoredModel.origin(folder.resolve("weights")));
    assertEquals(
        List.of(
            "fetching %s, 66 MB in 2 files".formatted(place),
            "%s is in %s".formatted(place, first)),
        log.stream()
            .map(line -> line.replaceAll(", .* in 2 files", ", 66 MB in 2 files"))
            .toList());
    log.clear();
    assertEquals(first, fetch());
    assertEquals(List.of(), log);

    storage.put("config.json", "{\"a\": 2}".getBytes(StandardCharsets.UTF_8));
    Path second = fetch();
    assertNotEquals(first, second);
    assertEquals("{\"a\": 2}", Files.readString(second.resolve("config.json")));
    assertEquals("{\"a\": 1}", Files.readString(first.resolve("config.json")), "may be in use");
  }

  @Test
  void severalAtOnceFetchItOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<Path>> all = new ArrayList<>();
      List<String> said = Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < 3; i++) {
        all.add(threads.submit(() -> StoredModel.fetch(place, folder.resolve("cache"), said::add)));
      }
      for (Future<Path> each : all) {
        assertArrayEquals(weights, Files.readAllBytes(each.get().resolve(WEIGHTS)));
      }
      assertEquals(2, said.size(), said::toString);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatARunHasUploadedIsComparedWithItsChecksums() throws Exception {
    Path file = Files.write(folder.resolve(WEIGHTS), weights);
    Path config = Files.writeString(folder.resolve("config.json"), "{}");
    try (OpenFolder model = new OpenFolder("")) {
      model.add(file, WEIGHTS, Map.of());
      model.add(config, "config.json", Map.of());
      new StoredFolders(storage).put(model, () -> {});
    }
    byte[] list = storage.read(StoredFiles.NAME).orElseThrow();
    storage.put("config.json", "[]".getBytes(StandardCharsets.UTF_8));
    IOException damaged = assertThrows(DamagedFolderException.class, this::fetch);
    assertTrue(
        damaged.getMessage().startsWith(place + "/config.json is damaged: its SHA-256 is "),
        damaged.getMessage());
    assertEquals(List.of(), kept(), "whole or not at all");
    storage.put("config.json", new byte[9]);
    damaged = assertThrows(DamagedFolderException.class, this::fetch);
    assertEquals(
        place + "/config.json is damaged: it has 9 bytes, expected 2", damaged.getMessage());
    storage.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
    assertArrayEquals(list, storage.read(StoredFiles.NAME).orElseThrow());
    assertArrayEquals(weights, Files.readAllBytes(fetch().resolve(WEIGHTS)));
  }

  @Test
  void anObjectThatIsNotWhatWasListedIsRefused() throws Exception {
    Listed there = storage.listed("").get(WEIGHTS);
    assertEquals(weights.length, there.bytes());
    String message =
        assertThrows(
                IOException.class,
                () ->
                    storage.get(
                        WEIGHTS,
                        new Listed(there.bytes(), "\"0123456789abcdef0123456789abcdef\""),
                        folder.resolve("a")))
            .getMessage();
    assertTrue(message.startsWith("cannot read %s/%s: ".formatted(place, WEIGHTS)), message);
    assertTrue(message.contains("412"), message);
    message =
        assertThrows(
                IOException.class,
                () ->
                    storage.get(
                        WEIGHTS, new Listed(there.bytes() + 5, there.tag()), folder.resolve("b")))
            .getMessage();
    assertTrue(message.contains(" bytes from byte 67108864 on, expected "), message);
  }

  @Test
  void whatIsNoModelIsSaid() throws Exception {
    place = new StoragePlace("models", "team/none-" + number);
    String message = assertThrows(ConfigException.class, this::fetch).getMessage();
    assertEquals(
        place
            + " holds no model: there is neither config.json nor adapter_config.json, and no other"
            + " object",
        message);
    try (ObjectStorage other = ObjectStorage.open(place, Patience.SHORT)) {
      other.put("readme.txt", new byte[1]);
    }
    message = assertThrows(ConfigException.class, this::fetch).getMessage();
    assertTrue(message.endsWith(", of 1 objects such as readme.txt"), message);
  }
}
