package ai.dmt.advise;

import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Report;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Choice;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Section.Weighing;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import ai.dmt.study.StudyDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Advice for people: what to do, what else there is, and how far it can be trusted. */
public final class AdviceReport {
  private static final String COMPARED =
      "held-out losses of what is done without advice, by how much per cent they are higher, with"
          + " 95 % intervals over seeds";
  private static final String SCORES =
      "scores as held-out losses foretell them, with 90 % intervals, or as measured (*)";
  private static final String RATES = "held-out losses of the advised mixture, by learning rate";
  private static final int STEPS = 10; // of a weight that is moved from nothing to all

  private final Advice advice;
  private final Forecasts forecasts;
  private final List<String> abilities;
  private final AdviceTables tables;
  private final AdviceCheck.@Nullable Result check;
  private final @Nullable AdviceComparison comparison;

  /**
   * Of advice.
   *
   * @param advice what was advised
   * @param check how good it was beside all candidates; null where that was not tried
   * @param comparison with what is done without advice; null where that was not tried
   */
  public AdviceReport(
      Advice advice, AdviceCheck.@Nullable Result check, @Nullable AdviceComparison comparison) {
    this.comparison = comparison;
    this.advice = advice;
    this.forecasts = advice.forecasts();
    this.abilities = List.copyOf(advice.space().sources().keySet());
    this.check = check;
    this.tables = new AdviceTables(advice);
  }

  /** {@return what the command line prints: tables by their titles} */
  public Map<String, Table> tables() {
    Map<String, Table> named = new LinkedHashMap<>();
    named.put("held-out loss, predicted with 90 % intervals, or as measured (*)", tables.choices());
    if (tables.hasScores()) {
      named.put(SCORES, tables.scores());
    }
    advice.learningRate().ifPresent(scale -> named.put(RATES, tables.rates(scale)));
    named.put("back-tests of the laws", tables.backtests());
    if (check != null) {
      named.put("regret beside the best of all candidates", AdviceTables.regrets(check));
      named.put(
          "candidates that were not run whose loss, or score, lay in its interval",
          AdviceTables.coverage(check));
    }
    if (comparison != null) {
      named.put(COMPARED, tables.compared(comparison));
    }
    return named;
  }

  /** {@return what is advised and what is open, a sentence each} */
  public List<String> sentences() {
    List<String> lines = new ArrayList<>();
    lines.add("advised: %s".formatted(advice.recommended().text()));
    lines.add(epochs());
    String base = StudyDefinition.BASE_TEXT;
    if (forecasts.abilities().contains(base) && forecasts.knows(base, advice.recommended())) {
      lines.add(forgetting(base));
    }
    if (!forecasts.hold(advice.objective())) {
      lines.add(
          "the laws do not predict these runs well enough to be used: the best of the %s whole runs"
                  .formatted(wholeRuns())
              + " that were trained is advised, and nothing is said of others");
    }
    advice
        .objective()
        .keep()
        .forEach(
            (ability, least) ->
                lines.add(
                    advice.binding().contains(ability)
                        ? Units.format(
                            "%s>=%s decides: without it another mixture would be advised",
                            ability, least)
                        : Units.format("%s>=%s changes nothing", ability, least)));
    Map<MixturePlan, Double> lost = forecasts.lost(advice.objective(), advice.space().candidates());
    if (Present.in(lost, advice.recommended()) > 0) {
      lines.add("no mixture is estimated to keep all that is to be kept; this one comes nearest");
    }
    lines.add(
        advice.undecided().isEmpty()
            ? "no other mixture is within the intervals of the advised one"
            : "not decided: %s other mixtures may be as good, such as %s"
                .formatted(advice.undecided().size(), advice.undecided().get(0).text()));
    advice.next().ifPresent(plan -> lines.add("one more run would tell most of " + plan.text()));
    advice.learningRate().ifPresent(scale -> lines.add(learningRate(scale)));
    return lines;
  }

  private static String learningRate(LearningRateScale scale) {
    String said =
        Units.format(
            "learning rate: %.2g times the recipe's, with which losses are estimated to be %.1f %%"
                + " lower",
            scale.factor(), 100 * -Math.expm1(-scale.gain()));
    return scale.isOpen()
        ? said + "; it is the outermost that was tried, and one beyond it may be better"
        : said;
  }

  /** The base model's own loss is its entropy, and what comes on top is the divergence. */
  private String forgetting(String base) {
    LossForecast loss = forecasts.loss(base, advice.recommended());
    double own = forecasts.base(base);
    String between =
        forecasts.isMeasured(advice.recommended())
            ? "as measured"
            : Units.format("[%.3f, %.3f]", loss.low() - own, loss.high() - own);
    return Units.format(
        "of what the base model writes by itself, text of %.3f nats per token, the advised mixture"
            + " diverges by %.3f nats, %s",
        own, loss.estimate() - own, between);
  }

  private String epochs() {
    List<String> each = new ArrayList<>();
    for (String source : abilities) {
      double epochs = advice.space().epochs(advice.recommended(), source);
      each.add(Units.format("%s %.2g", source, epochs));
    }
    return "epochs of each source: " + String.join(", ", each);
  }

  private long wholeRuns() {
    return advice.space().candidates().stream().filter(forecasts::isMeasured).count();
  }

  Advice advice() {
    return advice;
  }

  AdviceCheck.@Nullable Result check() {
    return check;
  }

  @Nullable AdviceComparison comparison() {
    return comparison;
  }

  /** {@return the page} @param title of it */
  Report page(String title) {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("advice", "What to do", advised()));
    sections.add(new Section("weights", "If other abilities counted", weights()));
    sections.add(new Section("trust", "How far to trust it", trust()));
    AdviceCheck.Result result = check;
    if (result != null) {
      sections.add(new Section("check", "What it was worth", checked(result)));
    }
    AdviceComparison compared = comparison;
    if (compared != null) {
      sections.add(
          new Section(
              "comparison",
              "Beside what is done without advice",
              List.of(
                  new TableBlock(
                      sentence(COMPARED) + " On as many tokens.", tables.compared(compared)))));
    }
    sections.add(new Section("sources", "What the sources are", sources()));
    sections.add(
        new Section(
            "runs",
            "What was trained",
            List.of(new FoldedTable("Runs and their held-out losses", tables.runs()))));
    String subtitle =
        Units.format(
            "%s runs, as much training as %.1f whole runs; %s candidates of %,.0f tokens",
            advice.trained(),
            advice.cost(),
            advice.space().candidates().size(),
            advice.space().tokens());
    return new Report(title, subtitle, sections);
  }

  private List<Block> advised() {
    List<Block> blocks = new ArrayList<>();
    sentences().forEach(line -> blocks.add(new Paragraph(sentence(line))));
    blocks.add(
        new TableBlock(
            "Held-out loss of each source in nats per label token: predicted with an interval that"
                + " holds nine of ten runs, or as measured (*)",
            tables.choices()));
    if (tables.hasScores()) {
      blocks.add(
          new TableBlock(
              sentence(SCORES)
                  + " A score is predicted where the loss explains half of what runs differ by.",
              tables.scores()));
    }
    advice
        .learningRate()
        .ifPresent(scale -> blocks.add(new TableBlock(sentence(RATES), tables.rates(scale))));
    return blocks;
  }

  private static String sentence(String line) {
    return Character.toUpperCase(line.charAt(0)) + line.substring(1) + ".";
  }

  /** What is advised as the weight of one ability goes from nothing to all. */
  private List<Block> weights() {
    List<Block> blocks = new ArrayList<>();
    List<MixturePlan> front = forecasts.front(advice.space().candidates());
    blocks.add(
        new Paragraph(
            Units.format(
                "Of %s candidates %s are estimated to be the best for some wishes: no other is better"
                    + " in one ability and as good in all others. Each figure moves the weight of one"
                    + " ability, the others share the rest, and shows the losses of what would then"
                    + " be advised.",
                advice.space().candidates().size(), front.size())));
    blocks.add(
        new Weighing(
            "Say what counts, from 0 to 10: the mixture that is then advised, and its losses.",
            abilities,
            front.stream().map(this::choice).toList()));
    List<Figure> figures = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (String moved : abilities) {
      Map<String, List<Point>> curves = new LinkedHashMap<>();
      abilities.forEach(ability -> curves.put(ability, new ArrayList<>()));
      String before = "";
      for (int step = 0; step <= STEPS; step++) {
        double weight = (double) step / STEPS;
        MixturePlan best = forecasts.ranked(weighted(moved, weight), front).get(0);
        for (String ability : abilities) {
          LossForecast loss = forecasts.loss(ability, best);
          Present.in(curves, ability)
              .add(new Point(weight, loss.estimate(), loss.low(), loss.high(), weight, weight, 0));
        }
        if (!best.text().equals(before)) {
          rows.add(List.of(moved, Units.format("from %.1f", weight), best.text()));
          before = best.text();
        }
      }
      List<Series> series = new ArrayList<>();
      curves.forEach((ability, points) -> series.add(new Series(ability, points)));
      figures.add(
          new Figure(
              "weight-" + (abilities.indexOf(moved) + 1),
              "Weight of " + moved,
              "Held-out losses of the mixture that is best at each weight.",
              Axis.linear("weight of " + moved),
              Axis.log("held-out loss"),
              series,
              Figure.Style.LINES));
    }
    blocks.add(new Figures(figures));
    blocks.add(
        new TableBlock(
            "What would be advised", new Table(List.of("ability", "weight", "mixture"), rows)));
    return blocks;
  }

  private Choice choice(MixturePlan plan) {
    List<Double> values = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (String ability : abilities) {
      LossForecast loss = forecasts.loss(ability, plan);
      values.add(Math.log(loss.estimate()));
      texts.add(
          forecasts.isMeasured(plan)
              ? Units.format("%.3f as measured", loss.estimate())
              : loss.text());
    }
    return new Choice(plan.text(), values, texts);
  }

  private Objective weighted(String moved, double weight) {
    Map<String, Double> weights = new LinkedHashMap<>();
    for (String ability : abilities) {
      weights.put(ability, ability.equals(moved) ? weight : (1 - weight) / (abilities.size() - 1));
    }
    return new Objective(weights, Map.of());
  }

  private List<Block> trust() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Paragraph(
            "Each run was predicted from all others. A law is used where it explains at least half"
                + " of what runs differ by; its intervals are as wide as nine of ten of these"
                + " predictions needed, and no narrower than the law says. Nothing here is known of"
                + " batch sizes or models other than the one that was trained."));
    blocks.add(
        new TableBlock("Back-tests of the laws, in logarithms of losses", tables.backtests()));
    blocks.add(new Figures(List.of(backtestFigure())));
    blocks.add(tables.transfer());
    return blocks;
  }

  private Figure backtestFigure() {
    List<Series> series = new ArrayList<>();
    forecasts
        .tests()
        .forEach(
            (ability, test) ->
                series.add(
                    new Series(
                        ability,
                        test.tests().stream()
                            .map(each -> point(each, test.deviations()))
                            .toList())));
    return new Figure(
        "back-test",
        "Runs beside their predictions",
        "Logarithms of losses; each run is predicted from the others.",
        Axis.linear("measured"),
        Axis.linear("predicted"),
        series,
        Figure.Style.PLANE);
  }

  private static Point point(Backtest.Test test, double deviations) {
    double half = deviations * test.deviation();
    double y = test.predicted();
    return new Point(test.measured(), y, y - half, y + half, test.measured(), test.measured(), 0);
  }

  private List<Block> checked(AdviceCheck.Result result) {
    return List.of(
        new Paragraph(
            "All candidates were trained, too. The regret of a choice is how much higher its mean of"
                + " logarithms of losses is than that of the best candidate, "
                + result.best().text()
                + "; 0.01 are about 1 % of every loss."),
        new TableBlock("Regret beside the best of all candidates", AdviceTables.regrets(result)),
        new TableBlock(
            "Candidates that were not run whose loss, or score, lay in its interval of 90 %",
            AdviceTables.coverage(result)));
  }

  private List<Block> sources() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new TableBlock(
            "How hard a source is for the base model, and how much of it repeats itself: what two"
                + " separate sets of its answers have in common, of 1",
            tables.sources()));
    if (!advice.facts().overlaps().isEmpty()) {
      blocks.add(
          new TableBlock(
              Units.format(
                  "What sources have in common: the same of %s tokens in a row, as a share of what"
                      + " sets of one source have",
                  SourceFacts.GRAM),
              tables.overlaps()));
    }
    return blocks;
  }
}
