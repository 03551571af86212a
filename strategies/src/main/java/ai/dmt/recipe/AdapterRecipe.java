package ai.dmt.recipe;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.BaseWeights;
import ai.dmt.engine.EngineConfig;
import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import ai.dmt.train.StageSettings;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An adapter that is trained in place of the model's weights.
 *
 * @param rank of each target's matrices; at least 1, at most the smaller side of the target's
 * @param alpha by the rank, what the adapter's output is scaled by; null for twice the rank
 * @param dropout share of the adapter's inputs that a training step takes for 0, in [0, 1)
 * @param targets matrices that it stands beside; at least one
 * @param rankStabilized whether alpha is divided by the root of the rank (rsLoRA)
 * @param ranks ranks of targets that have another one, by their names; may be empty
 * @param stages what the next stage begins with, unless a stage says otherwise
 * @param baseWeights how the matrices that are not trained are kept
 */
public record AdapterRecipe(
    @Doc("Rank of the adapter's matrices, at most the smaller side of the target's")
        @Range("[1, inf)")
        int rank,
    @Doc("By the rank, what the adapter's output is scaled by; empty for twice the rank")
        @Range("(0, inf)")
        @Nullable Double alpha,
    @Doc("Share of the adapter's inputs that a training step takes for 0") @Range("[0, 1)")
        double dropout,
    @Doc(
            "Matrices that the adapter stands beside: q_proj, k_proj, v_proj, o_proj, gate_proj,"
                + " up_proj, down_proj, embed_tokens, lm_head")
        List<AdapterTarget> targets,
    @Doc("Whether alpha is divided by the root of the rank in place of the rank (rsLoRA)")
        boolean rankStabilized,
    @Doc("Ranks of targets that have another one") @Words(Vocabulary.ADAPTER_TARGET)
        Map<String, Integer> ranks,
    @Doc(
            "What the next stage begins with: the same adapter, a new one on a model that this one is"
                + " merged into, or a new one on the untouched base")
        StageSettings.NextAdapter stages,
    @Doc("How the matrices that are not trained are kept: int8 takes 1 byte each, nf4 about half")
        BaseWeights baseWeights) {
  /** Of alpha, where a recipe has none. */
  private static final int ALPHA_BY_RANK = 2;

  /**
   * Checks ranges; copies the collections.
   *
   * @param rank at least 1
   * @param alpha above 0; null for twice the rank
   * @param dropout in [0, 1)
   * @param targets at least one, none twice
   * @param rankStabilized whether alpha is divided by the root of the rank
   * @param ranks of targets, each at least 1
   * @param stages not null
   * @param baseWeights not null
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public AdapterRecipe {
    targets = targets == null ? List.of() : List.copyOf(targets);
    ranks = ranks == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(ranks));
    Faults faults =
        new Faults("adapter")
            .positive("rank", rank)
            .inHalfOpenRange("dropout", dropout, 0, 1)
            .require(
                !targets.isEmpty(),
                "targets must name at least one of " + String.join(", ", AdapterTarget.names()))
            .require(
                new HashSet<>(targets).size() == targets.size(),
                "targets has a name twice: " + targets.stream().map(AdapterTarget::text).toList())
            .present("stages", stages)
            .present("base_weights", baseWeights);
    if (alpha != null) {
      faults.positive("alpha", alpha);
    }
    List<String> names = targets.stream().map(AdapterTarget::text).toList();
    ranks.forEach(
        (target, value) -> {
          faults.positive("ranks." + target, value);
          faults.require(
              names.contains(target), "ranks.%s is none of targets %s".formatted(target, names));
        });
    faults.throwIfAny();
  }

  /** {@return rank 16 and alpha 32 beside all matrices of decoder blocks} */
  public static AdapterRecipe defaults() {
    return new AdapterRecipe(
        16,
        null,
        0,
        AdapterTarget.ALL_LINEAR,
        false,
        Map.of(),
        StageSettings.NextAdapter.CONTINUE,
        BaseWeights.COMPUTE);
  }

  /**
   * {@return what trains an adapter of these settings on, its base as it is computed with}
   *
   * @param config of the adapter
   * @throws ai.dmt.config.ConfigException if alpha is not one for all targets, nor by the rank
   */
  public static AdapterRecipe of(AdapterConfig config) {
    List<AdapterConfig.Size> sizes = List.copyOf(config.sizes().values());
    AdapterConfig.Size first = sizes.get(0);
    boolean byRank = sizes.stream().allMatch(each -> each.alpha() == ALPHA_BY_RANK * each.rank());
    if (!byRank && sizes.stream().anyMatch(each -> each.alpha() != first.alpha())) {
      throw new ConfigException(
          "adapter: a recipe has one alpha for all targets, or twice each rank; got " + sizes);
    }
    Map<String, Integer> ranks = new LinkedHashMap<>();
    config
        .sizes()
        .forEach(
            (target, size) -> {
              if (size.rank() != first.rank()) {
                ranks.put(target.text(), size.rank());
              }
            });
    return defaults()
        .withRank(first.rank())
        .withAlpha(byRank ? null : first.alpha())
        .withDropout(config.dropout())
        .withTargets(List.copyOf(config.sizes().keySet()))
        .withRankStabilized(config.rankStabilized())
        .withRanks(ranks);
  }

  /**
   * {@return the adapter's settings}
   *
   * @param seed of a fresh adapter and of dropout
   */
  public AdapterConfig config(long seed) {
    Map<AdapterTarget, AdapterConfig.Size> sizes = new EnumMap<>(AdapterTarget.class);
    for (AdapterTarget target : targets) {
      int own = ranks.getOrDefault(target.text(), rank);
      sizes.put(
          target,
          new AdapterConfig.Size(own, alpha == null ? (double) ALPHA_BY_RANK * own : alpha));
    }
    return new AdapterConfig(sizes, rankStabilized, dropout, seed);
  }

  /**
   * {@return an engine's configuration with the adapter}
   *
   * @param engine how it computes otherwise
   * @param seed of a fresh adapter and of dropout
   */
  public EngineConfig engineConfig(EngineConfig engine, long seed) {
    return engine.withAdapter(config(seed)).withBaseWeights(baseWeights);
  }

  /**
   * {@return a copy with another {@link #rank()}}
   *
   * @param value at least 1, at most the smaller side of each target's matrix
   */
  public AdapterRecipe withRank(int value) {
    return RecordCopy.with(this, "rank", value);
  }

  /**
   * {@return a copy with another {@link #alpha()}}
   *
   * @param value above 0; null for twice the rank
   */
  public AdapterRecipe withAlpha(@Nullable Double value) {
    return RecordCopy.with(this, "alpha", value);
  }

  /**
   * {@return a copy with another {@link #dropout()}}
   *
   * @param value in [0, 1)
   */
  public AdapterRecipe withDropout(double value) {
    return RecordCopy.with(this, "dropout", value);
  }

  /**
   * {@return a copy with other {@link #targets()}}
   *
   * @param value at least one
   */
  public AdapterRecipe withTargets(List<AdapterTarget> value) {
    return RecordCopy.with(this, "targets", value);
  }

  /**
   * {@return a copy with another {@link #rankStabilized()}}
   *
   * @param value whether alpha is divided by the root of the rank
   */
  public AdapterRecipe withRankStabilized(boolean value) {
    return RecordCopy.with(this, "rankStabilized", value);
  }

  /**
   * {@return a copy with other {@link #ranks()}}
   *
   * @param value of targets that have another rank, by their names
   */
  public AdapterRecipe withRanks(Map<String, Integer> value) {
    return RecordCopy.with(this, "ranks", value);
  }

  /**
   * {@return a copy with another {@link #stages()}}
   *
   * @param value what the next stage begins with
   */
  public AdapterRecipe withStages(StageSettings.NextAdapter value) {
    return RecordCopy.with(this, "stages", value);
  }

  /**
   * {@return a copy with other {@link #baseWeights()}}
   *
   * @param value how the matrices that are not trained are kept
   */
  public AdapterRecipe withBaseWeights(BaseWeights value) {
    return RecordCopy.with(this, "baseWeights", value);
  }
}
