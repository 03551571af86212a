package ai.dmt.internal.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoragePlaceTest {
  @Test
  void aPlaceIsToldFromAFolder() {
    StoragePlace place = new StoragePlace("models", "runs/mine");
    for (String text : new String[] {"s3://models/runs/mine", "s3://models/runs/mine/"}) {
      assertEquals(Optional.of(place), StoragePlace.find(text), text);
      assertEquals(Optional.of(place), StoragePlace.find(Path.of(text).toString()), text);
    }
    assertEquals("s3://models/runs/mine", place.toString());
    for (String text : new String[] {"out", "/data/s3", "s3", "s3/models", "./s3:/x"}) {
      assertEquals(Optional.empty(), StoragePlace.find(text), text);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://",
        "s3://models",
        "s3://models/",
        "s3://a b/c",
        "s3://m/../x",
        "s3://mm/../x",
        "s3:",
        "S3://"
      })
  void aPlaceHasABucketAndAPrefix(String text) {
    String named = "s3://" + text.replaceFirst("(?i)s3:/*", "").replaceFirst("/$", "");
    for (String written : List.of(text, Path.of(text).toString())) {
      String message =
          assertThrows(ConfigException.class, () -> StoragePlace.find(written)).getMessage();
      assertTrue(message.startsWith(named + " names no place of a run; expected s3://"), message);
    }
  }

  /** A path makes one slash of two; a text is what somebody meant. */
  @Test
  void aNameWithoutLettersIsNone() {
    assertThrows(ConfigException.class, () -> StoragePlace.find("s3://models/a//b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gs://b/x", "gs:", "hdfs:/b/x", "https://b/x", "S3A://b/x"})
  void otherKindsOfPlacesAreNoFolders(String text) {
    String message =
        assertThrows(ConfigException.class, () -> StoragePlace.find(text)).getMessage();
    assertTrue(message.contains("expected a folder, or s3://BUCKET/PREFIX"), message);
  }

  /** As in an application that does not bring it: runs to folders are none the worse. */
  @Test
  void aClientThatIsMissingIsToldByName() throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<URL> urls = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator)) {
      if (!entry.contains("awssdk")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader without =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> type = without.loadClass(StoragePlace.class.getName());
      Object place = type.getConstructor(String.class, String.class).newInstance("models", "x");
      InvocationTargetException e =
          assertThrows(
              InvocationTargetException.class, () -> type.getMethod("demandClient").invoke(place));
      assertEquals(
          "s3://models/x needs software.amazon.awssdk:s3 and"
              + " software.amazon.awssdk:url-connection-client on the class path",
          e.getCause().getMessage());
      assertThrows(
          ClassNotFoundException.class,
          () -> without.loadClass("software.amazon.awssdk.services.s3.S3Client"));
      Class.forName("ai.dmt.run.ScheduleRun", true, without);
    }
    new StoragePlace("models", "x").demandClient(); // it is here
  }

  @Test
  void filesThatLeadOutOfAFolderAreRefused() throws IOException {
    String sum = "0".repeat(64);
    String list = "{\"format\": 1, \"files\": {\"%s\": {\"bytes\": 3, \"sha256\": \"%s\"}}}";
    StoredFiles good = parse(list.formatted("run/metrics.jsonl", sum));
    assertEquals(3, good.bytes());
    assertEquals(good, StoredFiles.parse(good.toJson(), "here"));
    for (String name : new String[] {"../x", "/etc/x", "a/../x", "a//x", ".hidden", ""}) {
      assertThrows(IOException.class, () -> parse(list.formatted(name, sum)), name);
    }
    assertThrows(IOException.class, () -> parse(list.formatted("x", "12")));
    assertThrows(IOException.class, () -> parse(list.replace("1,", "2,").formatted("x", sum)));
    assertThrows(IOException.class, () -> parse("{"));
  }

  private static StoredFiles parse(String json) throws IOException {
    return StoredFiles.parse(json.getBytes(StandardCharsets.UTF_8), "here");
  }
}
