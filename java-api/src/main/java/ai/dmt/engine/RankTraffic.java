package ai.dmt.engine;

import static ai.dmt.adapter.AdapterTarget.EMBED_TOKENS;

import java.util.List;

/**
 * What travels between ranks in a step, in bytes that reach one: native/src/step_cost.cpp says the
 * same of full and grad_op sharding, and a test there counts what real runs send.
 */
final class RankTraffic {
  private final UnitSizes sizes;
  private final EngineConfig config;
  private final boolean ties;
  private final double travels; // of what is cut, the part that others have
  private final int ends; // units of what is trained that a step begins and ends with

  /**
   * Collectives of one kind.
   *
   * @param bytes that reach a rank in a step
   * @param neverHidden of these; when there is nothing to compute beside
   */
  record Collective(double bytes, double neverHidden) {}

  RankTraffic(ModelConfig model, EngineConfig config) {
    sizes = new UnitSizes(model, config);
    this.config = config;
    ties = model.tieWordEmbeddings();
    travels = (sizes.shards() - 1.0) / sizes.shards();
    boolean embeds =
        config.adapter().map(adapter -> adapter.sizes().containsKey(EMBED_TOKENS)).orElse(true);
    ends = Math.min(embeds ? 2 : 1, sizes.trained().size());
  }

  /**
   * Weights. Both passes gather each unit, but what one ends with the next one begins with: the
   * head and the last block; in later micro-batches the first block, and in all of them if it is
   * frozen. What is updated and stays is gathered once, after the update.
   */
  Collective gathers(int microBatches) {
    Collective updates =
        new Collective(
            sizes.trained().stream().mapToDouble(this::weights).sum(),
            sizes.trained().stream().limit(ends).mapToDouble(this::weights).sum());
    if (config.sharding().mode() == Sharding.GRAD_OP) {
      return updates;
    }
    List<UnitSizes.Unit> units = sizes.units();
    double embedding = weights(units.get(0));
    double firstBlock = weights(units.get(1));
    double once =
        (ties ? 0 : embedding)
            + weights(units.get(units.size() - 1))
            + weights(units.get(units.size() - 2));
    double all = units.stream().mapToDouble(this::weights).sum();
    double stays = (sizes.isFrozen() ? microBatches : microBatches - 1.0) * firstBlock;
    double bytes = microBatches * (2 * all - once) - stays;
    return sizes.isFrozen()
        ? new Collective(bytes + updates.bytes, embedding + updates.neverHidden)
        : new Collective(bytes, embedding + firstBlock);
  }

  /** Gradients, after the backward pass of each unit, of a tied embedding twice; or of the step. */
  Collective reductions(int microBatches) {
    double all = sizes.trained().stream().mapToDouble(this::gradients).sum();
    if (config.sharding().gradientReduction() == GradientReduction.STEP) {
      return new Collective(all, all);
    }
    double again = ties && !sizes.isFrozen() ? gradients(sizes.units().get(0)) : 0;
    return new Collective(
        microBatches * (all + again),
        sizes.trained().stream().limit(ends).mapToDouble(this::gradients).sum());
  }

  /** Sums of slices that several ranks hold, at the end of a step: there and back. */
  double replicas() {
    double thereAndBack = 2.0 * (sizes.replicas() - 1) / sizes.replicas();
    return thereAndBack
        * UnitSizes.bytes(sizes.travelling())
        * sizes.trained().stream().mapToDouble(sizes::slice).sum();
  }

  private double weights(UnitSizes.Unit unit) {
    return travels * sizes.padded(unit) * unit.elementBytes();
  }

  private double gradients(UnitSizes.Unit unit) {
    return travels * sizes.padded(unit) * UnitSizes.bytes(sizes.travelling());
  }
}
