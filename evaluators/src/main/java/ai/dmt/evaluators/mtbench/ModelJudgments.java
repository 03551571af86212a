package ai.dmt.evaluators.mtbench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** All judgements of a model in the file's order, and which repeat each belongs to. */
final class ModelJudgments {
  /** What repeats are repeats of. */
  private record Subject(String question, int turn) {}

  private final String model;
  private final List<Judgment> judgments = new ArrayList<>();
  private final List<Integer> repeats = new ArrayList<>();
  private final Map<Subject, Integer> seen = new HashMap<>();

  ModelJudgments(String model) {
    this.model = model;
  }

  void add(Judgment judgment) {
    judgments.add(judgment);
    Subject subject = new Subject(judgment.questionId(), judgment.turn());
    repeats.add(seen.merge(subject, 1, Integer::sum) - 1);
  }

  String model() {
    return model;
  }

  List<Judgment> judgments() {
    return judgments;
  }

  /** The repeat of the i-th judgement, from 0. */
  int repeat(int i) {
    return repeats.get(i);
  }

  int numRepeats() {
    return seen.values().stream().mapToInt(count -> count).max().orElse(0);
  }

  List<Judgment> ofRepeat(int repeat) {
    return IntStream.range(0, judgments.size())
        .filter(i -> repeats.get(i) == repeat)
        .mapToObj(judgments::get)
        .toList();
  }
}
