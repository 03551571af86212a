package ai.dmt.evaluators.mtbench;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a reader of scores should know of the judgements behind them. */
final class JudgmentNotes {
  private JudgmentNotes() {}

  /** One sentence each. @param questions null if they are not known */
  static List<String> of(List<ModelJudgments> models, @Nullable List<Question> questions) {
    List<String> notes = new ArrayList<>();
    models.forEach(rows -> addNotes(rows, questions, notes));
    List<String> judges =
        models.stream()
            .flatMap(rows -> rows.judgments().stream())
            .map(Judgment::judge)
            .distinct()
            .toList();
    if (judges.size() > 1) {
      notes.add("judgements of several judges are pooled: " + String.join(", ", judges));
    }
    return notes;
  }

  private static void addNotes(
      ModelJudgments rows, @Nullable List<Question> questions, List<String> notes) {
    List<Judgment> failed = rows.judgments().stream().filter(j -> j.score().failed()).toList();
    if (!failed.isEmpty()) {
      long unreached = failed.stream().filter(j -> j.judgment().equals(Judgment.NO_REPLY)).count();
      notes.add(
          "%s: %s of %s judgements failed and are left out (%s without a reply, %s without a rating): %s"
              .formatted(
                  rows.model(),
                  failed.size(),
                  rows.judgments().size(),
                  unreached,
                  failed.size() - unreached,
                  places(failed.stream().map(j -> place(j.questionId(), j.turn())).toList())));
    }
    List<Judgment> outside =
        rows.judgments().stream()
            .filter(j -> !j.score().failed())
            .filter(j -> j.score().value() < 1 || j.score().value() > 10)
            .toList();
    if (!outside.isEmpty()) {
      notes.add(
          "%s: %s ratings are outside 1 to 10 and count as they are, as in FastChat: %s"
              .formatted(
                  rows.model(),
                  outside.size(),
                  places(outside.stream().map(j -> place(j.questionId(), j.turn())).toList())));
    }
    List<String> missing = missing(rows, questions);
    if (!missing.isEmpty()) {
      notes.add(
          "%s: %s turns of the questions have no judgement: %s"
              .formatted(rows.model(), missing.size(), places(missing)));
    }
  }

  private static List<String> missing(ModelJudgments rows, @Nullable List<Question> questions) {
    if (questions == null) {
      return List.of();
    }
    Set<String> judged = new HashSet<>();
    rows.judgments().forEach(j -> judged.add(place(j.questionId(), j.turn())));
    List<String> missing = new ArrayList<>();
    for (Question question : questions) {
      for (int turn = 1; turn <= question.turns().size(); turn++) {
        if (!judged.contains(place(question.id(), turn))) {
          missing.add(place(question.id(), turn));
        }
      }
    }
    return missing;
  }

  private static String place(String question, int turn) {
    return "question %s turn %s".formatted(question, turn);
  }

  /** The first few, so that a message stays one. */
  private static String places(List<String> all) {
    int shown = Math.min(all.size(), 5);
    String rest = all.size() > shown ? ", and %s more".formatted(all.size() - shown) : "";
    return String.join(", ", all.subList(0, shown)) + rest;
  }
}
