package ai.dmt.study;

import ai.dmt.evaluators.Interval;
import ai.dmt.report.Share;
import ai.dmt.study.Claim.Tested;
import ai.dmt.study.Claim.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What came out, in sentences made of verdicts and intervals. */
final class Findings {
  private static final String MULTI_TASK = "multi-task";

  private final ResultView view;
  private final List<Claim> claims;

  Findings(ResultView view, List<Claim> claims) {
    this.view = view;
    this.claims = claims;
  }

  /** Fewer where a study asked less. */
  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    verdicts().ifPresent(sentences::add);
    story().ifPresent(sentences::add);
    stages().ifPresent(sentences::add);
    multiTask().ifPresent(sentences::add);
    return sentences;
  }

  private Optional<String> verdicts() {
    List<Claim> ofPaper = claims.stream().filter(Claim::isOfPaper).toList();
    if (ofPaper.stream().noneMatch(claim -> claim.primary().isPresent())) {
      return Optional.empty();
    }
    List<String> parts = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      List<String> ids =
          ofPaper.stream().filter(each -> each.verdict() == verdict).map(Claim::id).toList();
      if (!ids.isEmpty()) {
        parts.add("%s %s (%s)".formatted(ids.size(), verdict.text(), String.join(", ", ids)));
      }
    }
    List<String> against =
        ofPaper.stream()
            .filter(claim -> claim.primary().stream().anyMatch(test -> !test.agrees()))
            .map(Claim::id)
            .toList();
    return Optional.of(
        "Of the %s claims of the paper that are registered, %s%s."
            .formatted(
                ofPaper.size(),
                String.join("; ", parts),
                against.isEmpty()
                    ? ""
                    : "; the estimates of %s point against the paper"
                        .formatted(String.join(", ", against))));
  }

  /** The story of the paper's main table, no further than claims 4c, 4d and 4f test it. */
  private Optional<String> story() {
    String k = Share.text(view.headlineK());
    List<String> parts = new ArrayList<>();
    part(
        "4c",
        "that models trained in stages, on general data last, are worse in specialized abilities"
            + " than models of the one source alone",
        parts);
    part("4d", "that DMT with k = %s is better in them than without replay".formatted(k), parts);
    part("4f", "that this costs the general ability no more than the margin", parts);
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of("The paper's story here: %s.".formatted(String.join("; ", parts)));
  }

  private void part(String id, String text, List<String> parts) {
    claims.stream()
        .filter(claim -> claim.id().equals(id) && claim.primary().isPresent())
        .forEach(
            claim ->
                parts.add(
                    "%s is %s (%s: %s)"
                        .formatted(
                            text,
                            claim.verdict().text(),
                            id,
                            EffectText.withInterval(claim.primary().get()))));
  }

  /** What the last stage by itself did, which claim 4c does not ask. */
  private Optional<String> stages() {
    List<String> parts = new ArrayList<>();
    for (String group : List.of("sequential", "mixed-sequential")) {
      List<String> changes = new ArrayList<>();
      StageChanges.ofLast(view, group)
          .forEach(
              (source, change) -> {
                if (!view.isGeneral(source)) {
                  changes.add(source + " " + EffectText.withInterval(change));
                }
              });
      if (!changes.isEmpty()) {
        parts.add("in %s %s".formatted(group, String.join(" and ", changes)));
      }
    }
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of(
            ("The last, general stage by itself, after it over before it (above × 1 is forgetting,"
                    + " below is repair): %s.")
                .formatted(String.join("; ", parts)));
  }

  /** Multi-task against DMT: with an interval for each ability, and no more said than that. */
  private Optional<String> multiTask() {
    String dmt = "dmt k=" + Share.text(view.headlineK());
    List<String> better = new ArrayList<>();
    List<String> worse = new ArrayList<>();
    List<String> open = new ArrayList<>();
    for (String source : view.sources()) {
      Optional<Metric> score =
          view.metrics(source).stream().filter(each -> !each.isLoss()).findFirst();
      Optional<Metric> metric =
          score.isPresent() ? score : view.metrics(source).stream().findFirst();
      Optional<Tested> tested = metric.flatMap(m -> Comparisons.of(view, m, MULTI_TASK, dmt));
      if (tested.isPresent()) {
        String text = "%s (%s)".formatted(source, values(metric.get(), dmt, tested.get()));
        Optional<Interval> interval =
            tested.get().effect().seeds() < 3 ? Optional.empty() : tested.get().effect().interval();
        boolean above = interval.filter(found -> found.low() > 0).isPresent();
        boolean below = interval.filter(found -> found.high() < 0).isPresent();
        (above ? better : below ? worse : open).add(text);
      }
    }
    List<String> parts = new ArrayList<>();
    add(parts, "better in ", better);
    add(parts, "worse in ", worse);
    add(parts, "not to be told apart in ", open);
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "One training on everything (multi-task) against %s, each ability by itself: %s."
                .formatted(GroupNames.readable(dmt), String.join("; ", parts)));
  }

  private static void add(List<String> parts, String how, List<String> abilities) {
    if (!abilities.isEmpty()) {
      parts.add(how + String.join(", ", abilities));
    }
  }

  private String values(Metric metric, String dmt, Tested tested) {
    return "%s against %s%s, %s"
        .formatted(
            mean(MULTI_TASK, metric),
            mean(dmt, metric),
            metric.isShare() ? " %" : "",
            EffectText.withInterval(tested));
  }

  private String mean(String group, Metric metric) {
    return metric.text(
        view.values(group, metric).values().stream()
            .mapToDouble(Metric.Observed::value)
            .average()
            .orElseThrow());
  }
}
