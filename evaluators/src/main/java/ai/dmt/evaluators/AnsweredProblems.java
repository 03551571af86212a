package ai.dmt.evaluators;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Puts completions to their problems. */
public final class AnsweredProblems {
  private static final int NAMED = 10;

  private AnsweredProblems() {}

  /** What becomes of problems without a completion. */
  public enum Missing {
    /** They are a fault: a score over part of the problems must be asked for. */
    REFUSED,
    /** They are left out. */
    LEFT_OUT
  }

  /**
   * {@return the completions by the ids of their problems, in the problems' order, at least one
   * each}
   *
   * @param known ids of all problems of the file; an id beyond is a fault
   * @param wanted those of them to be scored; completions of others are passed over
   * @param completions in any order; their order stays within a problem
   * @param missing what becomes of wanted problems without a completion
   * @throws DataException if a problem has no completion, or not as many as the others
   */
  public static Map<String, List<CompletionRecord>> of(
      List<String> known,
      List<String> wanted,
      List<CompletionRecord> completions,
      Missing missing) {
    Map<String, List<CompletionRecord>> answers = new LinkedHashMap<>();
    wanted.forEach(id -> answers.put(id, new ArrayList<>()));
    Set<String> ids = new LinkedHashSet<>(known);
    for (CompletionRecord completion : completions) {
      if (!ids.contains(completion.id())) {
        throw new DataException(
            completion.origin(),
            "no problem has the id \"%s\"; the %s problems have \"%s\" to \"%s\""
                .formatted(completion.id(), ids.size(), known.get(0), known.get(known.size() - 1)));
      }
      answers.computeIfPresent(
          completion.id(),
          (id, samples) -> {
            samples.add(completion);
            return samples;
          });
    }
    List<String> without =
        answers.entrySet().stream()
            .filter(answer -> answer.getValue().isEmpty())
            .map(Map.Entry::getKey)
            .toList();
    if (without.size() == wanted.size() || (!without.isEmpty() && missing == Missing.REFUSED)) {
      throw new DataException(
          file(completions),
          "%s of %s problems have no completion: %s; a score over part of them must be asked for"
              .formatted(without.size(), wanted.size(), some(without)));
    }
    without.forEach(answers::remove);
    checkEven(answers);
    return answers;
  }

  /** One line too many would turn an accuracy into something else. */
  private static void checkEven(Map<String, List<CompletionRecord>> answers) {
    Map.Entry<String, List<CompletionRecord>> first = answers.entrySet().iterator().next();
    for (Map.Entry<String, List<CompletionRecord>> each : answers.entrySet()) {
      int samples = each.getValue().size();
      if (samples != first.getValue().size()) {
        throw new DataException(
            each.getValue().get(samples - 1).origin(),
            "problem %s has %s completions, problem %s has %s; all must have the same number"
                .formatted(each.getKey(), samples, first.getKey(), first.getValue().size()));
      }
    }
  }

  private static Origin file(List<CompletionRecord> completions) {
    return completions.isEmpty()
        ? Origin.UNKNOWN
        : new Origin(completions.get(0).origin().file(), 0);
  }

  private static String some(List<String> ids) {
    String named = ids.stream().limit(NAMED).collect(Collectors.joining(", "));
    return ids.size() > NAMED ? named + ", ... " + ids.get(ids.size() - 1) : named;
  }
}
