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
    return new TableBlock(
        "What the paper found, and what holds here. Effects are of the registered primary measure,"
            + " as ratios of the first group to the second. A claim's number leads to its runs.",
        table(claims),
        claims.stream().map(ClaimSection::anchor).toList());
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
            List.of(GroupNames.readable(group), metric.label(), Units.format("%+.1f", weight)));
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
    List<List<String>> rows = new ArrayList<>();
    for (Claim claim : some) {
      rows.add(
          List.of(
              claim.id(),
              claim.text(),
              claim.verdict().text(),
              claim.primary().map(EffectText::of).orElse(EffectText.NONE),
              claim.primary().map(EffectText::interval).orElse(EffectText.NONE)));
    }
    return new Table(List.of("claim", "what the paper found", "here", "effect", "95 %"), rows);
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
              test.expected().text() + EffectText.margin(test),
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
            "p after Holm",
            "seeds",
            "least effect it could show",
            "seeds that would decide"),
        rows);
  }

  private static String contrasts(Tested test) {
    String measures =
        String.join(" and ", test.contrasts().stream().map(each -> each.metric().title()).toList());
    List<String> names = test.contrasts().stream().map(Contrast::name).distinct().toList();
    return "%s: %s".formatted(measures, GroupNames.readable(String.join("; ", names)));
  }

  private Table secondary() {
    List<List<String>> rows = new ArrayList<>();
    for (Claim claim : claims) {
      for (Tested test : claim.secondary()) {
        rows.add(
            List.of(
                claim.id(),
                test.metric().title(),
                GroupNames.readable(test.contrasts().get(0).name()),
                EffectText.of(test),
                EffectText.interval(test),
                Integer.toString(test.effect().seeds()),
                test.effect().atEnd() ? "a group is at an end of the measure" : ""));
      }
    }
    return new Table(
        List.of("claim", "measure", "contrast", "effect", "95 %, alone", "seeds", "note"), rows);
  }

  private String method() {
    return ("Each claim has one primary measure and one contrast, named before the run in"
            + " registration.yaml (SHA-256 %s%s). Differences are paired by seed and by"
            + " problem, on the logarithm of losses and the log-odds of shares and ratings; the"
            + " error is that of seeds (Student's t, one degree of freedom less than seeds) and"
            + " of problems, as crossed clusters. Verdicts hold for all claims together at %s"
            + " %% (Holm), two-sided; \"about the same\" and \"not less\" are two one-sided"
            + " tests against a margin. Fewer than %s seeds give an estimate, not a verdict."
            + " The least effect is what four of five such studies would find at Holm's"
            + " strictest step, %s.")
        .formatted(
            registration.shortHash(),
            registration.kept()
                ? registration.isPackaged() ? "" : "; this dmt brings another one"
                : "; this study has no copy from before its first run",
            Math.round(100 * registration.plan().level()),
            registration.plan().leastSeeds(),
            EffectText.probability(strictest));
  }
}
