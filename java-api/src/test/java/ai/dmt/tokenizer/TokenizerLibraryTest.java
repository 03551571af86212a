package ai.dmt.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerLibraryTest {
  private static final String RESOURCE = "native/lib/linux-x86_64/cpu/libtokenizers.so";

  @TempDir private Path temp;

  /** Started in a JVM of its own: loads the library and prints where it is mapped from. */
  static final class Probe {
    public static void main(String[] args) throws IOException {
      try {
        TokenizerLibrary.load();
      } catch (TokenizerException e) {
        System.out.println(e.getMessage());
        return;
      }
      try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
        lines
            .map(line -> line.replaceFirst("^[^/]*", ""))
            .filter(path -> path.matches(".*/libtokenizers\\.so"))
            .distinct()
            .forEach(System.out::println);
      }
    }
  }

  @Test
  void aLibraryThatDiffersFromTheJarsIsReplaced() throws IOException {
    Path file = temp.resolve("folder/libtokenizers.so");
    TokenizerLibrary.unpack(RESOURCE, file);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, 1_000_000));
    TokenizerLibrary.unpack(RESOURCE, file);
    assertArrayEquals(whole, Files.readAllBytes(file));

    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    Files.write(file, flipped);
    TokenizerLibrary.unpack(RESOURCE, file);
    assertArrayEquals(whole, Files.readAllBytes(file));

    FileTime before = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(file, before);
    TokenizerLibrary.unpack(RESOURCE, file);
    assertEquals(before, Files.getLastModifiedTime(file), "a good one is left alone");
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }

  /** Also says that DJL loads the file that was checked, and no other. */
  @Test
  void aLibraryThatWasCutOffDoesNotEndTheProcess() throws Exception {
    List<String> mapped = probe(List.of(), temp);
    assertEquals(1, mapped.size(), mapped::toString);
    Path file = Path.of(mapped.get(0));
    assertTrue(file.startsWith(temp.toRealPath()), file::toString);
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 500_000));
    assertEquals(mapped, probe(List.of(), temp));
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "no folder");
    String message = String.join("\n", probe(List.of(), file.resolve("cache")));
    assertTrue(
        message.matches(
            "libtokenizers.so cannot be loaded from "
                + file
                + "/cache/tokenizers/[^/]*: .*; set the environment variable ENGINE_CACHE_DIR to"
                + " .*"),
        message);
  }

  @Test
  void aFolderMountedNoexecIsNamed() throws Exception {
    assertSentenceOnMount("noexec");
  }

  @Test
  void aFullFolderIsNamed() throws Exception {
    assertSentenceOnMount("size=1m");
  }

  private void assertSentenceOnMount(String option) throws Exception {
    String mount = "mount -t tmpfs -o " + option + " tmpfs " + temp;
    List<String> inside = List.of("unshare", "-rm", "sh", "-c", mount + " && exec \"$@\"", "sh");
    assumeTrue(succeeds(inside), "skipped: a mount of one's own is not allowed here");
    List<String> lines = probe(inside, temp);
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(
        lines.get(0).startsWith("libtokenizers.so cannot be loaded from " + temp), lines::toString);
    assertTrue(lines.get(0).contains("ENGINE_CACHE_DIR"), lines::toString);
  }

  private boolean succeeds(List<String> inside) throws Exception {
    List<String> command = new ArrayList<>(inside);
    command.add("true");
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }

  private List<String> probe(List<String> inside, Path cache) throws Exception {
    List<String> command = new ArrayList<>(inside);
    command.add(ProcessHandle.current().info().command().orElse("java"));
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-DENGINE_CACHE_DIR=" + cache);
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath, Probe.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("ENGINE_CACHE_DIR", "DJL_CACHE_DIR"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().toList();
  }
}
