package ai.dmt.advise;

import ai.dmt.evaluators.statistics.Effect;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Section.HeatTable;
import ai.dmt.report.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The tables of advice, for the page and for the command line. */
final class AdviceTables {
  private final Advice advice;
  private final Forecasts forecasts;
  private final List<String> sources;
  private final List<String> abilities; // sources, and what else is measured

  AdviceTables(Advice advice) {
    this.advice = advice;
    this.forecasts = advice.forecasts();
    this.sources = List.copyOf(advice.space().sources().keySet());
    this.abilities = forecasts.abilities();
  }

  /** The advised mixture and the others that are named, with their losses. */
  Table choices() {
    List<String> header = new ArrayList<>(List.of("mixture"));
    header.addAll(abilities);
    header.add("mean of logs");
    List<MixturePlan> plans = new ArrayList<>(List.of(advice.recommended()));
    plans.addAll(advice.alternatives());
    List<List<String>> rows = new ArrayList<>();
    for (MixturePlan plan : plans) {
      boolean measured = forecasts.isMeasured(plan);
      List<String> row = new ArrayList<>(List.of(name(plan)));
      for (String ability : abilities) {
        row.add(loss(ability, plan));
      }
      Forecasts.Value value = forecasts.value(advice.objective(), plan);
      row.add(
          measured
              ? Units.format("%.3f *", value.estimate())
              : Units.format("%.3f ± %.2f", value.estimate(), value.half()));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  private String loss(String ability, MixturePlan plan) {
    LossForecast loss = forecasts.loss(ability, plan);
    if (forecasts.isMeasured(plan)) {
      return Units.format("%.3f *", loss.estimate());
    }
    return forecasts.knows(ability, plan) ? loss.text() : "not predicted";
  }

  private String name(MixturePlan plan) {
    String name = plan.text();
    if (plan.equals(advice.recommended())) {
      return "advised: " + name;
    }
    return plan.equals(advice.space().proportional())
        ? "all rows: " + name
        : advice.space().baselines().contains(plan) ? "the paper's: " + name : name;
  }

  /** Whether any run was scored. */
  boolean hasScores() {
    return !forecasts.scores().isEmpty();
  }

  /** Scores of the advised mixture and of the others that are named. */
  Table scores() {
    List<String> header = new ArrayList<>(List.of("mixture"));
    header.addAll(forecasts.scores().keySet());
    List<MixturePlan> plans = new ArrayList<>(List.of(advice.recommended()));
    plans.addAll(advice.alternatives());
    List<List<String>> rows = new ArrayList<>();
    for (MixturePlan plan : plans) {
      List<String> row = new ArrayList<>(List.of(name(plan)));
      forecasts.scores().forEach((title, law) -> row.add(score(title, law, plan)));
      rows.add(row);
    }
    List<String> explained = new ArrayList<>(List.of("explained by the held-out loss"));
    forecasts
        .scores()
        .values()
        .forEach(law -> explained.add(Units.format("%.0f %%", 100 * law.explained())));
    rows.add(explained);
    return new Table(header, rows);
  }

  private String score(String title, ScoreLaw law, MixturePlan plan) {
    ScoreLaw.Forecast forecast = forecasts.score(title, plan);
    if (forecasts.isMeasured(plan)) {
      return law.text(forecast.estimate()) + " *";
    }
    return law.holds()
        ? "%s [%s, %s]"
            .formatted(
                law.text(forecast.estimate()), law.text(forecast.low()), law.text(forecast.high()))
        : "not predicted";
  }

  /** The advised mixture's runs with other learning rates. */
  Table rates(LearningRateScale scale) {
    List<String> header = new ArrayList<>(List.of("times the recipe's rate"));
    header.addAll(abilities);
    header.add("mean of logs");
    List<List<String>> rows = new ArrayList<>();
    for (LearningRateScale.Tried tried : scale.tried()) {
      List<String> row =
          new ArrayList<>(
              List.of(tried.factor() + (tried.kept() ? "" : ", which keeps too little")));
      abilities.forEach(ability -> row.add(Units.format("%.3f", tried.run().loss(ability))));
      row.add(Units.format("%.3f", tried.value()));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  /** How well each law predicts its own runs. */
  Table backtests() {
    List<List<String>> rows = new ArrayList<>();
    forecasts
        .tests()
        .forEach(
            (ability, test) ->
                rows.add(
                    List.of(
                        ability,
                        test.holds() ? "used" : "not used",
                        Units.format("%.0f %%", 100 * test.explained()),
                        Units.format("%.3f", test.error()),
                        Units.format("%.1f", test.deviations()))));
    return new Table(
        List.of("loss of", "law", "explained", "error", "deviations of an interval"), rows);
  }

  /** What sources do to one another. */
  HeatTable transfer() {
    List<String> header = new ArrayList<>(List.of("loss of"));
    header.addAll(sources);
    List<List<String>> rows = new ArrayList<>();
    List<List<Double>> shades = new ArrayList<>();
    for (String ability : sources) {
      List<String> row = new ArrayList<>(List.of(ability));
      List<Double> shade = new ArrayList<>(Collections.nCopies(1, Double.NaN));
      for (String source : sources) {
        double tau = forecasts.transfer(ability, source);
        row.add(Units.format("%.3f", tau));
        shade.add(source.equals(ability) ? Double.NaN : Math.min(1, Math.abs(tau) * 2));
      }
      rows.add(row);
      shades.add(shade);
    }
    return new HeatTable(
        "What a token of each source counts for, in tokens of the ability's own; below 0 where it"
            + " interferes",
        new Table(header, rows),
        shades);
  }

  /** Of each choice. */
  static Table regrets(AdviceCheck.Result result) {
    List<List<String>> rows = new ArrayList<>();
    result
        .regrets()
        .forEach((name, regret) -> rows.add(List.of(name, Units.format("%.3f", regret))));
    return new Table(List.of("choice", "regret"), rows);
  }

  /** Of each ability. */
  static Table coverage(AdviceCheck.Result result) {
    List<List<String>> rows = new ArrayList<>();
    result
        .coverage()
        .forEach(
            (ability, share) -> rows.add(List.of(ability, Units.format("%.0f %%", 100 * share))));
    result
        .scoreCoverage()
        .forEach((title, share) -> rows.add(List.of(title, Units.format("%.0f %%", 100 * share))));
    return new Table(List.of("loss of, or score", "in the interval"), rows);
  }

  /** How much higher the losses of other mixtures are. */
  Table compared(AdviceComparison found) {
    List<String> header = new ArrayList<>(List.of("mixture"));
    header.addAll(sources);
    header.add("all");
    List<List<String>> rows = new ArrayList<>();
    List<String> own = new ArrayList<>(List.of(AdviceComparison.ADVISED + " (loss)"));
    for (String ability : sources) {
      own.add(
          Units.format(
              "%.3f",
              Present.in(Present.in(found.losses(), AdviceComparison.ADVISED), ability).stream()
                  .mapToDouble(Math::exp)
                  .average()
                  .orElseThrow()));
    }
    own.add("");
    rows.add(own);
    for (String mixture : found.losses().keySet()) {
      if (!mixture.equals(AdviceComparison.ADVISED)) {
        List<String> row = new ArrayList<>(List.of(mixture));
        sources.forEach(ability -> row.add(percent(found.difference(mixture, ability))));
        row.add(percent(found.difference(mixture)));
        rows.add(row);
      }
    }
    return new Table(header, rows);
  }

  private static String percent(Effect difference) {
    String mean = Units.format("%+.1f", 100 * Math.expm1(difference.estimate()));
    return difference
        .interval()
        .map(
            interval ->
                Units.format(
                    "%s [%+.1f, %+.1f]",
                    mean, 100 * Math.expm1(interval.low()), 100 * Math.expm1(interval.high())))
        .orElse(mean);
  }

  /** What sources are like for the base model, and in themselves. */
  Table sources() {
    SourceFacts facts = advice.facts();
    List<List<String>> rows = new ArrayList<>();
    advice
        .space()
        .sources()
        .forEach(
            (name, role) ->
                rows.add(
                    List.of(
                        name,
                        role.toString().toLowerCase(Locale.ROOT),
                        Units.format("%,.0f", Present.in(advice.space().sizes(), name)),
                        Units.format("%.3f", forecasts.base(name)),
                        facts.repeats().isEmpty()
                            ? "too few rows"
                            : Units.format("%.3f", Present.in(facts.repeats(), name)))));
    return new Table(
        List.of("source", "role", "tokens", "loss of the base model", "repeats"), rows);
  }

  /** What each pair of sources has in common. */
  Table overlaps() {
    return new Table(
        List.of("sources", "in common"),
        advice.facts().overlaps().stream()
            .map(
                each ->
                    List.of(
                        each.one() + ", " + each.other(), Units.format("%.3f", each.relative())))
            .toList());
  }

  /** What was trained. */
  Table runs() {
    List<String> header = new ArrayList<>(List.of("mixture", "tokens"));
    header.addAll(abilities);
    List<List<String>> rows = new ArrayList<>();
    for (MeasuredRun run : advice.runs()) {
      List<String> row =
          new ArrayList<>(List.of(run.plan().text(), Units.format("%,.0f", run.plan().tokens())));
      abilities.forEach(ability -> row.add(Units.format("%.3f", run.loss(ability))));
      rows.add(row);
    }
    return new Table(header, rows);
  }
}
