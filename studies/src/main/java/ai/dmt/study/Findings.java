package ai.dmt.study;

import ai.dmt.report.Share;
import ai.dmt.study.Claim.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What came out, in three sentences made of verdicts and means. */
final class Findings {
  private static final String MULTI_TASK = "multi-task";

  private final ResultView view;
  private final List<Claim> claims;

  Findings(ResultView view, List<Claim> claims) {
    this.view = view;
    this.claims = claims;
  }

  /** Fewer where a study asked less. */
  String text() {
    List<String> sentences = new ArrayList<>();
    verdicts().ifPresent(sentences::add);
    forgetting().ifPresent(sentences::add);
    multiTask().ifPresent(sentences::add);
    return String.join(" ", sentences);
  }

  private Optional<String> verdicts() {
    long asked = claims.stream().filter(claim -> claim.primary().isPresent()).count();
    if (asked == 0) {
      return Optional.empty();
    }
    List<String> parts = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      List<String> ids =
          claims.stream().filter(each -> each.verdict() == verdict).map(Claim::id).toList();
      if (!ids.isEmpty()) {
        parts.add("%s %s (%s)".formatted(ids.size(), verdict.text(), String.join(", ", ids)));
      }
    }
    return Optional.of(
        "Of the %s claims of the paper that are registered, %s."
            .formatted(claims.size(), String.join("; ", parts)));
  }

  /** The story of the paper's main table: claims 4c, 4d and 4f. */
  private Optional<String> forgetting() {
    List<String> parts = new ArrayList<>();
    part(
        "4c", "training on general data last makes models forget the specialized abilities", parts);
    part(
        "4d",
        "replaying k = %s of the specialized data (DMT) brings them back"
            .formatted(Share.text(view.headlineK())),
        parts);
    part("4f", "it costs the general ability no more than the margin", parts);
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of("The paper's story: that %s.".formatted(String.join("; that ", parts)));
  }

  private void part(String id, String text, List<String> parts) {
    claims.stream()
        .filter(claim -> claim.id().equals(id) && claim.primary().isPresent())
        .forEach(
            claim ->
                parts.add(
                    "%s is %s here (%s: %s)"
                        .formatted(
                            text,
                            claim.verdict().text(),
                            id,
                            EffectText.of(claim.primary().get()))));
  }

  private Optional<String> multiTask() {
    String dmt = "dmt k=" + Share.text(view.headlineK());
    List<String> better = new ArrayList<>();
    List<String> worse = new ArrayList<>();
    for (String source : view.sources()) {
      Optional<Metric> metric =
          view.metrics(source).stream().filter(each -> !each.isLoss()).findFirst();
      OptionalDouble one = metric.map(m -> mean(MULTI_TASK, m)).orElse(OptionalDouble.empty());
      OptionalDouble two = metric.map(m -> mean(dmt, m)).orElse(OptionalDouble.empty());
      if (one.isPresent() && two.isPresent()) {
        String text =
            "%s (%s against %s%s)"
                .formatted(
                    source,
                    metric.get().text(one.getAsDouble()),
                    metric.get().text(two.getAsDouble()),
                    metric.get().isShare() ? " %" : "");
        (one.getAsDouble() >= two.getAsDouble() ? better : worse).add(text);
      }
    }
    if (better.isEmpty() && worse.isEmpty()) {
      return Optional.empty();
    }
    String first = better.isEmpty() ? "" : "better in " + String.join(", ", better);
    String second = worse.isEmpty() ? "" : "worse in " + String.join(", ", worse);
    String joined = first.isEmpty() || second.isEmpty() ? first + second : first + ", " + second;
    return Optional.of(
        "On average over seeds, one training on everything (multi-task) is %s than %s."
            .formatted(joined, GroupNames.readable(dmt)));
  }

  private OptionalDouble mean(String group, Metric metric) {
    return view.values(group, metric).values().stream()
        .mapToDouble(Metric.Observed::value)
        .average();
  }
}
