package ai.dmt.engine;

import java.util.List;

/**
 * What an engine holds, reckoned from its shape and settings, without native code: the same bytes
 * as {@code planned_memory} of dmt/engine.h, which sends tensors without memory through the model.
 * A test compares the two in every mode.
 */
final class MemoryPlan {
  private final EngineConfig config;
  private final UnitSizes sizes;

  private MemoryPlan(EngineConfig config, UnitSizes sizes) {
    this.config = config;
    this.sizes = sizes;
  }

  /**
   * {@return bytes by purpose after the first step}
   *
   * @param model its shape
   * @param config of the engine
   * @param tokens of the largest micro-batch; 0 for no step
   * @param labels of these
   * @param evaluated tokens of the largest micro-batch that is evaluated; 0 for none
   */
  static MemoryAccount of(
      ModelConfig model, EngineConfig config, long tokens, long labels, long evaluated) {
    UnitSizes sizes = new UnitSizes(model, config);
    ActivationPlan activations = new ActivationPlan(model, config, sizes.vocabularyRows());
    long peak = 0;
    if (tokens > 0) {
      peak =
          config.trainable()
              ? activations.training(tokens, labels)
              : activations.evaluation(tokens);
    }
    if (evaluated > 0) {
      peak = Math.max(peak, activations.evaluation(evaluated));
    }
    return new MemoryPlan(config, sizes).account(peak);
  }

  /** Bytes of a gradient that is set aside, which is cut whatever the mode of gradients is. */
  static long keptGradient(ModelConfig model, EngineConfig config) {
    MemoryPlan plan = new MemoryPlan(config, new UnitSizes(model, config));
    return plan.trained().stream().mapToLong(plan.sizes::slice).sum()
        * UnitSizes.bytes(config.gradientDType());
  }

  private MemoryAccount account(long activations) {
    long weights = 0;
    long masterWeights = 0;
    long gradients = 0;
    long moments = 0;
    for (List<UnitSizes.Unit> units : List.of(sizes.units(), sizes.adapterUnits())) {
      for (UnitSizes.Unit unit : units) {
        weights +=
            (sizes.weightsStay(unit) ? sizes.padded(unit) : sizes.slice(unit))
                * unit.elementBytes();
      }
    }
    DType states = config.adamW().states();
    for (UnitSizes.Unit unit : trained()) {
      long slice = sizes.slice(unit);
      if (config.computeDType() != DType.FLOAT32 && states == DType.FLOAT32) {
        masterWeights += slice * Short.BYTES;
      }
      gradients +=
          (sizes.gradientsStay(unit) ? sizes.padded(unit) : slice)
              * UnitSizes.bytes(config.gradientDType());
      moments += 2 * slice * UnitSizes.bytes(states);
    }
    return new MemoryAccount(weights, masterWeights, gradients, moments, buffers(), activations);
  }

  /** Those with gradients. */
  private List<UnitSizes.Unit> trained() {
    return config.trainable() ? sizes.trained() : List.of();
  }

  /** Two for gathered weights, and what gradients travel through. */
  private long buffers() {
    boolean cut = sizes.shards() > 1;
    long gathered = 0; // bytes
    for (UnitSizes.Unit unit : sizes.units()) {
      if (cut && !sizes.weightsStay(unit)) {
        gathered = Math.max(gathered, sizes.padded(unit) * unit.elementBytes());
      }
    }
    long whole = 0;
    long wire = 0;
    for (UnitSizes.Unit unit : trained()) {
      long padded = sizes.padded(unit);
      if (cut && !sizes.gradientsStay(unit)) {
        whole = Math.max(whole, padded);
      }
      if (config.ranks().worldSize() > 1) {
        wire = Math.max(wire, padded);
      }
    }
    DType sums = config.gradientDType();
    boolean rounds = sizes.travelling() != sums;
    return 2 * gathered
        + (rounds ? 1 : 2) * whole * UnitSizes.bytes(sums)
        + ((rounds ? wire : 0) + wire / backendAddsUp()) * UnitSizes.bytes(sizes.travelling());
  }

  /** Of so many parts that travel the backend leaves one. */
  private long backendAddsUp() {
    if (config.sharding().reduceCollective() == ReduceCollective.ALL_TO_ALL) {
      return 1;
    }
    return sizes.shards() > 1 ? sizes.shards() : sizes.replicas();
  }
}
