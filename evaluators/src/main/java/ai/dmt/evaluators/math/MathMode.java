package ai.dmt.evaluators.math;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Named;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whose rule finds the answer of a completion and compares it. */
public enum MathMode {
  /** The last {@code \boxed{}}, compared as the authors of MATH do. */
  BOXED("boxed") {
    @Override
    Optional<String> extract(String completion) {
      return Boxed.last(completion);
    }

    @Override
    boolean isRight(String answer, MathProblem problem) {
      return HendrycksText.same(answer, problem.answer());
    }
  },
  /**
   * lm-evaluation-harness's hendrycks_math: what stands between the first and the last {@code $},
   * or else all of the completion, compared as the authors of MATH do.
   */
  HENDRYCKS("hendrycks") {
    @Override
    Optional<String> extract(String completion) {
      int first = completion.indexOf('$');
      int last = completion.lastIndexOf('$');
      return Optional.of(first == last ? completion : completion.substring(first + 1, last));
    }

    @Override
    boolean isRight(String answer, MathProblem problem) {
      return HendrycksText.same(answer, problem.answer());
    }
  },
  /**
   * lm-evaluation-harness's minerva_math without SymPy: "Final Answer: The final answer is ... I
   * hope it is correct.", equal after Minerva's normalising.
   */
  MINERVA_TEXT("minerva-text") {
    @Override
    Optional<String> extract(String completion) {
      return MinervaText.answer(completion);
    }

    @Override
    boolean isRight(String answer, MathProblem problem) {
      return !answer.isEmpty() && answer.equals(MinervaText.normalized(problem.answer()));
    }
  };

  /** Stands for all of them. */
  public static final String ALL = "all";

  private final String text;

  MathMode(String text) {
    this.text = text;
  }

  /** {@return the mode's name for users} */
  public String text() {
    return text;
  }

  /** The answer that a completion gives; empty where this mode finds none. */
  abstract Optional<String> extract(String completion);

  /** Whether an answer that {@link #extract} found is right. */
  abstract boolean isRight(String answer, MathProblem problem);

  /**
   * {@return the modes of these names, each once}
   *
   * @param names with commas between them; "all" stands for all
   * @throws ConfigException if a name is unknown
   */
  public static List<MathMode> parse(String names) {
    Set<MathMode> modes = new LinkedHashSet<>();
    for (String name : names.split(",", -1)) {
      modes.addAll(name.equals(ALL) ? List.of(values()) : List.of(byName(name)));
    }
    return List.copyOf(modes);
  }

  private static MathMode byName(String name) {
    return Named.ofKind("mode of math", values(), MathMode::text, name, ALL);
  }
}
