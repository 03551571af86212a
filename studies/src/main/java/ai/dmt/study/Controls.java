package ai.dmt.study;

import ai.dmt.evaluators.Interval;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Share;
import ai.dmt.report.Table;
import ai.dmt.study.Claim.Tested;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What remains of claims 2a and 4d when the arm of less data trains for as many steps, or tokens,
 * as the arm of more: each comparison with and without the control, by ability and over all.
 */
final class Controls {
  /** Anchor of the section that has them. */
  static final String SECTION = "matched";

  private static final String REVERSED = "it is reversed";

  private final ResultView view;
  private final Registration registration;
  private final List<Control> controls = new ArrayList<>();

  /**
   * A claim's comparison, controlled.
   *
   * @param claim that it is of
   * @param matched such as "as many steps"
   * @param ability a source, or all of the claim's
   * @param plain the comparison as the claim has it
   * @param control with the arm of less data matched
   */
  private record Control(
      String claim, String matched, String ability, Tested plain, Tested control) {}

  Controls(ResultView view, Registration registration) {
    this.view = view;
    this.registration = registration;
    for (String kind : List.of("steps", "tokens")) {
      ofMixture(kind);
    }
    String k = Share.text(view.headlineK());
    List<Metric> specialized =
        primary(view.sources().stream().filter(source -> !view.isGeneral(source)).toList());
    add(
        "4d",
        "as many steps in the last stage",
        specialized,
        metric -> Comparisons.difference("dmt k=" + k, "mixed-sequential"),
        metric -> Comparisons.difference("dmt k=" + k, "matched steps mixed-sequential k=" + k));
  }

  private void ofMixture(String kind) {
    Map<String, String> shares = new LinkedHashMap<>(); // by source
    for (String group : view.groups(StudyQuestion.MATCHED)) {
      JsonNode cell = view.cells(group).get(0);
      String source = cell.path("setup").asText();
      if (group.startsWith("matched " + kind) && view.sources().contains(source)) {
        shares.put(source, Share.text(cell.path("fraction").asDouble()));
      }
    }
    add(
        "2a",
        "as many " + kind,
        primary(List.copyOf(shares.keySet())),
        metric -> {
          String k = shares.get(metric.source());
          return Comparisons.difference(
              "mixed k=" + k, "amount %s k=%s".formatted(metric.source(), k));
        },
        metric -> {
          String k = shares.get(metric.source());
          return Comparisons.difference(
              "mixed k=" + k, "matched %s %s k=%s".formatted(kind, metric.source(), k));
        });
  }

  /** Measures of the registered kind. */
  private List<Metric> primary(List<String> sources) {
    return sources.stream()
        .flatMap(
            source ->
                view.metrics(source).stream()
                    .filter(
                        metric ->
                            Registration.kind(metric) == registration.primary(view.isOfWorld()))
                    .limit(1))
        .toList();
  }

  /** What a measure's comparison is made of. */
  private interface Weights extends java.util.function.Function<Metric, Map<String, Double>> {}

  private void add(
      String claim, String matched, List<Metric> metrics, Weights plain, Weights control) {
    List<List<Metric>> abilities = new ArrayList<>(List.of(metrics));
    if (metrics.size() > 1) {
      metrics.forEach(metric -> abilities.add(List.of(metric)));
    }
    for (List<Metric> some : abilities) {
      Optional<Tested> before = Comparisons.of(view, some, plain);
      Optional<Tested> after = Comparisons.of(view, some, control);
      if (before.isPresent() && after.isPresent()) {
        String ability = some.size() == 1 ? some.get(0).source() : "all of the claim's";
        controls.add(new Control(claim, matched, ability, before.get(), after.get()));
      }
    }
  }

  boolean isEmpty() {
    return controls.isEmpty();
  }

  /** For the first screen: the controls over all abilities of a claim, leading to their section. */
  Optional<Block> summary() {
    List<Control> whole =
        controls.stream().filter(each -> each.ability().startsWith("all")).toList();
    return whole.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new TableBlock(
                "Controls of claims 2a and 4d: the same comparison when the arm of less data trains"
                    + " as long as the other",
                table(whole),
                whole.stream().map(each -> SECTION).toList()));
  }

  /** With each ability by itself. */
  Table table() {
    return table(controls);
  }

  /** A sentence for each control over all abilities. */
  String conclusions() {
    return String.join(
        " ",
        controls.stream()
            .filter(each -> each.ability().startsWith("all"))
            .map(
                each ->
                    "Claim %s, with %s: %s (%s; without the control %s)."
                        .formatted(
                            each.claim(),
                            each.matched(),
                            reading(each),
                            EffectText.withInterval(each.control()),
                            EffectText.withInterval(each.plain())))
            .toList());
  }

  /** What the first screen must not leave out: claims that a control reverses; may be empty. */
  String reversals() {
    return String.join(
        " ",
        controls.stream()
            .filter(each -> each.ability().startsWith("all"))
            .filter(each -> reading(each).equals(REVERSED))
            .map(
                each ->
                    "With %s in both arms the effect of claim %s is reversed (%s instead of %s)."
                        .formatted(
                            each.matched(),
                            each.claim(),
                            EffectText.withInterval(each.control()),
                            EffectText.withInterval(each.plain())))
            .toList());
  }

  private static Table table(List<Control> some) {
    return new Table(
        List.of(
            "claim",
            "matched",
            "ability",
            "effect as claimed [95 %]",
            "effect, matched [95 %]",
            "seeds, matched",
            "what it says"),
        some.stream()
            .map(
                each ->
                    List.of(
                        each.claim(),
                        each.matched(),
                        each.ability(),
                        EffectText.withInterval(each.plain()),
                        EffectText.withInterval(each.control()),
                        Integer.toString(each.control().effect().seeds()),
                        reading(each)))
            .toList());
  }

  private static String reading(Control control) {
    Tested matched = control.control();
    Optional<Interval> interval =
        matched.effect().seeds() < 3 ? Optional.empty() : matched.effect().interval();
    double plain = control.plain().effect().estimate();
    boolean same = Math.signum(matched.effect().estimate()) == Math.signum(plain);
    if (interval.isEmpty()) {
      return "an estimate of %s, %s"
          .formatted(
              matched.effect().seeds() == 1 ? "one seed" : "two seeds",
              same ? "the same way" : "the other way");
    }
    boolean decided = Stream.of(interval.get()).allMatch(i -> i.low() > 0 || i.high() < 0);
    return !decided
        ? "nothing is left that could be told from none"
        : same ? "it remains, the same way" : REVERSED;
  }
}
