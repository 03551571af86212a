package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Course of the learning rate, by the names and formulas of Hugging Face's Trainer; a cosine with a
 * floor is its cosine_with_min_lr.
 *
 * @param kind shape after the warm-up (lr_scheduler_type)
 * @param peak rate at the end of the warm-up (learning_rate)
 * @param floor rate at the end; not read for the constant kinds
 * @param warmupRatio share of all steps, in [0, 1), rounded up (warmup_ratio); 0 if warmupSteps is
 *     given
 * @param warmupSteps steps (warmup_steps); 0 if warmupRatio is given
 */
public record LearningRateConfig(
    Kind kind, double peak, double floor, double warmupRatio, long warmupSteps) {

  /** Shape after the warm-up. */
  public enum Kind {
    /** At the peak from the first step on; there is no warm-up. */
    CONSTANT,
    /** Stays at the peak after the warm-up. */
    CONSTANT_WITH_WARMUP,
    /** Falls in a line to the floor. */
    LINEAR,
    /** Falls along half a cosine to the floor. */
    COSINE;

    /**
     * Reads a name as Hugging Face spells it, such as "cosine".
     *
     * @param text such as "cosine"
     * @return the shape of this name
     * @throws ConfigException if there is no such shape
     */
    public static Kind parse(String text) {
      for (Kind kind : values()) {
        if (kind.text().equals(text)) {
          return kind;
        }
      }
      throw new ConfigException(
          "lr_scheduler_type must be %s, got \"%s\"".formatted(String.join(" or ", names()), text));
    }

    /** {@return the names of all shapes, as Hugging Face spells them} */
    public static List<String> names() {
      return Arrays.stream(values()).map(Kind::text).toList();
    }

    /** {@return the name as Hugging Face spells it, such as "constant_with_warmup"} */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Checks ranges, and that warm-up is given in one way.
   *
   * @param kind not null
   * @param peak finite, above 0
   * @param floor in [0, peak]
   * @param warmupRatio in [0, 1)
   * @param warmupSteps at least 0
   * @throws ConfigException with every fault, if there is one
   */
  public LearningRateConfig {
    new Faults("learning rate")
        .present("kind", kind)
        .positive("learningRate", peak)
        .inRange("floor", floor, 0, peak)
        .inHalfOpenRange("warmupRatio", warmupRatio, 0, 1)
        .notNegative("warmupSteps", warmupSteps)
        .require(
            warmupRatio == 0 || warmupSteps == 0,
            "warmupRatio=%s and warmupSteps=%s exclude each other; set one to 0"
                .formatted(warmupRatio, warmupSteps))
        .throwIfAny();
  }

  /**
   * {@return the paper's course: cosine to 0 after a warm-up over 3 % of the steps}
   *
   * @param peak rate at the end of the warm-up; finite, above 0
   * @throws ConfigException with every fault, if there is one
   */
  public static LearningRateConfig cosine(double peak) {
    return new LearningRateConfig(Kind.COSINE, peak, 0, 0.03, 0);
  }

  /**
   * {@return the same rate for all steps}
   *
   * @param rate finite, above 0
   * @throws ConfigException with every fault, if there is one
   */
  public static LearningRateConfig constant(double rate) {
    return new LearningRateConfig(Kind.CONSTANT, rate, 0, 0, 0);
  }

  /**
   * {@return a line down to 0, without warm-up}
   *
   * @param peak rate of the first step; finite, above 0
   * @throws ConfigException with every fault, if there is one
   */
  public static LearningRateConfig linear(double peak) {
    return new LearningRateConfig(Kind.LINEAR, peak, 0, 0, 0);
  }

  /**
   * {@return a copy with another {@link #floor()}}
   *
   * @param rate at the end, in [0, peak]
   * @throws ConfigException with every fault, if there is one
   */
  public LearningRateConfig withFloor(double rate) {
    return new LearningRateConfig(kind, peak, rate, warmupRatio, warmupSteps);
  }

  /**
   * {@return a copy that warms up over a share of the steps, in place of any other warm-up; a
   * constant rate becomes one with warm-up}
   *
   * @param ratio in [0, 1), rounded up to whole steps
   * @throws ConfigException with every fault, if there is one
   */
  public LearningRateConfig withWarmupRatio(double ratio) {
    return new LearningRateConfig(warming(), peak, floor, ratio, 0);
  }

  /**
   * {@return a copy that warms up over so many steps, in place of any other warm-up; a constant
   * rate becomes one with warm-up}
   *
   * @param steps at least 0
   * @throws ConfigException with every fault, if there is one
   */
  public LearningRateConfig withWarmupSteps(long steps) {
    return new LearningRateConfig(warming(), peak, floor, 0, steps);
  }

  private Kind warming() {
    return kind == Kind.CONSTANT ? Kind.CONSTANT_WITH_WARMUP : kind;
  }

  /**
   * {@return the rates of a run of so many steps}
   *
   * @param steps that the course spans, over all of its stages
   */
  public LearningRateSchedule schedule(long steps) {
    long warmup = warmupRatio > 0 ? (long) Math.ceil(warmupRatio * steps) : warmupSteps;
    return switch (kind) {
      case CONSTANT -> new LearningRateSchedule.Constant(peak, 0);
      case CONSTANT_WITH_WARMUP -> new LearningRateSchedule.Constant(peak, warmup);
      case LINEAR -> new LearningRateSchedule.Linear(peak, floor, warmup, steps);
      case COSINE -> new LearningRateSchedule.Cosine(peak, floor, warmup, steps);
    };
  }
}
