package ai.dmt.study;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Table;
import ai.dmt.study.Claim.Tested;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The claims with effect and verdict, and how they were tested. */
final class ClaimSection {
  private final ResultView view;
  private final List<Claim> claims;
  private final Registration registration;
  private final double strictest;

  ClaimSection(ResultView view, List<Claim> claims, Registration registration) {
    this.view = view;
    this.claims = claims;
    this.registration = registration;
    this.strictest = Claims.strictest(claims, registration);
  }

  /** For the first screen. */
  Block verdicts() {
    List<Claim> ofPaper = claims.stream().filter(Claim::isOfPaper).toList();
    return new TableBlock(
        "What the paper found, and what holds here. Effects are ratios, of the first group to the"
            + " second, of the registered primary measure%s. Direction is whether the estimate lies"
                .formatted(meaning())
            + " with or against the paper, whatever its error. Intervals of 95 % and the first p are of the one claim by"
            + " itself; the verdict is for all claims together at %s %% by the second p (Holm), so"
                .formatted(Math.round(100 * registration.plan().level()))
            + " that an interval may leave out 1 where the verdict is inconclusive. A claim's"
            + " number leads to its runs.",
        table(ofPaper),
        ofPaper.stream().map(ClaimSection::anchor).toList());
  }

  private String meaning() {
    return claims.stream()
            .flatMap(claim -> claim.primary().stream())
            .allMatch(test -> test.metric().isLoss())
        ? ", the held-out loss: below × 1 is better"
        : "";
  }

  /** For the section of a question; empty where none of the claims is about it. */
  Optional<Block> verdicts(String caption, Predicate<Claim> some) {
    List<Claim> chosen = claims.stream().filter(some).toList();
    return chosen.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new TableBlock(
                caption, table(chosen), chosen.stream().map(ClaimSection::anchor).toList()));
  }

  /**
   * How it was tested, and everything else.
   *
   * @param earlierSeeds numbers of seeds at which results were seen before there were more
   */
  List<Block> details(List<String> earlierSeeds) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Paragraph(method() + exploratory(earlierSeeds)));
    blocks.add(new Paragraph(columns()));
    if (!measure().isEmpty()) {
      blocks.add(new Paragraph(measure()));
    }
    blocks.add(
        new TableBlock(
            "What each claim was decided on, and what this many seeds could show", power()));
    for (Claim claim : claims) {
      String summary = "Runs of claim %s: %s".formatted(claim.id(), claim.text());
      blocks.add(new FoldedTable(summary, runs(claim), anchor(claim)));
    }
    blocks.add(
        new FoldedTable(
            "Secondary: the same contrasts in every measure, for orientation, without verdicts",
            secondary()));
    return blocks;
  }

  private static String anchor(Claim claim) {
    return "claim-" + claim.id();
  }

  /** What the claim's groups measured, seed by seed; no rows where it was not asked. */
  private Table runs(Claim claim) {
    List<Contrast> contrasts = claim.primary().map(Tested::contrasts).orElse(List.of());
    Set<Long> seeds = new TreeSet<>();
    for (Contrast contrast : contrasts) {
      contrast
          .weights()
          .keySet()
          .forEach(group -> seeds.addAll(view.values(group, contrast.metric()).keySet()));
    }
    List<String> header = new ArrayList<>(List.of("runs", "measure", "weight"));
    seeds.forEach(seed -> header.add("seed " + seed));
    List<List<String>> rows = new ArrayList<>();
    for (Contrast contrast : contrasts) {
      contrast
          .weights()
          .forEach((group, weight) -> rows.add(run(contrast.metric(), group, weight, seeds)));
    }
    return new Table(header, rows);
  }

  private List<String> run(Metric metric, String group, double weight, Set<Long> seeds) {
    Map<Long, Metric.Observed> values = view.values(group, metric);
    List<String> row =
        new ArrayList<>(
            List.of(view.readable(group), metric.label(), Units.format("%+.1f", weight)));
    for (long seed : seeds) {
      Metric.Observed value = values.get(seed);
      row.add(value == null ? EffectText.NONE : metric.text(value.value()));
    }
    return row;
  }

  private static String exploratory(List<String> earlierSeeds) {
    return earlierSeeds.isEmpty()
        ? ""
        : (" Results were seen with %s seeds before more were added: verdicts after a second look"
                + " are exploratory.")
            .formatted(String.join(" and ", earlierSeeds));
  }

  private static Table table(List<Claim> some) {
    String what =
        some.stream().allMatch(Claim::isOfPaper) ? "what the paper found" : "what is claimed";
    List<List<String>> rows = new ArrayList<>();
    for (Claim claim : some) {
      rows.add(
          List.of(
              claim.id(),
              claim.text(),
              claim.verdict().text(),
              claim
                  .primary()
                  .map(test -> test.agrees() ? "with" : "against")
                  .orElse(EffectText.NONE),
              claim.primary().map(EffectText::withInterval).orElse(EffectText.NONE),
              claim.primary().map(test -> probabilities(claim, test)).orElse(EffectText.NONE)));
    }
    return new Table(List.of("claim", what, "here", "direction", "effect [95 %]", "p; Holm"), rows);
  }

  private static String probabilities(Claim claim, Tested test) {
    return Double.isNaN(claim.adjusted())
        ? EffectText.NONE
        : "%s; %s"
            .formatted(
                EffectText.probability(test.pValue()), EffectText.probability(claim.adjusted()));
  }

  private Table power() {
    List<List<String>> rows = new ArrayList<>();
    for (Claim claim : claims) {
      if (claim.primary().isEmpty()) {
        continue;
      }
      Tested test = claim.primary().get();
      rows.add(
          List.of(
              claim.id(),
              contrasts(test),
              EffectText.expected(test),
              EffectText.of(test),
              abilities(claim, test),
              EffectText.probability(Double.isNaN(claim.adjusted()) ? Double.NaN : test.pValue()),
              EffectText.probability(claim.adjusted()),
              Integer.toString(test.effect().seeds()),
              EffectText.detectable(test, strictest),
              MoreSeeds.needed(claim, test, strictest)));
    }
    return new Table(
        List.of(
            "claim",
            "contrast",
            "expected",
            "effect",
            "by ability",
            "p alone",
            "p after Holm",
            "seeds",
            "least effect it could show",
            "seeds that would decide"),
        rows);
  }

  /** The same contrast in each ability by itself: one may carry the mean. */
  private static String abilities(Claim claim, Tested primary) {
    if (primary.contrasts().size() == 1) {
      return EffectText.NONE;
    }
    List<Metric> measures = primary.contrasts().stream().map(Contrast::metric).toList();
    return String.join(
        "; ",
        claim.secondary().stream()
            .filter(test -> measures.contains(test.metric()))
            .map(test -> test.metric().source() + " " + EffectText.withInterval(test))
            .toList());
  }

  private String contrasts(Tested test) {
    String measures =
        String.join(" and ", test.contrasts().stream().map(each -> each.metric().title()).toList());
    List<String> names = test.contrasts().stream().map(Contrast::name).distinct().toList();
    return "%s: %s".formatted(measures, view.readable(String.join("; ", names)));
  }

  private Table secondary() {
    List<List<String>> rows = new ArrayList<>();
    for (Claim claim : claims) {
      for (Tested test : claim.secondary()) {
        rows.add(
            List.of(
                claim.id(),
                test.metric().title(),
                view.readable(test.contrasts().get(0).name()),
                EffectText.withInterval(test),
                Integer.toString(test.effect().seeds()),
                test.effect().atEnd() ? "a group is at an end of the measure" : ""));
      }
    }
    return new Table(
        List.of("claim", "measure", "contrast", "effect [95 %, alone]", "seeds", "note"), rows);
  }

  private String method() {
    return ("Each claim has one primary measure and one contrast, named before the run in"
            + " registration.yaml (SHA-256 %s%s). Differences are paired by seed and by"
            + " problem, on the logarithm of losses and the log-odds of shares and ratings; the"
            + " error is that of seeds (Student's t, one degree of freedom less than seeds) and"
            + " of problems, as crossed clusters. Verdicts hold for all claims together at %s"
            + " %% (Holm), two-sided; \"about the same\" and \"not less\" are two one-sided"
            + " tests against a margin. Fewer than %s seeds give an estimate, not a verdict."
            + " An effect over several abilities is the mean of their log-ratios.")
        .formatted(
            registration.shortHash(),
            registration.kept()
                ? registration.isPackaged() ? "" : "; this dmt brings another one"
                : "; this study has no copy from before its first run",
            Math.round(100 * registration.plan().level()),
            registration.plan().leastSeeds());
  }

  /** What the columns of the power table are. */
  private String columns() {
    return ("The least effect is"
            + " what four of five such studies would find at Holm's strictest step, %s, in the"
            + " direction that the claim expects. Seeds that would decide: with so many four of five"
            + " studies would come to a verdict, for or against, if the truth were exactly this"
            + " estimate and variances were as they were seen here; a guess from the same runs, not"
            + " a power computed beforehand. \"No number\": not even 500 seeds would, since the error"
            + " of the held-out samples stays, or since the estimate lies at the bound that it is"
            + " tested against.")
        .formatted(EffectText.probability(strictest));
  }

  /** Why the measure is what it is. */
  private String measure() {
    return registration.primary(view.isOfWorld()) == Registration.Kind.LOSS
        ? "The paper's claims are about scores. Small models score 0 in a third of all runs, where a"
            + " score tells nothing, so the registration has held-out losses; the same contrasts of"
            + " the scores are the secondary ones below. The margins are what the registration"
            + " calls little, %s, and rest on no measurement.".formatted(margins())
        : "";
  }

  private String margins() {
    return Units.format(
        "a loss x %.2f, odds / %.2f",
        Math.exp(registration.plan().margins().getOrDefault(Registration.Kind.LOSS, 0.0)),
        Math.exp(registration.plan().margins().getOrDefault(Registration.Kind.SCORE, 0.0)));
  }
}
