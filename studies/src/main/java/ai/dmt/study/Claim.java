package ai.dmt.study;

import java.util.List;

/**
 * What the paper found (paper.md 4.6), and whether it holds here.
 *
 * @param id such as "4c"
 * @param text the claim
 * @param tests none where the study did not ask
 */
record Claim(String id, String text, List<Tested> tests) {
  /** Copies the list. */
  Claim {
    tests = List.copyOf(tests);
  }

  /** What a claim expects of a contrast. */
  enum Expected {
    /** Above zero. */
    MORE("more") {
      @Override
      Verdict judge(Contrast.Estimate effect, double margin) {
        return effect.low() > 0
            ? Verdict.HELD
            : effect.high() < 0 ? Verdict.NOT_HELD : Verdict.OPEN;
      }
    },
    /** Below zero. */
    LESS("less") {
      @Override
      Verdict judge(Contrast.Estimate effect, double margin) {
        return effect.high() < 0
            ? Verdict.HELD
            : effect.low() > 0 ? Verdict.NOT_HELD : Verdict.OPEN;
      }
    },
    /** Within the metric's margin around zero. */
    SAME("about the same") {
      @Override
      Verdict judge(Contrast.Estimate effect, double margin) {
        if (effect.low() > -margin && effect.high() < margin) {
          return Verdict.HELD;
        }
        boolean beyond = effect.low() > margin || effect.high() < -margin;
        return beyond ? Verdict.NOT_HELD : Verdict.OPEN;
      }
    },
    /** Not below zero by more than the metric's margin. */
    NOT_LESS("not less") {
      @Override
      Verdict judge(Contrast.Estimate effect, double margin) {
        return effect.low() > -margin
            ? Verdict.HELD
            : effect.high() < -margin ? Verdict.NOT_HELD : Verdict.OPEN;
      }
    };

    private final String text;

    Expected(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }

    /** At 5 %, two-sided. */
    abstract Verdict judge(Contrast.Estimate effect, double margin);
  }

  /** Whether a claim holds. */
  enum Verdict {
    HELD("held"),
    NOT_HELD("does not hold"),
    OPEN("not decided"),
    UNTESTED("not tested: one seed");

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
   * @param metric what is compared
   * @param contrast of which groups
   * @param expected by the claim
   * @param effect more is better, for losses too
   */
  record Tested(Metric metric, Contrast contrast, Expected expected, Contrast.Estimate effect) {
    Verdict verdict() {
      return effect.hasInterval() ? expected.judge(effect, metric.margin()) : Verdict.UNTESTED;
    }
  }

  /** What all tests of a claim say together. */
  enum Outcome {
    /** By every test. */
    HOLDS("holds", "hold"),
    /** By some tests, and the others are not decided. */
    IN_PART("holds in part", "hold in part"),
    /** By some tests, and others say the opposite. */
    BOTH("holds for some measures, not for others", "hold for some measures, not for others"),
    /** No test holds, and some say the opposite. */
    NOT("does not hold", "do not hold"),
    /** No test says anything. */
    OPEN("not decided", "not decided"),
    NOT_ASKED("not asked", "not asked");

    private final String text;
    private final String ofSeveral;

    Outcome(String text, String ofSeveral) {
      this.text = text;
      this.ofSeveral = ofSeveral;
    }

    String text() {
      return text;
    }

    /** Such as "2 hold". */
    String count(int claims) {
      return claims + " " + (claims == 1 ? text : ofSeveral);
    }
  }

  Outcome outcome() {
    if (tests.isEmpty()) {
      return Outcome.NOT_ASKED;
    }
    long held = count(Verdict.HELD);
    long not = count(Verdict.NOT_HELD);
    if (held == tests.size()) {
      return Outcome.HOLDS;
    }
    if (held > 0) {
      return not > 0 ? Outcome.BOTH : Outcome.IN_PART;
    }
    return not > 0 ? Outcome.NOT : Outcome.OPEN;
  }

  /** How many tests ended so. */
  long count(Verdict verdict) {
    return tests.stream().filter(test -> test.verdict() == verdict).count();
  }
}
