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
  static final String CHOSEN = "dmt k=1/256";

  private final JsonNode runs;
  private final List<Contradiction> contradictions = new ArrayList<>();

  /**
   * What the paper says in two ways, or does not say though its numbers hang on it.
   *
   * @param runs by the names of groups; empty for all
   * @param sizes of the model; empty for all
   * @param columns benchmarks whose numbers are meant; none where no number is marked
   * @param says both ways, and which one is in this file
   */
  record Contradiction(List<String> runs, List<String> sizes, List<String> columns, String says) {
    boolean isOf(String run) {
      return runs.contains(run);
    }

    /** What it is about, for people. */
    String of() {
      List<String> words = new ArrayList<>(sizes);
      runs.forEach(run -> words.add(GroupNames.readable(run)));
      return words.isEmpty() ? "all runs" : String.join(", ", words);
    }
  }

  private PaperResults(JsonNode file) {
    this.runs = file.path("runs");
    for (JsonNode each : file.path("contradictions")) {
      contradictions.add(
          new Contradiction(
              texts(each, "runs"),
              texts(each, "sizes"),
              texts(each, "columns"),
              each.path("says").asText()));
    }
  }

  private static List<String> texts(JsonNode entry, String key) {
    List<String> texts = new ArrayList<>();
    entry.path(key).forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }

  List<Contradiction> contradictions() {
    return List.copyOf(contradictions);
  }

  /** Those of one number of a run. */
  List<Contradiction> contradictions(String group, String size, String benchmark) {
    return contradictions.stream()
        .filter(each -> each.isOf(own(group)))
        .filter(each -> each.sizes().isEmpty() || each.sizes().contains(size))
        .filter(each -> each.columns().contains(benchmark))
        .toList();
  }

  /**
   * The name that a group's run has here: DMT of a k is that of the same k in the paper's sweep.
   */
  String own(String group) {
    return runs.has(group) ? group : group.replaceFirst("^dmt ", "k sweep ");
  }

  static PaperResults read() {
    try (InputStream in = PaperResults.class.getResourceAsStream("paper-results.yaml")) {
      return new PaperResults(new YAMLMapper().readTree(in));
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

  /** A number of a run; empty where the paper has none, or no run of this k. */
  OptionalDouble of(String group, String size, String benchmark) {
    JsonNode run = runs.path(own(group)).path(size);
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
