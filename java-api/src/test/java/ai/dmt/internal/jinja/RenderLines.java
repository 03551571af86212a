package ai.dmt.internal.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.Set;

/**
 * Renders templates that come line by line as JSON, for scripts/make_jinja_table.py: a template and
 * its variables, and back comes the text or why there is none.
 */
public final class RenderLines {
  static final LocalDateTime NOW = LocalDateTime.of(2026, 3, 5, 14, 7, 9);
  private static final ObjectMapper JSON = new ObjectMapper();

  private RenderLines() {}

  public static void main(String[] arguments) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(JSON.writeValueAsString(render(JSON.readTree(line))));
    }
  }

  private static ObjectNode render(JsonNode line) {
    ObjectNode result = JSON.createObjectNode();
    try {
      return result.put(
          "text", render(line.path("template").asText(), variables(line.path("variables"))));
    } catch (JinjaException e) {
      return result.put("error", e.getMessage());
    } catch (RuntimeException | Error e) { // a fault of this package, which the script reports
      e.printStackTrace();
      return result.put("fault", e.toString());
    }
  }

  static String render(String template, Map<String, ?> variables) {
    return Template.parse(template).render(variables, Set.of(), NOW, 10_000);
  }

  static Map<String, ?> variables(JsonNode node) {
    return JSON.convertValue(
        node, new com.fasterxml.jackson.core.type.TypeReference<Map<String, Object>>() {});
  }
}
