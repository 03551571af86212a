package ai.dmt.engine;

/**
 * What travels between ranks in a step, in bytes that reach one: native/src/step_cost.cpp says the
 * same of full and grad_op sharding, and a test there counts what real runs send.
 */
final class RankTraffic {
  private final UnitSizes sizes;
  private final EngineConfig config;
  private final boolean ties;
  private final double weight; // bytes that travel for an element
  private final double gradient;

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
    double travels = (sizes.shards() - 1.0) / sizes.shards();
    weight = UnitSizes.bytes(config.computeDType()) * travels;
    gradient = UnitSizes.bytes(sizes.travelling()) * travels;
  }

  /**
   * Weights. Both passes gather each unit, but what one ends with the next one begins with: the
   * head and the last block; in later micro-batches the first block. Weights that stay are gathered
   * once, after the update.
   */
  Collective gathers(int microBatches) {
    if (config.sharding().mode() == Sharding.GRAD_OP) {
      return new Collective(weight * all(), weight * ends());
    }
    int units = sizes.units().size();
    double once = (ties ? 0 : unit(0)) + unit(units - 1) + unit(units - 2);
    double elements = microBatches * (2 * all() - once) - (microBatches - 1.0) * unit(1);
    return new Collective(weight * elements, weight * ends());
  }

  /** Gradients, after the backward pass of each unit, of a tied embedding twice; or of the step. */
  Collective reductions(int microBatches) {
    if (config.sharding().gradientReduction() == GradientReduction.STEP) {
      return new Collective(gradient * all(), gradient * all());
    }
    double bytes = gradient * (all() + (ties ? unit(0) : 0));
    return new Collective(microBatches * bytes, gradient * ends());
  }

  /** Sums of slices that several ranks hold, at the end of a step: there and back. */
  double replicas() {
    double travels = 2.0 * (sizes.replicas() - 1) / sizes.replicas();
    return travels
        * UnitSizes.bytes(sizes.travelling())
        * sizes.units().stream().mapToDouble(sizes::slice).sum();
  }

  private double all() {
    return sizes.units().stream().mapToDouble(sizes::padded).sum();
  }

  private double unit(int number) {
    return sizes.padded(sizes.units().get(number));
  }

  /** A step begins and ends with the embedding, which is looked up, and the first block. */
  private double ends() {
    return unit(0) + unit(1);
  }
}
