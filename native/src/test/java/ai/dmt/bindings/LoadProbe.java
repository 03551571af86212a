package ai.dmt.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Started in a JVM of its own by {@link NativeLoaderTest}: loads, then prints which libraries are
 * mapped.
 */
final class LoadProbe {
  private LoadProbe() {}

  public static void main(String[] args) throws IOException {
    NativeLoader.load();
    NativeLoader.load(); // the second time does nothing
    DmtEngine.torch_version().getString();
    printLibraries();
  }

  static void printLibraries() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      lines
          .map(line -> line.replaceFirst("^[^/]*", ""))
          .filter(path -> path.matches(".*\\.so(\\.\\d+)*"))
          .distinct()
          .forEach(System.out::println);
    }
  }
}
