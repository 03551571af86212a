package ai.dmt.evaluators.mtbench;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.Fingerprint;
import ai.dmt.evaluators.ItemVerdict;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Scores of a file of judgements: for each model the mean of first turns, of second turns and of
 * all (FastChat's llm_judge/show_result.py), of each category where the questions are known, and of
 * each repeat where there are several. A second judgement of the same turn is a repeat.
 */
public final class MtBenchScorer {
  /** Name of the benchmark. */
  public static final String NAME = "mtbench";

  /** Of the rules in this package. */
  public static final String VERSION = "1";

  private static final Pattern TURN_OR_REPEAT = Pattern.compile("(turn|repeat) ([1-9][0-9]{0,3})");

  private final List<ModelJudgments> models;
  private final @Nullable List<Question> questions; // null where they are not known

  /**
   * Sorts judgements by model, the best average first.
   *
   * @param judgments of one or more models
   * @param questions in the order of categories; null if they are not known
   * @throws DataException if a judgement is of none of the questions
   */
  public MtBenchScorer(List<Judgment> judgments, @Nullable List<Question> questions) {
    if (questions != null) {
      requireKnown(judgments, questions);
    }
    Map<String, ModelJudgments> byModel = new LinkedHashMap<>();
    for (Judgment judgment : judgments) {
      ModelJudgments rows = byModel.computeIfAbsent(judgment.model(), ModelJudgments::new);
      rows.add(judgment);
    }
    this.models =
        byModel.values().stream()
            .sorted(Comparator.comparingDouble(MtBenchScorer::average).reversed())
            .toList();
    this.questions = questions;
  }

  private static double average(ModelJudgments rows) {
    return ScoredJudgments.of(rows.judgments()).mean().orElse(Double.NEGATIVE_INFINITY);
  }

  private static void requireKnown(List<Judgment> judgments, List<Question> questions) {
    Set<String> ids = questions.stream().map(Question::id).collect(Collectors.toSet());
    for (Judgment judgment : judgments) {
      if (!ids.contains(judgment.questionId())) {
        throw new DataException(
            new Origin(questions.get(0).origin().file(), 0),
            "has no question %s, which is judged".formatted(judgment.questionId()));
      }
    }
  }

  /**
   * {@return all scores; a mean over nothing is left out} Where there are several models, mode
   * names one.
   */
  public ScoreReport report() {
    List<Score> scores = new ArrayList<>();
    List<ItemVerdict> items = new ArrayList<>();
    for (ModelJudgments rows : models) {
      String mode = models.size() > 1 ? rows.model() : null;
      addScores(rows, mode, scores);
      addItems(rows, mode, items);
    }
    ScoreReport report = new ScoreReport(NAME, VERSION, scores, items);
    return questions == null ? report : report.withProblems(fingerprint(questions));
  }

  private void addScores(ModelJudgments rows, @Nullable String mode, List<Score> scores) {
    ScoredJudgments all = ScoredJudgments.of(rows.judgments());
    add("turn 1", mode, all.where(judgment -> judgment.turn() == 1), scores);
    add("turn 2", mode, all.where(judgment -> judgment.turn() == 2), scores);
    add("average", mode, all, scores);
    Map<String, String> categories = categories();
    for (String category : categories.values().stream().distinct().toList()) {
      Predicate<Judgment> isOf = j -> category.equals(categories.get(j.questionId()));
      add(category, mode, all.where(isOf), scores);
    }
    addRepeats(rows, mode, scores);
  }

  /** By question; empty where the questions are not known. */
  private Map<String, String> categories() {
    Map<String, String> categories = new LinkedHashMap<>();
    if (questions != null) {
      questions.forEach(question -> categories.put(question.id(), question.category()));
    }
    return categories;
  }

  private static void addRepeats(ModelJudgments rows, @Nullable String mode, List<Score> scores) {
    if (rows.numRepeats() < 2) {
      return;
    }
    List<Double> means = new ArrayList<>();
    for (int repeat = 0; repeat < rows.numRepeats(); repeat++) {
      ScoredJudgments scored = ScoredJudgments.of(rows.ofRepeat(repeat));
      add("repeat " + (repeat + 1), mode, scored, scores);
      scored.mean().ifPresent(means::add);
    }
    if (means.size() > 1) {
      double mean = means.stream().mapToDouble(m -> m).average().orElseThrow();
      double squares = means.stream().mapToDouble(m -> (m - mean) * (m - mean)).sum();
      double deviation = Math.sqrt(squares / (means.size() - 1));
      scores.add(new Score("sd of repeats", mode, null, (long) means.size(), deviation, null));
    }
  }

  private static void add(
      String name, @Nullable String mode, ScoredJudgments rows, List<Score> scores) {
    rows.mean()
        .ifPresent(
            mean ->
                scores.add(
                    new Score(
                        name, mode, null, (long) rows.rated().size(), mean, rows.interval())));
  }

  /**
   * {@return which items a score is the mean of, by their {@code sample}: those of a turn, of a
   * repeat, or all, which is also the answer for the scores of categories}
   *
   * @param score its name, such as "turn 1", "repeat 2" or "average"
   */
  public static IntPredicate samplesOf(String score) {
    Matcher one = TURN_OR_REPEAT.matcher(score);
    if (!one.matches()) {
      return sample -> true;
    }
    int index = Integer.parseInt(one.group(2)) - 1;
    return one.group(1).equals("turn")
        ? sample -> sample % 2 == index
        : sample -> sample / 2 == index;
  }

  /** By question, then by repeat and turn, which together number the samples. */
  private void addItems(ModelJudgments rows, @Nullable String mode, List<ItemVerdict> items) {
    Map<String, String> categories = categories();
    List<ItemVerdict> ofModel = new ArrayList<>();
    for (int i = 0; i < rows.judgments().size(); i++) {
      Judgment judgment = rows.judgments().get(i);
      boolean failed = judgment.score().failed();
      ofModel.add(
          new ItemVerdict(
              judgment.questionId(),
              mode,
              2 * rows.repeat(i) + judgment.turn() - 1,
              failed ? "failed" : "rated",
              failed ? null : judgment.score().value(),
              categories.get(judgment.questionId()),
              null));
    }
    ofModel.sort(
        Comparator.comparing(ItemVerdict::id, QuestionId.ORDER).thenComparing(ItemVerdict::sample));
    items.addAll(ofModel);
  }

  private static String fingerprint(List<Question> questions) {
    Fingerprint fingerprint = new Fingerprint();
    questions.forEach(
        question -> {
          fingerprint.add(question.id());
          question.turns().forEach(fingerprint::add);
        });
    return fingerprint.text();
  }

  /** {@return what a reader of the scores should know, one sentence each} */
  public List<String> notes() {
    return JudgmentNotes.of(models, questions);
  }
}
