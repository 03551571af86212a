package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.report.Share;
import ai.dmt.strategies.Strategies;
import ai.dmt.train.Corpus;
import ai.dmt.train.Schedule;
import ai.dmt.train.ScheduleBatches;
import ai.dmt.train.StageBatches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Controls. A mixture has more rows than a source alone, so it trains for more steps, and so does
 * DMT's last stage beside that of mixed-sequential: is it the other data, or the steps? The arm of
 * less data is trained again, going through its data more often: each source alone, at the smallest
 * amount, for the steps and for the tokens of the mixture of that amount; and mixed-sequential with
 * as many steps in its last stage as DMT has.
 */
final class MatchedCells {
  private final StudyDefinition study;
  private final Map<String, Integer> sizes;
  private final List<StudyCell> cells;

  /**
   * @param cells of the other questions
   */
  MatchedCells(StudyDefinition study, Map<String, Integer> sizes, List<StudyCell> cells) {
    this.study = study;
    this.sizes = sizes;
    this.cells = cells;
  }

  /** The arms of a seed. */
  List<CellArm> of(long seed) {
    List<CellArm> arms = new ArrayList<>();
    double low = study.amounts().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    Optional<StageBatches> mixture = last("mixed k=" + Share.text(low), seed);
    for (String source : sources()) {
      Optional<StageBatches> alone =
          last("amount %s k=%s".formatted(source, Share.text(low)), seed);
      if (mixture.isPresent() && alone.isPresent()) {
        addAlone(arms, source, low, alone.get(), mixture.get());
      }
    }
    double k = study.headlineK();
    last("dmt k=" + Share.text(k), seed)
        .ifPresent(
            stage ->
                arms.add(
                    mixedSequential(
                        k, last("mixed-sequential", seed).orElseThrow(), stage.steps())));
    return arms;
  }

  private void addAlone(
      List<CellArm> arms, String source, double low, StageBatches alone, StageBatches mixture) {
    arms.add(alone("steps", source, low, alone, mixture.steps()));
    if (study.tokensPerSample().keySet().containsAll(sources())) {
      double ratio = meanTokens(mixture) / meanTokens(alone);
      arms.add(alone("tokens", source, low, alone, Math.round(mixture.steps() * ratio)));
    }
  }

  private Set<String> sources() {
    return study.recipe().sources().keySet();
  }

  private CellArm alone(String what, String source, double share, StageBatches alone, long steps) {
    String stage =
        "{name: %s, sources: {%s: %s}, num_train_epochs: %s, max_steps: %s}"
            .formatted(source, source, share, epochs(alone, steps), steps);
    return CellArm.of(
        "matched %s %s k=%s".formatted(what, source, Share.text(share)),
        source,
        share,
        "strategy={name: custom, stages: [%s]}".formatted(stage));
  }

  private CellArm mixedSequential(double k, StageBatches general, long steps) {
    Map<Corpus.Role, List<String>> parts = new LinkedHashMap<>();
    study
        .recipe()
        .sources()
        .forEach(
            (name, source) ->
                parts.computeIfAbsent(source.role(), role -> new ArrayList<>()).add(name + ": 1"));
    String stages =
        "{name: specialized, sources: {%s}}, {name: general, sources: {%s}, num_train_epochs: %s, max_steps: %s}"
            .formatted(
                String.join(", ", parts.getOrDefault(Corpus.Role.SPECIALIZED, List.of())),
                String.join(", ", parts.getOrDefault(Corpus.Role.GENERAL, List.of())),
                epochs(general, steps),
                steps);
    return CellArm.of(
        "matched steps mixed-sequential k=" + Share.text(k),
        "mixed-sequential",
        k,
        "strategy={name: custom, stages: [%s]}".formatted(stages));
  }

  private static long epochs(StageBatches stage, long steps) {
    long perEpoch = stage.stepsPerEpoch();
    return (steps + perEpoch - 1) / perEpoch;
  }

  /** The last stage of a group's cell; empty where a source is too small for its share of it. */
  private Optional<StageBatches> last(String group, long seed) {
    StudyCell cell =
        cells.stream()
            .filter(each -> each.group().equals(group))
            .filter(each -> each.seed() == seed || study.once().contains(group))
            .findFirst()
            .orElseThrow();
    Corpus corpus = cell.recipe().corpus(sizes);
    Schedule schedule = Strategies.plan(cell.recipe(), corpus);
    int batch = study.recipe().training().globalTrainBatchSize();
    try {
      List<StageBatches> stages = new ScheduleBatches(schedule, corpus.tables(), batch).stages();
      return Optional.of(stages.get(stages.size() - 1));
    } catch (ConfigException e) {
      return Optional.empty(); // the cell itself says so when it is run, and needs no control
    }
  }

  private double meanTokens(StageBatches stage) {
    List<String> names = List.copyOf(sources());
    return stage.epoch().stream()
        .mapToDouble(ref -> study.tokensPerSample().getOrDefault(names.get(ref.source()), 0.0))
        .average()
        .orElseThrow();
  }
}
