package ai.dmt.engine;

import ai.dmt.internal.text.Faults;

/**
 * Settings of AdamW.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled, on every parameter
 * @param states BFLOAT16, where the engine computes in it: its weights are all there is, weights
 *     and moments are rounded stochastically after each step, and take 6 bytes per parameter in
 *     place of 12
 */
public record AdamWConfig(
    double beta1, double beta2, double epsilon, double weightDecay, DType states) {
  /**
   * Checks ranges.
   *
   * @param beta1 in [0, 1)
   * @param beta2 in [0, 1)
   * @param epsilon finite, above 0
   * @param weightDecay finite, at least 0
   * @param states not null; whether it suits the compute dtype is for {@link EngineConfig} to check
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public AdamWConfig {
    new Faults("adamW")
        .inHalfOpenRange("beta1", beta1, 0, 1)
        .inHalfOpenRange("beta2", beta2, 0, 1)
        .positive("epsilon", epsilon)
        .notNegative("weightDecay", weightDecay)
        .present("states", states)
        .throwIfAny();
  }

  /**
   * Settings with float32 states.
   *
   * @param beta1 in [0, 1)
   * @param beta2 in [0, 1)
   * @param epsilon finite, above 0
   * @param weightDecay finite, at least 0
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public AdamWConfig(double beta1, double beta2, double epsilon, double weightDecay) {
    this(beta1, beta2, epsilon, weightDecay, DType.FLOAT32);
  }

  /** {@return Hugging Face Trainer's values: 0.9, 0.999, 1e-8, no decay; float32 states} */
  public static AdamWConfig defaults() {
    return new AdamWConfig(0.9, 0.999, 1e-8, 0);
  }

  /**
   * {@return a copy with other {@link #states()}}
   *
   * @param type FLOAT32, or BFLOAT16 for an engine that computes in it
   */
  public AdamWConfig withStates(DType type) {
    return new AdamWConfig(beta1, beta2, epsilon, weightDecay, type);
  }

  /**
   * {@return a copy with another {@link #weightDecay()}}
   *
   * @param decay finite, at least 0; 0 for none
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public AdamWConfig withWeightDecay(double decay) {
    return new AdamWConfig(beta1, beta2, epsilon, decay, states);
  }
}
