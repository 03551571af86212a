package ai.dmt.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

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
      if (groups.stream().anyMatch(group -> of(group, size).isPresent())) {
        sizes.add(size);
      }
    }
    return sizes;
  }

  /** GSM8K, HumanEval and MT-Bench of a run, such as "47.53 / 14.63 / 5.76". */
  Optional<String> of(String group, String size) {
    JsonNode run = runs.path(group).path(size);
    if (run.isMissingNode() && group.startsWith("dmt k=")) { // another k than the paper's choice
      JsonNode chosen = runs.path(CHOSEN).path(size);
      return Optional.of("k=1/256: " + chosen.asText());
    }
    return run.isMissingNode() ? Optional.empty() : Optional.of(run.asText());
  }
}
