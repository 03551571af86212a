package ai.dmt.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The paper's own numbers, from paper-results.yaml, by the names of groups. */
final class PaperResults {
  /** DMT as the paper's main table has it. */
  private static final String CHOSEN = "dmt k=1/256";

  private final JsonNode runs;

  private PaperResults(JsonNode runs) {
    this.runs = runs;
  }

  static PaperResults read() {
    try (InputStream in = PaperResults.class.getResourceAsStream("paper-results.yaml")) {
      return new PaperResults(new YAMLMapper().readTree(in).path("runs"));
    } catch (IOException e) {
      throw new UncheckedIOException("paper-results.yaml is part of this jar", e);
    }
  }

  /** Model sizes that have one of some groups. */
  List<String> sizes(Collection<String> groups) {
    List<String> sizes = new ArrayList<>();
    for (String size : List.of("7B", "13B", "33B")) {
      if (groups.stream()
          .anyMatch(
              group -> COLUMNS.keySet().stream().anyMatch(b -> of(group, size, b).isPresent()))) {
        sizes.add(size);
      }
    }
    return sizes;
  }

  /** Columns of the paper's tables, by the name of the benchmark here. */
  static final Map<String, String> COLUMNS = new LinkedHashMap<>();

  static {
    COLUMNS.put("gsm8k", "GSM8K %");
    COLUMNS.put("humaneval", "HumanEval %");
    COLUMNS.put("mtbench", "MT-Bench");
  }

  /**
   * A number of a run; empty where the paper has none. DMT of another k than the paper's is its.
   */
  OptionalDouble of(String group, String size, String benchmark) {
    String own = group.startsWith("dmt k=") ? CHOSEN : group;
    JsonNode run = runs.path(own).path(size);
    int column = List.copyOf(COLUMNS.keySet()).indexOf(benchmark);
    if (run.isMissingNode() || column < 0) {
      return OptionalDouble.empty();
    }
    String number = run.asText().split("/")[column].strip();
    return number.equals("-")
        ? OptionalDouble.empty()
        : OptionalDouble.of(Double.parseDouble(number));
  }
}
