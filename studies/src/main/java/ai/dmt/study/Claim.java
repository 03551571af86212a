package ai.dmt.study;

import ai.dmt.evaluators.statistics.Effect;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/**
 * What the paper found, and whether it holds here.
 *
 * @param id such as "4c"
 * @param text the claim
 * @param expected of the effect
 * @param primary the registered test; empty where the study did not ask, or lacks the measure
 * @param secondary the same contrast in every measure of the abilities, for the reader alone
 * @param adjusted the primary test's p-value after Holm's correction; NaN without a test
 * @param verdict of the primary test
 */
record Claim(
    String id,
    String text,
    Expected expected,
    Optional<Tested> primary,
    List<Tested> secondary,
    double adjusted,
    Verdict verdict) {
  /** Copies the list. */
  Claim {
    secondary = List.copyOf(secondary);
  }

  /** Whether the paper has it; those whose names begin with L are about adapters. */
  boolean isOfPaper() {
    return !id.startsWith("L");
  }

  /**
   * What a claim expects of a contrast. Both directions of a test share the level, so that each
   * p-value is twice that of one side, and a verdict goes with the 95 % interval.
   */
  enum Expected {
    /** Above zero. */
    @JsonProperty("more")
    MORE("more") {
      @Override
      double supported(Effect effect, double margin) {
        return 2 * effect.above(0);
      }

      @Override
      double contradicted(Effect effect, double margin) {
        return 2 * effect.below(0);
      }
    },
    /** Below zero. */
    @JsonProperty("less")
    LESS("less") {
      @Override
      double supported(Effect effect, double margin) {
        return 2 * effect.below(0);
      }

      @Override
      double contradicted(Effect effect, double margin) {
        return 2 * effect.above(0);
      }
    },
    /** Within the margin around zero: two one-sided tests. */
    @JsonProperty("same")
    SAME("about the same") {
      @Override
      double supported(Effect effect, double margin) {
        return 2 * Math.max(effect.above(-margin), effect.below(margin));
      }

      @Override
      double contradicted(Effect effect, double margin) {
        return 2 * Math.min(effect.above(margin), effect.below(-margin));
      }
    },
    /** Not below zero by more than the margin. */
    @JsonProperty("not less")
    NOT_LESS("not less") {
      @Override
      double supported(Effect effect, double margin) {
        return 2 * effect.above(-margin);
      }

      @Override
      double contradicted(Effect effect, double margin) {
        return 2 * effect.below(-margin);
      }
    };

    private final String text;

    Expected(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }

    boolean hasMargin() {
      return this == SAME || this == NOT_LESS;
    }

    abstract double supported(Effect effect, double margin);

    abstract double contradicted(Effect effect, double margin);
  }

  /** Whether a claim holds. */
  enum Verdict {
    SUPPORTED("supported"),
    CONTRADICTED("contradicted"),
    INCONCLUSIVE("inconclusive"),
    /** Too few seeds. */
    ESTIMATE("estimate only"),
    NOT_ASKED("not asked");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /**
   * One test of a claim.
   *
   * @param contrasts of one measure each; the effect is their mean
   * @param expected by the claim
   * @param margin on the measures' scale
   * @param effect more is better, for losses too
   */
  record Tested(List<Contrast> contrasts, Expected expected, double margin, Effect effect) {
    /** Copies the list. */
    Tested {
      contrasts = List.copyOf(contrasts);
    }

    Metric metric() {
      return contrasts.get(0).metric();
    }

    /**
     * Whether some group scores so near to an end of its measure that the scale knows a bound
     * alone, and the test could take that for equality or for an effect.
     */
    boolean isBlind() {
      return effect.atEnd()
          && (expected.hasMargin() || !contrasts.stream().allMatch(Contrast::isDifference));
    }

    /** Whether the estimate lies where the claim expects it, whatever its error. */
    boolean agrees() {
      double gain = effect.estimate();
      return switch (expected) {
        case MORE -> gain > 0;
        case LESS -> gain < 0;
        case SAME -> Math.abs(gain) < margin;
        case NOT_LESS -> gain > -margin;
      };
    }

    /** Of being as the claim says. */
    double supported() {
      return isBlind() ? 1 : Math.min(1, expected.supported(effect, margin));
    }

    /** Of being the opposite. */
    double contradicted() {
      return isBlind() ? 1 : Math.min(1, expected.contradicted(effect, margin));
    }

    /** Of either. */
    double pValue() {
      return Math.min(supported(), contradicted());
    }

    /**
     * How many seeds would tell, in four of five studies, if the truth is what was estimated.
     *
     * @return 0 where no number of seeds would, or nothing is known of the spread
     */
    int seedsToTell(double level) {
      double size = Math.abs(effect.estimate());
      double distance =
          switch (expected) {
            case MORE, LESS -> size;
            case SAME -> Math.abs(margin - size);
            case NOT_LESS -> Math.abs(effect.estimate() + margin);
          };
      return isBlind() ? 0 : effect.seedsToTell(distance, level);
    }

    /** After a correction. */
    Verdict verdict(double adjusted, double level) {
      return adjusted > level
          ? Verdict.INCONCLUSIVE
          : supported() < contradicted() ? Verdict.SUPPORTED : Verdict.CONTRADICTED;
    }
  }
}
