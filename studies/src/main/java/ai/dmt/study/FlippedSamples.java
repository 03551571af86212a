package ai.dmt.study;

import ai.dmt.evaluators.statistics.McNemar;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Problems that one strategy's model solves and another's does not: the source alone, then
 * mixed-sequential, then DMT, of the first seed.
 */
final class FlippedSamples {
  private static final int MOST_SHOWN = 12; // of one benchmark
  private static final int MOST_CHARACTERS = 4_000; // of one text
  private static final String BEFORE = "mixed-sequential";

  private final StudyFolder folder;
  private final ResultView view;
  private final String dmt;

  FlippedSamples(StudyFolder folder, ResultView view) {
    this.folder = folder;
    this.view = view;
    this.dmt = "dmt k=" + Share.text(view.headlineK());
  }

  /** Which of the three solve a problem, such as "solved, lost, back". */
  private enum Change {
    BACK("lost by mixed-sequential, back with DMT", true, false, true),
    LOST("lost by mixed-sequential, not back with DMT", true, false, false),
    LOST_BY_DMT("kept by mixed-sequential, lost by DMT", true, true, false),
    WON("not solved by the source alone, solved by both", false, true, true),
    WON_BY_DMT("solved by DMT alone", false, false, true),
    WON_BEFORE("solved by mixed-sequential alone", false, true, false),
    ALWAYS("solved by all", true, true, true),
    NEVER("solved by none", false, false, false);

    private final String text;
    private final List<Boolean> solved;

    Change(String text, Boolean... solved) {
      this.text = text;
      this.solved = List.of(solved);
    }

    static Change of(List<AnsweredItems.Item> answers) {
      List<Boolean> solved = answers.stream().map(AnsweredItems.Item::solved).toList();
      for (Change change : values()) {
        if (change.solved.equals(solved)) {
          return change;
        }
      }
      throw new AssertionError(solved);
    }

    boolean flipped() {
      return this != ALWAYS && this != NEVER;
    }
  }

  /** A problem and the answers of the three. */
  private record Problem(String id, List<AnsweredItems.Item> answers, Change change) {}

  /** A table and texts for each benchmark; empty where nothing was answered. */
  List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (Metric metric : view.metrics()) {
      if (metric.isShare()) {
        add(blocks, metric);
      }
    }
    return blocks;
  }

  private void add(List<Block> blocks, Metric metric) throws IOException {
    List<String> groups = List.of(metric.source() + " only", BEFORE, dmt);
    List<AnsweredItems> models = new ArrayList<>();
    for (String group : groups) {
      JsonNode cell = view.cells(group).stream().findFirst().orElse(null);
      String key = cell == null ? "" : cell.path("evaluations").path(metric.benchmark()).asText("");
      models.add(
          key.isEmpty()
              ? new AnsweredItems(Map.of())
              : AnsweredItems.read(folder.evaluation(key), metric.mode()));
    }
    List<Problem> problems = problems(models);
    if (problems.isEmpty()) {
      return;
    }
    List<Problem> flipped = problems.stream().filter(each -> each.change().flipped()).toList();
    blocks.add(
        new TableBlock(metric.title() + ": problems by what became of them", counts(problems)));
    blocks.add(
        new TableBlock(
            "Problems that flip between two of the three, and the exact McNemar test of this one"
                + " seed; it says nothing of other seeds",
            flips(groups, problems)));
    if (!flipped.isEmpty()) {
      blocks.add(new FoldedTable("Every problem that flipped", list(groups, flipped)));
      List<Excerpt> excerpts = new ArrayList<>();
      for (Problem problem : sample(flipped)) {
        excerpts.add(excerpt(metric, groups, problem));
      }
      String summary =
          "%s of %s in full, as many of each change as there are, in the order of the test file"
              .formatted(excerpts.size(), flipped.size());
      blocks.add(new Excerpts(summary, excerpts));
    }
  }

  /** Problems that all three were asked, those that flipped in the most telling way first. */
  private static List<Problem> problems(List<AnsweredItems> models) {
    List<Problem> problems = new ArrayList<>();
    for (String id : models.get(0).items().keySet()) {
      if (models.stream().allMatch(model -> model.items().containsKey(id))) {
        List<AnsweredItems.Item> answers =
            models.stream().map(model -> model.items().get(id)).toList();
        problems.add(new Problem(id, answers, Change.of(answers)));
      }
    }
    problems.sort((one, other) -> one.change().compareTo(other.change())); // stable
    return problems;
  }

  /** In turn the next of each change, so that none crowds out the others. */
  private static List<Problem> sample(List<Problem> flipped) {
    Map<Change, List<Problem>> byChange = new LinkedHashMap<>();
    flipped.forEach(
        each -> byChange.computeIfAbsent(each.change(), key -> new ArrayList<>()).add(each));
    List<Problem> sample = new ArrayList<>();
    for (int i = 0; sample.size() < Math.min(MOST_SHOWN, flipped.size()); i++) {
      for (List<Problem> some : byChange.values()) {
        if (i < some.size() && sample.size() < MOST_SHOWN) {
          sample.add(some.get(i));
        }
      }
    }
    sample.sort((one, other) -> one.change().compareTo(other.change())); // stable
    return sample;
  }

  private static Table counts(List<Problem> problems) {
    Map<Change, Integer> counts = new LinkedHashMap<>();
    for (Change change : Change.values()) {
      counts.put(change, 0);
    }
    problems.forEach(problem -> counts.merge(problem.change(), 1, Integer::sum));
    List<List<String>> rows = new ArrayList<>();
    counts.forEach((change, count) -> rows.add(List.of(change.text, count.toString())));
    return new Table(List.of("change", "problems"), rows);
  }

  private static Table flips(List<String> groups, List<Problem> problems) {
    List<List<String>> rows = new ArrayList<>();
    for (int[] pair : new int[][] {{0, 1}, {1, 2}, {0, 2}}) {
      int lost = count(problems, pair[0], pair[1]);
      int gained = count(problems, pair[1], pair[0]);
      McNemar test = new McNemar(lost, gained, problems.size());
      rows.add(
          List.of(
              "from %s to %s"
                  .formatted(
                      GroupNames.readable(groups.get(pair[0])),
                      GroupNames.readable(groups.get(pair[1]))),
              Integer.toString(gained),
              Integer.toString(lost),
              EffectText.probability(test.pValue())));
    }
    return new Table(List.of("change", "gained", "lost", "p, this seed"), rows);
  }

  /** Problems that one model solves and another does not. */
  private static int count(List<Problem> problems, int one, int other) {
    return (int)
        problems.stream()
            .filter(
                problem ->
                    problem.answers().get(one).solved() && !problem.answers().get(other).solved())
            .count();
  }

  private static Table list(List<String> groups, List<Problem> flipped) {
    List<String> header = new ArrayList<>(List.of("problem", "change"));
    groups.forEach(group -> header.add(GroupNames.readable(group)));
    List<List<String>> rows = new ArrayList<>();
    for (Problem problem : flipped) {
      List<String> row = new ArrayList<>(List.of(problem.id(), problem.change().text));
      problem.answers().forEach(answer -> row.add(answer.verdict()));
      rows.add(row);
    }
    return new Table(header, rows);
  }

  private static Excerpt excerpt(Metric metric, List<String> groups, Problem problem) {
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("asked", cut(problem.answers().get(0).prompt())));
    for (int i = 0; i < groups.size(); i++) {
      AnsweredItems.Item answer = problem.answers().get(i);
      parts.add(
          new Part(
              GroupNames.readable(groups.get(i)) + ": " + answer.verdict(),
              cut(answer.completion())));
    }
    return new Excerpt(
        "sample-" + ResultFigures.slug(metric.slug() + " " + problem.id()),
        "%s %s: %s".formatted(metric.problems(), problem.id(), problem.change().text),
        parts);
  }

  /** As much of a text as a page can bear. */
  static String cut(String text) {
    return text.length() <= MOST_CHARACTERS
        ? text
        : text.substring(0, MOST_CHARACTERS)
            + " ... (%s characters more)".formatted(text.length() - MOST_CHARACTERS);
  }
}
