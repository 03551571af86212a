package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The messages of docs/troubleshoot.md are ones that the sources have. */
class TroubleshootPageTest {
  private static final Pattern MESSAGE = Pattern.compile("^\\| `([^`]+)` \\|", Pattern.MULTILINE);
  private static final int LEAST_FRAGMENT = 4;

  @Test
  void everyMessageCanBeSaid() throws IOException {
    String sources = sources();
    List<String> messages =
        MESSAGE
            .matcher(Files.readString(Path.of("../docs/troubleshoot.md")))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertTrue(messages.size() > 25, messages::toString);
    List<String> unknown = new ArrayList<>();
    for (String message : messages) {
      for (String fragment : message.split("\\.\\.\\.")) {
        String text = fragment.strip();
        if (text.length() >= LEAST_FRAGMENT && !sources.contains(text)) {
          unknown.add("\"%s\" of \"%s\"".formatted(text, message));
        }
      }
    }
    assertEquals(List.of(), unknown, "these texts are in no source");
  }

  /** All sources, with texts that are broken into parts put together, and places as in the page. */
  private static String sources() throws IOException {
    List<Path> files = new ArrayList<>(List.of(Path.of("../dmt")));
    for (String module : List.of("java-api", "strategies", "evaluators", "studies", "cli")) {
      files.addAll(under(Path.of("..", module, "src/main/java"), ".java"));
    }
    files.addAll(under(Path.of("../native/src"), ".cpp"));
    StringBuilder all = new StringBuilder();
    for (Path file : files) {
      all.append(Files.readString(file)).append('\n');
    }
    return all.toString()
        .replaceAll("\"\\s*\\+\\s*\"", "")
        .replaceAll("\"\\s*\\n\\s*\"", "")
        .replace("\\\"", "\"");
  }

  private static List<Path> under(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
