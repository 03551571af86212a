package ai.dmt.rft;

import ai.dmt.evaluators.gsm8k.Gsm8kMode;
import ai.dmt.evaluators.gsm8k.Gsm8kProblem;
import ai.dmt.internal.text.NearestName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Chooses among the sampled answers to a question, one after the other (Yuan et al. 2023, arXiv
 * 2308.01825): one with a wrong end is dropped, then one with an equation that does not hold; of
 * those with the same equations in the same order one stays, that which is farther from all others
 * that stay, by the sum of edit distances. Of equally far ones the earlier stays.
 */
public final class PathSelection {
  private final Gsm8kProblem problem;
  private final Map<String, String> kept = new LinkedHashMap<>(); // by the equations
  private final Map<Pair, Integer> distances = new HashMap<>();
  private Counts counts = Counts.NONE;

  /**
   * What became of sampled answers.
   *
   * @param samples all of them
   * @param wrong without the right number at the end
   * @param broken right, with an equation that does not hold
   * @param repeated right and sound, with the equations of one that stayed
   */
  public record Counts(long samples, long wrong, long broken, long repeated) {
    static final Counts NONE = new Counts(0, 0, 0, 0);

    /** {@return how many stayed} */
    public long kept() {
      return samples - wrong - broken - repeated;
    }

    Counts plus(Counts other) {
      return new Counts(
          samples + other.samples,
          wrong + other.wrong,
          broken + other.broken,
          repeated + other.repeated);
    }
  }

  private record Pair(String first, String second) {
    boolean has(String path) {
      return first.equals(path) || second.equals(path);
    }
  }

  /**
   * Begins without an answer.
   *
   * @param problem with the number to end in
   */
  public PathSelection(Gsm8kProblem problem) {
    this.problem = problem;
  }

  /**
   * Takes the next answer.
   *
   * @param path as the model wrote it
   */
  public void add(String path) {
    counts = counts.plus(judged(path));
  }

  /** {@return the answers that stay, by the order in which their equations first came} */
  public List<String> kept() {
    return List.copyOf(kept.values());
  }

  /** {@return what became of the answers so far} */
  public Counts counts() {
    return counts;
  }

  private Counts judged(String path) {
    boolean right =
        Gsm8kMode.SCREL
            .extract(path)
            .filter(answer -> Gsm8kMode.SCREL.isRight(answer, problem))
            .isPresent();
    if (!right) {
      return new Counts(1, 1, 0, 0);
    }
    List<String> equations = Equations.of(path);
    if (!equations.stream().allMatch(Equations::holds)) {
      return new Counts(1, 0, 1, 0);
    }
    String key = Equations.key(equations);
    String rival = kept.putIfAbsent(key, path);
    if (rival == null) {
      return new Counts(1, 0, 0, 0);
    }
    if (!rival.equals(path)) {
      List<String> others = new ArrayList<>(kept.values());
      others.remove(rival);
      boolean farther = distance(path, others) > distance(rival, others);
      String loser = farther ? rival : path;
      kept.put(key, farther ? path : rival);
      distances.keySet().removeIf(pair -> pair.has(loser)); // millions of samples may lose
    }
    return new Counts(1, 0, 0, 1);
  }

  private long distance(String path, List<String> others) {
    return others.stream().mapToLong(other -> distance(path, other)).sum();
  }

  private int distance(String a, String b) {
    Pair pair = a.compareTo(b) < 0 ? new Pair(a, b) : new Pair(b, a);
    return distances.computeIfAbsent(pair, each -> NearestName.distance(a, b));
  }
}
