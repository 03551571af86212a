package ai.dmt.internal.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Every construct renders as jinja2 does, or is refused. table.jsonl is made by
 * scripts/make_jinja_table.py.
 */
class JinjaTableTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Constructs that jinja2 renders and that are refused here on purpose. */
  private static final int MOST_REFUSED = 60;

  private static List<JsonNode> table() throws IOException {
    List<JsonNode> table = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                JinjaTableTest.class.getResourceAsStream("table.jsonl"), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        table.add(JSON.readTree(line));
      }
    }
    return table;
  }

  @Test
  void everyConstructRendersAsInPythonOrIsRefused() throws IOException {
    List<String> wrong = new ArrayList<>();
    Set<String> templates = new TreeSet<>();
    Set<String> refused = new TreeSet<>();
    for (JsonNode row : table()) {
      String template = row.path("template").textValue();
      String expected = row.path("expected").textValue(); // null where Python fails
      templates.add(template);
      String actual;
      try {
        actual = RenderLines.render(template, RenderLines.variables(row.path("variables")));
      } catch (JinjaException e) {
        if (expected != null) {
          refused.add(template + "   " + e.getMessage());
        }
        continue;
      }
      if (!actual.equals(expected)) {
        wrong.add("%s%n   got      %s%n   expected %s".formatted(template, actual, expected));
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(templates.size() >= 300, () -> templates.size() + " templates");
    assertTrue(refused.size() <= MOST_REFUSED, () -> String.join("\n", refused));
  }
}
