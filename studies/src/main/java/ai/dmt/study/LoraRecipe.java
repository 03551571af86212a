package ai.dmt.study;

import ai.dmt.internal.text.Faults;
import ai.dmt.recipe.AdapterRecipe;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Adapters of several ranks that a study trains beside all weights: what {@link StudyQuestion#LORA}
 * asks. They stand beside all matrices of the decoder blocks, with alpha twice the rank; each stage
 * of a sequence trains the adapter of the one before on.
 *
 * @param ranks of the adapters, each at least 1
 * @param learningRates peak of the learning rate of each rank, in their order, above 0
 * @param amounts shares of each source alone, and of the mixture, in (0, 1]
 * @param share of all sources in sequential, mixed-sequential and DMT; one of the amounts
 * @param scoredSeeds seeds whose models are scored; of the others there is the held-out loss alone.
 *     0 for all
 */
public record LoraRecipe(
    List<Integer> ranks,
    List<Double> learningRates,
    List<Double> amounts,
    double share,
    int scoredSeeds) {
  /** Of runs of all weights, which have no rank. */
  static final int FULL = 0;

  /**
   * Checks ranges.
   *
   * @param ranks of the adapters, each at least 1
   * @param learningRates peak of the learning rate of each rank, in their order, above 0
   * @param amounts shares of each source alone, and of the mixture, in (0, 1]
   * @param share of all sources in sequential, mixed-sequential and DMT; one of the amounts
   * @param scoredSeeds seeds whose models are scored. 0 for all
   */
  public LoraRecipe {
    ranks = ranks == null ? List.of() : List.copyOf(ranks);
    learningRates = learningRates == null ? List.of() : List.copyOf(learningRates);
    amounts = amounts == null ? List.of() : List.copyOf(amounts);
    Faults faults =
        new Faults("lora")
            .require(ranks.size() > 1, "ranks must name two ranks or more, got " + ranks)
            .require(
                ranks.stream().distinct().count() == ranks.size(),
                "ranks must differ, got " + ranks)
            .require(
                learningRates.size() == ranks.size(),
                "learning_rates must name one for each of ranks %s, got %s"
                    .formatted(ranks, learningRates))
            .require(
                amounts.contains(share),
                "share must be one of amounts %s, got %s".formatted(amounts, share))
            .notNegative("scored_seeds", scoredSeeds);
    for (int rank : ranks) {
      faults.require(rank >= 1, "ranks must be at least 1, got " + rank);
    }
    learningRates.forEach(each -> faults.positive("learning_rates", each));
    StudyDefinition.checkShares(faults, "amounts", amounts);
    faults.throwIfAny();
  }

  /**
   * {@return what is used where a study says nothing, by component; ranks and learning rates must
   * be said}
   */
  public static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("amounts", List.of(1.0, 1 / 256.0));
    values.put("share", 1.0);
    values.put("scoredSeeds", 0);
    return values;
  }

  /** All runs: those of all weights, then rank after rank. */
  List<CellArm> arms(StudyDefinition study) {
    RepeatedCells cells =
        new RepeatedCells(study, amounts, share, List.of("sequential", "mixed-sequential"));
    return Stream.concat(Stream.of(FULL), ranks.stream())
        .map(rank -> new RepeatedCells.Trained(name(rank), "", rank, changes(rank)))
        .flatMap(trained -> cells.of(trained).stream())
        .toList();
  }

  /** What a recipe of all weights changes for an adapter. @param rank {@link #FULL} for nothing */
  List<String> changes(int rank) {
    return rank == FULL
        ? List.of()
        : List.of(
            "adapter={rank: %s}".formatted(rank),
            "training.learning_rate=" + learningRates.get(ranks.indexOf(rank)));
  }

  /** The adapter of a rank. */
  AdapterRecipe adapter(int rank) {
    return AdapterRecipe.defaults().withRank(rank);
  }

  /** A recipe that trains an adapter in place of the weights. */
  Recipe applied(Recipe recipe, int rank) {
    return RecipeReader.parse(RecipeWriter.yaml(recipe), "lora", changes(rank));
  }

  /** Such as "lora r=8", or "lora full": what groups begin with, and who shares stages. */
  static String name(int rank) {
    return rank == FULL ? "lora full" : "lora r=" + rank;
  }
}
