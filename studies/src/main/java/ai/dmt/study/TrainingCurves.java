package ai.dmt.study;

import ai.dmt.report.Axis;
import ai.dmt.report.Figure;
import ai.dmt.report.Point;
import ai.dmt.report.Series;
import ai.dmt.run.MetricsFile;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Training loss by source over the steps of a run, from the metrics of its nodes. */
final class TrainingCurves {
  private static final int MOST_POINTS = 100;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StudyFolder folder;

  TrainingCurves(StudyFolder folder) {
    this.folder = folder;
  }

  /**
   * A figure for each strategy, or for each run where strategies were not asked for; the first seed
   * of each.
   */
  List<Figure> of(ResultView view) throws IOException {
    List<Figure> figures = new ArrayList<>();
    for (StudyQuestion question : StudyQuestion.values()) {
      for (String group : figures.isEmpty() ? view.groups(question) : List.<String>of()) {
        Curves curves = new Curves(view.sources());
        JsonNode cell = view.cells(group).get(0);
        for (JsonNode stage : cell.path("stages")) {
          curves.read(folder.node(stage.path("node").asText()).resolve(MetricsFile.NAME));
        }
        if (!curves.sums.isEmpty()) {
          figures.add(curves.figure(group, cell.path("seed").asText()));
        }
      }
    }
    return figures;
  }

  /** Losses by source and step. */
  private static final class Curves {
    private final List<String> sources; // all of the study
    private final Map<String, List<Loss>> sums = new HashMap<>();
    private final List<Long> starts = new ArrayList<>(); // steps done before each stage
    private long steps;

    /** Sum of a step's losses over its label tokens. */
    private record Loss(long step, double sum, long tokens) {}

    Curves(List<String> sources) {
      this.sources = sources;
    }

    void read(Path metrics) throws IOException {
      if (!Files.exists(metrics)) {
        return;
      }
      starts.add(steps);
      long last = steps;
      for (String line : Files.readAllLines(metrics)) {
        JsonNode step = JSON.readTree(line);
        if (step.path("type").asText().equals("step")) {
          last = steps + step.path("step").asLong();
          add(last, step.path("sources"));
        }
      }
      steps = last;
    }

    private void add(long step, JsonNode sources) {
      sources
          .properties()
          .forEach(
              source -> {
                long tokens = source.getValue().path("label_tokens").asLong();
                double loss = source.getValue().path("loss").asDouble();
                sums.computeIfAbsent(source.getKey(), name -> new ArrayList<>())
                    .add(new Loss(step, loss * tokens, tokens));
              });
    }

    Figure figure(String group, String seed) {
      long window = Math.max(1, (steps + MOST_POINTS - 1) / MOST_POINTS);
      List<Series> series = new ArrayList<>();
      for (int look = 0; look < sources.size(); look++) {
        String source = sources.get(look);
        if (sums.containsKey(source)) {
          series.add(new Series(source, means(sums.get(source), window), look));
        }
      }
      return new Figure(
          "training-" + ResultFigures.slug(group),
          GroupNames.readable(group),
          "Training loss, mean of each %s steps, seed %s.%s".formatted(window, seed, stages()),
          Axis.whole("step"),
          Axis.linear("loss, nats a label token"),
          series,
          Figure.Style.LINES);
    }

    /** Such as " Stage 2 begins after step 135, stage 3 after step 879." */
    private String stages() {
      StringBuilder text = new StringBuilder();
      for (int stage = 1; stage < starts.size(); stage++) {
        String words = stage == 1 ? " Stage 2 begins" : ", stage " + (stage + 1);
        text.append("%s after step %s".formatted(words, starts.get(stage)));
      }
      return text.isEmpty() ? "" : text + ".";
    }

    /** Means over label tokens of windows of steps, at the windows' ends. */
    private static List<Point> means(List<Loss> losses, long window) {
      Map<Long, double[]> windows = new LinkedHashMap<>();
      for (Loss loss : losses) {
        long end = (loss.step() + window - 1) / window * window;
        double[] sum = windows.computeIfAbsent(end, key -> new double[2]);
        sum[0] += loss.sum();
        sum[1] += loss.tokens();
      }
      List<Point> points = new ArrayList<>();
      windows.forEach(
          (end, sum) -> {
            if (sum[1] > 0) {
              points.add(Point.of(end, sum[0] / sum[1]));
            }
          });
      return points;
    }
  }
}
