package ai.dmt.evaluators.transfer;

import ai.dmt.evaluators.comparison.ScoreComparison;
import ai.dmt.evaluators.comparison.ScoreComparison.Unit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Backward transfer over abilities, BWT of Lopez-Paz and Ranzato, "Gradient Episodic Memory for
 * Continual Learning" (NeurIPS 2017): the mean, over all abilities but those of the last stage, of
 * the score at the end minus the score after the ability's own stage.
 *
 * @param scale what the scores count: shares of problems, or a benchmark's points
 * @param unit of the mean
 * @param mean of the differences
 * @param scores that it is over, one an ability: the first of each
 */
public record MeanTransfer(String scale, Unit unit, double mean, List<String> scores) {
  private static final String SHARES = "problems solved";

  /**
   * Means over what can be added up: shares of problems with each other, points of one benchmark.
   */
  static List<MeanTransfer> of(List<ScoreComparison> backward, Abilities abilities) {
    Map<String, Map<String, ScoreComparison>> scales = new LinkedHashMap<>();
    for (ScoreComparison each : backward) {
      String scale = each.unit() == Unit.SHARE ? SHARES : each.benchmark();
      String ability = abilities.of(each.benchmark(), each.score());
      scales.computeIfAbsent(scale, s -> new LinkedHashMap<>()).putIfAbsent(ability, each);
    }
    List<MeanTransfer> means = new ArrayList<>();
    scales.forEach((scale, firsts) -> means.add(of(scale, List.copyOf(firsts.values()))));
    return List.copyOf(means);
  }

  private static MeanTransfer of(String scale, List<ScoreComparison> firsts) {
    return new MeanTransfer(
        scale,
        firsts.get(0).unit(),
        firsts.stream().mapToDouble(ScoreComparison::difference).average().orElseThrow(),
        firsts.stream().map(ScoreComparison::title).toList());
  }
}
