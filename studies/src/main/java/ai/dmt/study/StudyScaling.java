package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.statistics.ScaledMean;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Section;
import ai.dmt.report.Section.Figures;
import ai.dmt.report.Section.Paragraph;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Series;
import ai.dmt.report.Table;
import ai.dmt.scaling.Fit;
import ai.dmt.scaling.Observation;
import ai.dmt.scaling.ScalingFit;
import ai.dmt.scaling.ScalingLaw;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How abilities grow with the amount of their own data: laws fitted to the cells of one source
 * each, and tests between them.
 */
public final class StudyScaling {
  private static final int CURVE_POINTS = 60;

  private final ResultView view;
  private final List<Ability> abilities = new ArrayList<>();
  private final List<Metric> unfitted = new ArrayList<>();
  private final SizeScaling sizes;

  /** The laws of a metric. */
  private record Ability(Metric metric, ScalingFit fit) {}

  StudyScaling(ResultView view) {
    this.view = view;
    this.sizes = new SizeScaling(view);
    for (Metric metric : view.metrics()) {
      ScalingFit.of(observations(metric))
          .ifPresentOrElse(
              fit -> abilities.add(new Ability(metric, fit)), () -> unfitted.add(metric));
    }
  }

  /**
   * Reads the results of a study.
   *
   * @param path results.json, or the folder that holds it
   * @return the laws of each ability
   * @throws ConfigException if it is no such file, or holds too few amounts
   * @throws IOException if the file cannot be read
   */
  public static StudyScaling read(Path path) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve("results.json") : path;
    if (!Files.isRegularFile(file)) {
      throw new ConfigException("no results: there is no file " + file);
    }
    JsonNode results;
    try {
      results = new ObjectMapper().readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new ConfigException("%s is not JSON: %s".formatted(file, e.getOriginalMessage()));
    }
    if (!results.path("cells").isArray()) {
      throw new ConfigException(file + " has no \"cells\": it is not the results.json of a study");
    }
    StudyScaling scaling = new StudyScaling(new ResultView(results));
    if (scaling.abilities.isEmpty() && scaling.sizes.isEmpty()) {
      throw new ConfigException(
          "%s has no source that was trained on in %s amounts or more: run dmt study amount"
              .formatted(file, ScalingFit.LEAST_AMOUNTS));
    }
    return scaling;
  }

  /**
   * What falls as the ability grows: the loss, or the odds against the share. Groups at an end of
   * their measure are left out: their odds are hardly more than a bound.
   */
  private List<Observation> observations(Metric metric) {
    List<Observation> data = new ArrayList<>();
    for (String group : view.groups(StudyQuestion.AMOUNT)) {
      data.addAll(observations(view, view.cells(group), metric));
    }
    return data;
  }

  /** Of a group's cells; none where one is at an end of the measure. */
  static List<Observation> observations(ResultView view, List<JsonNode> cells, Metric metric) {
    List<Observation> ofGroup = new ArrayList<>();
    for (JsonNode cell : cells) {
      double samples = cell.at("/stages/0/samples").path(metric.source()).asDouble();
      boolean own = cell.path("setup").asText().equals(metric.source());
      if (own && samples > 0 && metric.of(cell, false).isPresent()) {
        ScaledMean value = view.scaled(List.of(List.of(cell)), metric).get(0).get(0);
        if (value.atEnd()) {
          return List.of();
        }
        ofGroup.add(new Observation(samples, Math.exp(-metric.sign() * value.value())));
      }
    }
    return ofGroup;
  }

  /** Whether nothing could be fitted. */
  boolean isEmpty() {
    return abilities.isEmpty();
  }

  /** {@return the laws of each ability, a row each} */
  public Table table() {
    List<List<String>> rows = new ArrayList<>();
    for (Ability ability : abilities) {
      ScalingFit fit = ability.fit();
      Fit power = fit.fit(ScalingLaw.POWER);
      Fit plateau = fit.fit(ScalingLaw.PLATEAU);
      Metric metric = ability.metric();
      rows.add(
          List.of(
              metric.label(),
              fit.verdict(),
              Integer.toString(fit.data().size()),
              Units.format(
                  "%.2f [%.2f, %.2f]",
                  power.exponent(), fit.exponent().low(), fit.exponent().high()),
              plateau(metric, fit, plateau),
              "× " + Units.format("%.2f", Math.exp(fit.deviation())),
              EffectText.probability(fit.misfit()),
              EffectText.probability(fit.amountMatters()),
              EffectText.probability(fit.levelsOff())));
    }
    for (Metric metric : unfitted) {
      rows.add(
          List.of(
              metric.label(),
              "no fit: fewer than %s amounts off the ends".formatted(ScalingFit.LEAST_AMOUNTS),
              "0",
              EffectText.NONE,
              EffectText.NONE,
              EffectText.NONE,
              EffectText.NONE,
              EffectText.NONE,
              EffectText.NONE));
    }
    return new Table(
        List.of(
            "ability",
            "law",
            "runs",
            "exponent b [95 %]",
            "plateau",
            "runs off the power law",
            "p: a power law fits",
            "p: amount matters",
            "p: levels off"),
        rows);
  }

  /** Where the curve levels off; nothing where that was not shown, or only the edge fits. */
  private static String plateau(Metric metric, ScalingFit fit, Fit plateau) {
    if (!fit.isPlateau()) {
      return EffectText.NONE;
    }
    return plateau.atEdge() ? "no fit" : metric.text(value(metric, plateau.plateau()));
  }

  /** Of the measure, where a law has a loss or the odds against a share. */
  static double value(Metric metric, double fitted) {
    return metric.unscaled(-metric.sign() * Math.log(fitted));
  }

  /** {@return the laws of size and amount together; without rows where a study has one size} */
  public Table sizes() {
    return sizes.table();
  }

  /** {@return all laws as sections of a report} */
  public List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    if (!abilities.isEmpty()) {
      sections.add(section());
    }
    if (!sizes.isEmpty()) {
      sections.add(new Section("size-laws", "Laws of size and amount", sizes.blocks()));
    }
    return sections;
  }

  /** Curves and table of the laws of the amount alone. */
  Section section() {
    return new Section(
        "scaling",
        "Laws of scaling",
        List.of(
            new Paragraph(
                "What each ability gains by the samples n of its own source: a power law a n^b of"
                    + " the loss, or of the odds against a share or rating, so that no curve leaves"
                    + " what its measure can be; the same with a plateau; and a constant. All are"
                    + " fitted to logarithms, over all seeds, from five amounts on. Tests ask"
                    + " whether the amount matters, and whether the curve levels off, which a power"
                    + " law does not; a third whether means lie where a power law has them, beside the"
                    + " spread of seeds; a plateau at the edge of the search is no fit. Amounts at"
                    + " which a score is at an end of its measure are left out."),
            new Figures(abilities.stream().map(this::figure).toList()),
            new TableBlock("Fitted laws", table())));
  }

  private Figure figure(Ability ability) {
    Metric metric = ability.metric();
    ScalingFit fit = ability.fit();
    List<Point> measured =
        fit.data().stream().map(one -> Point.of(one.amount(), shown(metric, one.value()))).toList();
    return new Figure(
        "scaling-" + metric.slug(),
        metric.label(),
        sentence(fit.verdict())
            + Units.format(
                " Runs lie off the power law by a factor of %.2f (root mean square).",
                Math.exp(fit.deviation())),
        Axis.log("samples of the source (log)"),
        metric.isLoss() ? Axis.log(metric.unit() + " (log)") : metric.axis(),
        List.of(
            new Series("runs", measured),
            new Series("power law", curve(ability, ScalingLaw.POWER)),
            new Series("with a plateau", curve(ability, ScalingLaw.PLATEAU))),
        Figure.Style.FITS);
  }

  static String sentence(String words) {
    return Character.toUpperCase(words.charAt(0)) + words.substring(1) + ".";
  }

  private static List<Point> curve(Ability ability, ScalingLaw law) {
    ScalingFit fit = ability.fit();
    double low = fit.data().stream().mapToDouble(Observation::amount).min().orElseThrow();
    double high = fit.data().stream().mapToDouble(Observation::amount).max().orElseThrow();
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < CURVE_POINTS; i++) {
      double n = low * Math.pow(high / low, i / (CURVE_POINTS - 1.0));
      points.add(Point.of(n, shown(ability.metric(), fit.fit(law).at(n))));
    }
    return points;
  }

  static double shown(Metric metric, double fitted) {
    return (metric.isShare() ? 100 : 1) * value(metric, fitted);
  }
}
