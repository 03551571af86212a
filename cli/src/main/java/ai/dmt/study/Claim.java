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

  /** Such as "held in 3 of 4 tests, does not hold in 1". */
  String summary() {
    if (tests.isEmpty()) {
      return "not asked";
    }
    long held = count(Verdict.HELD);
    long not = count(Verdict.NOT_HELD);
    long open = tests.size() - held - not;
    return "held in %d of %d tests, does not hold in %d, open in %d"
        .formatted(held, tests.size(), not, open);
  }

  private long count(Verdict verdict) {
    return tests.stream().filter(test -> test.verdict() == verdict).count();
  }
}
