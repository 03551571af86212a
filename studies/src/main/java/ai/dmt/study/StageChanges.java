package ai.dmt.study;

import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import ai.dmt.study.Claim.Tested;
import ai.dmt.study.Comparisons.Leg;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each later stage did to each ability: the held-out loss after it against that before it, of
 * the same run. This is forgetting by itself; a comparison with another run mixes it with what was
 * learnt.
 */
final class StageChanges {
  private StageChanges() {}

  /** By source, what the last stage of a group did. */
  static Map<String, Tested> ofLast(ResultView view, String group) {
    return of(view, group, stages(view, group) - 1);
  }

  private static int stages(ResultView view, String group) {
    return view.has(group) ? view.cells(group).get(0).path("stages").size() : 0;
  }

  /** By source, what a stage from the second on did; empty where there is none before it. */
  private static Map<String, Tested> of(ResultView view, String group, int stage) {
    Map<String, Tested> changes = new LinkedHashMap<>();
    if (stage > 0) {
      for (Metric loss : view.metrics().stream().filter(Metric::isLoss).toList()) {
        Comparisons.ofStages(
                view, loss, List.of(new Leg(group, stage, 1), new Leg(group, stage - 1, -1)))
            .ifPresent(change -> changes.put(loss.source(), change));
      }
    }
    return changes;
  }

  /** A row for each later stage of some groups; without rows where none has several stages. */
  static TableBlock table(ResultView view, List<String> groups) {
    List<List<String>> rows = new ArrayList<>();
    for (String group : groups) {
      for (int stage = 1; stage < stages(view, group); stage++) {
        JsonNode named = view.cells(group).get(0).path("stages").path(stage);
        Map<String, Tested> changes = of(view, group, stage);
        List<String> row =
            new ArrayList<>(
                List.of(
                    view.readable(group),
                    "%s: %s".formatted(stage + 1, named.path("name").asText())));
        int seeds = 0;
        for (String source : view.sources()) {
          Optional<Tested> change = Optional.ofNullable(changes.get(source));
          row.add(change.map(EffectText::withInterval).orElse(EffectText.NONE));
          seeds = Math.max(seeds, change.map(each -> each.effect().seeds()).orElse(0));
        }
        row.add(2, Integer.toString(seeds));
        rows.add(row);
      }
    }
    List<String> header = new ArrayList<>(List.of("run", "stage", "seeds"));
    view.sources().forEach(source -> header.add(source + " [95 %]"));
    return new TableBlock(
        "What each later stage changed: held-out loss after it over that before it, of the same run;"
            + " above × 1 is forgetting. Each interval is of the one change by itself.",
        new Table(header, rows));
  }

  /** Whether the last stage of one group did another thing than that of another, by source. */
  static Map<String, Tested> difference(ResultView view, String group, String other) {
    Map<String, Tested> differences = new LinkedHashMap<>();
    int last = stages(view, group) - 1;
    int ofOther = stages(view, other) - 1;
    if (last > 0 && ofOther > 0) {
      for (Metric loss : view.metrics().stream().filter(Metric::isLoss).toList()) {
        Comparisons.ofStages(
                view,
                loss,
                List.of(
                    new Leg(group, last, 1),
                    new Leg(group, last - 1, -1),
                    new Leg(other, ofOther, -1),
                    new Leg(other, ofOther - 1, 1)))
            .ifPresent(found -> differences.put(loss.source(), found));
      }
    }
    return differences;
  }
}
