package ai.dmt.study;

import ai.dmt.config.ConfigException;
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
import java.util.Optional;

/**
 * How abilities grow with the amount of their own data: laws fitted to the cells of one source
 * each, and which law is likelier.
 */
public final class StudyScaling {
  private static final int CURVE_POINTS = 60;

  private final ResultView view;
  private final List<Ability> abilities = new ArrayList<>();

  /** The laws of a metric. */
  private record Ability(Metric metric, ScalingFit fit) {}

  StudyScaling(ResultView view) {
    this.view = view;
    for (Metric metric : view.metrics()) {
      ScalingFit.of(observations(metric)).ifPresent(fit -> abilities.add(new Ability(metric, fit)));
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
    if (scaling.abilities.isEmpty()) {
      throw new ConfigException(
          "%s has no source that was trained on in %s amounts or more: run dmt study amount"
              .formatted(file, ScalingFit.LEAST_AMOUNTS));
    }
    return scaling;
  }

  private List<Observation> observations(Metric metric) {
    List<Observation> data = new ArrayList<>();
    for (String group : view.groups(StudyQuestion.AMOUNT)) {
      for (JsonNode cell : view.cells(group)) {
        double samples = cell.at("/stages/0/samples").path(metric.source()).asDouble();
        Optional<Metric.Observed> value = metric.of(cell, false);
        if (cell.path("setup").asText().equals(metric.source())
            && samples > 0
            && value.isPresent()) {
          data.add(new Observation(samples, scale(metric) * value.get().value()));
        }
      }
    }
    return data;
  }

  private static double scale(Metric metric) {
    return metric.isShare() ? 100 : 1;
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
      rows.add(
          List.of(
              ability.metric().label(),
              fit.verdict(),
              Integer.toString(fit.data().size()),
              Units.format("%.3g", power.factor()),
              Units.format(
                  "%.2f [%.2f, %.2f]",
                  power.exponent(), fit.exponent().low(), fit.exponent().high()),
              Units.format(
                  "%.3g [%.3g, %.3g]",
                  plateau.plateau(), fit.plateau().low(), fit.plateau().high()),
              "%s / %s / %s"
                  .formatted(
                      weight(fit.weight(ScalingLaw.POWER)),
                      weight(fit.weight(ScalingLaw.PLATEAU)),
                      weight(fit.weight(ScalingLaw.CONSTANT)))));
    }
    return new Table(
        List.of(
            "ability",
            "law",
            "runs",
            "factor a",
            "exponent b [95 %]",
            "plateau c [95 %]",
            "weights: power law / plateau / constant"),
        rows);
  }

  private static String weight(double weight) {
    return Double.isNaN(weight) ? "-" : Units.format("%.2f", weight);
  }

  /** {@return curves and table as a section of a report} */
  public Section section() {
    return new Section(
        "scaling",
        "Laws of scaling",
        List.of(
            new Paragraph(
                "What each ability gains by the samples n of its own source: a power law a n^b, the"
                    + " same with a plateau c, and a constant, by least squares over all seeds."
                    + " Intervals are bootstrapped over the residuals of runs. Weights are Akaike's"
                    + " (AICc): how likely each law is the best of the three; odds of less than e"
                    + " to 1 decide nothing, and with six or seven runs a plateau, which has one"
                    + " number more, can hardly win, however well it fits. A plateau far outside of"
                    + " its data is one in name only: look at its interval. Exponents are sought"
                    + " between -3 and 3."),
            new Figures(abilities.stream().map(this::figure).toList()),
            new TableBlock("Fitted laws", table())));
  }

  private Figure figure(Ability ability) {
    Metric metric = ability.metric();
    ScalingFit fit = ability.fit();
    List<Point> measured =
        fit.data().stream().map(one -> Point.of(one.amount(), one.value())).toList();
    return new Figure(
        "scaling-" + metric.slug(),
        metric.label(),
        sentence(fit.verdict()),
        Axis.log("samples of the source (log)"),
        Axis.linear(metric.unit()),
        List.of(
            new Series("runs", measured),
            new Series("power law", curve(fit, ScalingLaw.POWER)),
            new Series("with a plateau", curve(fit, ScalingLaw.PLATEAU))),
        Figure.Style.FITS);
  }

  private static String sentence(String words) {
    return Character.toUpperCase(words.charAt(0)) + words.substring(1) + ".";
  }

  private static List<Point> curve(ScalingFit fit, ScalingLaw law) {
    double low = fit.data().stream().mapToDouble(Observation::amount).min().orElseThrow();
    double high = fit.data().stream().mapToDouble(Observation::amount).max().orElseThrow();
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < CURVE_POINTS; i++) {
      double n = low * Math.pow(high / low, i / (CURVE_POINTS - 1.0));
      points.add(Point.of(n, fit.fit(law).at(n)));
    }
    return points;
  }
}
