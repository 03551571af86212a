package ai.dmt.study;

import ai.dmt.evaluators.statistics.PairedBootstrap;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Section.Block;
import ai.dmt.report.Section.Excerpt;
import ai.dmt.report.Section.Excerpts;
import ai.dmt.report.Section.FoldedTable;
import ai.dmt.report.Section.Part;
import ai.dmt.report.Section.TableBlock;
import ai.dmt.report.Share;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Conversations whose ratings differ by most between three models: the source alone, then
 * mixed-sequential, then DMT, of the first seed. The rating of a conversation is the mean of its
 * turns; one has moved where two of the three ratings are {@value #MOVED} points apart or more.
 */
final class MovedRatings {
  private static final double MOVED = 1;
  private static final int MOST_SHOWN = 12; // of one benchmark
  private static final long RESAMPLING_SEED = 1;
  private static final String BEFORE = "mixed-sequential";

  private final StudyFolder folder;
  private final ResultView view;
  private final String dmt;

  MovedRatings(StudyFolder folder, ResultView view) {
    this.folder = folder;
    this.view = view;
    this.dmt = "dmt k=" + Share.text(view.headlineK());
  }

  /** A question and what the three answered. */
  private record Rated(String id, List<RatedConversations.Conversation> answers) {
    double rating(int model) {
      return answers.get(model).rating();
    }

    /** Points between the best and the worst of the three. */
    double spread() {
      double best = answers.stream().mapToDouble(each -> each.rating()).max().orElseThrow();
      double worst = answers.stream().mapToDouble(each -> each.rating()).min().orElseThrow();
      return best - worst;
    }
  }

  /** A table and texts for each benchmark of ratings; empty where nothing was rated. */
  List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    List<String> done = new ArrayList<>(); // a benchmark may show several scores of its ratings
    for (Metric metric : view.metrics()) {
      if (!metric.isLoss() && !metric.isShare() && !done.contains(metric.benchmark())) {
        done.add(metric.benchmark());
        add(blocks, metric);
      }
    }
    return blocks;
  }

  private void add(List<Block> blocks, Metric metric) throws IOException {
    List<String> groups = List.of(metric.source() + " only", BEFORE, dmt);
    List<RatedConversations> models = new ArrayList<>();
    for (String group : groups) {
      JsonNode cell = view.cells(group).stream().findFirst().orElse(null);
      String key = cell == null ? "" : cell.path("evaluations").path(metric.benchmark()).asText("");
      models.add(
          key.isEmpty()
              ? new RatedConversations(Map.of())
              : RatedConversations.read(folder.evaluation(key)));
    }
    List<Rated> all = rated(models);
    if (all.isEmpty()) {
      return;
    }
    String caption =
        "%s: %s: conversations by how their rating, the mean of their turns, differs; p is a paired bootstrap's of this one seed"
            .formatted(metric.source(), metric.problems());
    blocks.add(new TableBlock(caption, changes(groups, all)));
    List<Rated> moved = all.stream().filter(each -> each.spread() >= MOVED).toList();
    if (!moved.isEmpty()) {
      blocks.add(new FoldedTable("Every conversation that moved", list(groups, moved)));
      List<Excerpt> excerpts = new ArrayList<>();
      for (Rated each : moved.subList(0, Math.min(MOST_SHOWN, moved.size()))) {
        excerpts.add(excerpt(metric, groups, each));
      }
      String summary =
          "%s of %s in full, those that moved most".formatted(excerpts.size(), moved.size());
      blocks.add(new Excerpts(summary, excerpts));
    }
  }

  /** Conversations of the same turns that all three had, those that moved most first. */
  private static List<Rated> rated(List<RatedConversations> models) {
    List<Rated> rated = new ArrayList<>();
    for (String id : models.get(0).byId().keySet()) {
      if (models.stream().allMatch(model -> model.byId().containsKey(id))) {
        List<RatedConversations.Conversation> answers =
            models.stream().map(model -> model.byId().get(id)).toList();
        if (answers.stream().mapToInt(answer -> answer.turns().size()).distinct().count() == 1) {
          rated.add(new Rated(id, answers));
        }
      }
    }
    rated.sort(Comparator.comparingDouble(Rated::spread).reversed()); // stable
    return rated;
  }

  /** How many go up or down from one of the three to another. */
  private static Table changes(List<String> groups, List<Rated> all) {
    List<List<String>> rows = new ArrayList<>();
    for (int[] pair : new int[][] {{0, 1}, {1, 2}, {0, 2}}) {
      long up = count(all, each -> each.rating(pair[1]) - each.rating(pair[0]) >= MOVED);
      long down = count(all, each -> each.rating(pair[0]) - each.rating(pair[1]) >= MOVED);
      double mean =
          all.stream()
              .mapToDouble(each -> each.rating(pair[1]) - each.rating(pair[0]))
              .average()
              .orElseThrow();
      rows.add(
          List.of(
              "from %s to %s"
                  .formatted(
                      GroupNames.readable(groups.get(pair[0])),
                      GroupNames.readable(groups.get(pair[1]))),
              Long.toString(up),
              Long.toString(all.size() - up - down),
              Long.toString(down),
              Units.format("%+.2f", mean),
              EffectText.probability(
                  PairedBootstrap.of(ratings(all, pair[0]), ratings(all, pair[1]), RESAMPLING_SEED)
                      .pValue())));
    }
    return new Table(
        List.of(
            "change",
            "up by 1 point or more",
            "by less than 1",
            "down by 1 point or more",
            "mean, points",
            "p, this seed"),
        rows);
  }

  private static PooledMean ratings(List<Rated> all, int model) {
    double[] ones = new double[all.size()];
    Arrays.fill(ones, 1);
    return new PooledMean(all.stream().mapToDouble(each -> each.rating(model)).toArray(), ones);
  }

  private static long count(List<Rated> all, Predicate<Rated> some) {
    return all.stream().filter(some).count();
  }

  private static Table list(List<String> groups, List<Rated> moved) {
    List<String> header = new ArrayList<>(List.of("conversation", "points apart"));
    groups.forEach(group -> header.add(GroupNames.readable(group)));
    List<List<String>> rows = new ArrayList<>();
    for (Rated each : moved) {
      List<String> row = new ArrayList<>(List.of(each.id(), points(each.spread())));
      each.answers().forEach(answer -> row.add(points(answer.rating())));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  /** The conversation turn by turn: what was asked, then all three answers with their points. */
  private static Excerpt excerpt(Metric metric, List<String> groups, Rated rated) {
    List<Part> parts = new ArrayList<>();
    int turns = rated.answers().get(0).turns().size();
    for (int turn = 0; turn < turns; turn++) {
      parts.add(
          new Part(
              "turn %s".formatted(turn + 1),
              FlippedSamples.cut(rated.answers().get(0).turns().get(turn).prompt())));
      for (int model = 0; model < groups.size(); model++) {
        RatedConversations.Turn answer = rated.answers().get(model).turns().get(turn);
        parts.add(
            new Part(
                "turn %s, %s: %s points"
                    .formatted(
                        turn + 1, GroupNames.readable(groups.get(model)), points(answer.points())),
                FlippedSamples.cut(answer.completion())));
      }
    }
    List<String> ratings = rated.answers().stream().map(answer -> points(answer.rating())).toList();
    return new Excerpt(
        "sample-" + ResultFigures.slug(metric.slug() + " " + rated.id()),
        "%s %s: %s points".formatted(metric.problems(), rated.id(), String.join(", ", ratings)),
        parts);
  }

  private static String points(double value) {
    return Units.format("%.2f", value);
  }
}
