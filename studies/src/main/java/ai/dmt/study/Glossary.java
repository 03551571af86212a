package ai.dmt.study;

import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Words that the report uses, and runs that it shows under several names. */
final class Glossary {
  private static final Map<String, String> WORDS = new LinkedHashMap<>();

  static {
    WORDS.put("source, ability", "a kind of training data, and what is learnt from it");
    WORDS.put(
        "specialized, general",
        "kinds of sources: code and mathematics in the paper; conversations");
    WORDS.put("multi-task", "one stage on all sources together");
    WORDS.put("sequential", "a stage for each source, the general one last");
    WORDS.put("mixed-sequential", "a stage on all specialized sources, then one on the general");
    WORDS.put(
        "DMT, k",
        "dual-stage mixed fine-tuning: as mixed-sequential, but the last stage has a share k of the"
            + " specialized data again; k = 0 is mixed-sequential");
    WORDS.put("RQ1 to RQ4, App. H", "research questions 1 to 4 and appendix H of the paper");
    WORDS.put(
        "set-ups a, b, c",
        "of RQ3: a share k of the specialized data with all general data (a); all specialized data"
            + " with a share k of the general (b); as a, with a small share of the general (c)");
    WORDS.put(
        "adapter (LoRA), rank",
        "two small matrices beside each of the model's, trained in its place; the rank is their"
            + " smaller side");
    WORDS.put(
        "held-out loss, nats",
        "mean over the label tokens of rows that nothing was trained on of -ln of the probability"
            + " that the model gives them");
    WORDS.put("odds", "a share p as p / (1 - p); a rating as a share of its range");
    WORDS.put("Holm", "a correction of p-values for there being several claims");
    WORDS.put("CKA", "centred kernel alignment: how alike two sets of representations are, 0 to 1");
  }

  private Glossary() {}

  static Table words() {
    List<List<String>> rows = new ArrayList<>();
    WORDS.forEach((word, meaning) -> rows.add(List.of(word, meaning)));
    return new Table(List.of("word", "means"), rows);
  }

  /** Ways to train that are the same runs, since they go through the same stages. */
  static Table aliases(ResultView view) {
    Map<String, List<String>> byStages = new LinkedHashMap<>();
    for (StudyQuestion question : StudyQuestion.values()) {
      for (String group : view.groups(question)) {
        StringBuilder path = new StringBuilder();
        JsonNode first = view.cells(group).get(0);
        first.path("stages").forEach(stage -> path.append(stage.path("node").asText()).append(' '));
        byStages
            .computeIfAbsent(path.toString(), key -> new ArrayList<>())
            .add(view.readable(group));
      }
    }
    List<List<String>> rows = new ArrayList<>();
    for (List<String> names : byStages.values()) {
      List<String> different = names.stream().distinct().toList();
      if (different.size() > 1) {
        rows.add(
            List.of(different.get(0), String.join("; ", different.subList(1, different.size()))));
      }
    }
    return new Table(List.of("run", "also shown as"), rows);
  }
}
