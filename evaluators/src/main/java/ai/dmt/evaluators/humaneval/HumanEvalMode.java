package ai.dmt.evaluators.humaneval;

import ai.dmt.config.ConfigException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whose rules: the prompt's form, where a completion ends, and what becomes of it. */
public enum HumanEvalMode {
  /** openai/human-eval: the prompt as it is, the completion as it is. */
  HUMAN_EVAL("human-eval", List.of("\nclass", "\ndef", "\n#", "\nif", "\nprint")) {
    @Override
    public String prompt(HumanEvalProblem problem) {
      return problem.prompt();
    }

    @Override
    String solution(HumanEvalProblem problem, String completion) {
      return problem.prompt() + completion;
    }
  },

  /** bigcode-evaluation-harness, task humaneval: stripped prompt, cut at the first stop string. */
  BIGCODE(
      "bigcode",
      List.of("\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif", "\n```", "<file_sep>")) {
    @Override
    public String prompt(HumanEvalProblem problem) {
      return PythonStrip.strip(problem.prompt());
    }

    @Override
    String solution(HumanEvalProblem problem, String completion) {
      return prompt(problem) + StopStrings.cut(completion, stops());
    }
  },

  /**
   * evalplus's prompt and post-processing with HumanEval's own tests. Takes completions of the
   * prompt and whole programs, such as chat models answer, fenced or not. {@link #solution} is only
   * the first part of the post-processing, {@link SolutionSanitizer} the second.
   */
  EVALPLUS_BASE(
      "evalplus-base",
      Stream.concat(EvalPlusText.STOPS.stream(), EvalPlusText.STOPS_OF_DIRECT_COMPLETIONS.stream())
          .toList()) {
    @Override
    public String prompt(HumanEvalProblem problem) {
      return PythonStrip.strip(problem.prompt()) + "\n";
    }

    @Override
    String solution(HumanEvalProblem problem, String completion) {
      return EvalPlusText.solution(prompt(problem), problem.entryPoint(), completion);
    }
  };

  private final String text;
  private final List<String> stops;

  HumanEvalMode(String text, List<String> stops) {
    this.text = text;
    this.stops = stops;
  }

  /**
   * {@return the mode of a name}
   *
   * @param name as {@link #text} gives it
   * @throws ConfigException if there is none; lists the names
   */
  public static HumanEvalMode of(String name) {
    for (HumanEvalMode mode : values()) {
      if (mode.text.equals(name)) {
        return mode;
      }
    }
    String names =
        Arrays.stream(values()).map(HumanEvalMode::text).collect(Collectors.joining(", "));
    throw new ConfigException("unknown mode \"%s\"; there are %s".formatted(name, names));
  }

  /** {@return the name that stands with a score} */
  public String text() {
    return text;
  }

  /**
   * {@return what a base model is given to continue}
   *
   * @param problem to be solved
   */
  public abstract String prompt(HumanEvalProblem problem);

  /**
   * {@return the texts at which the generation of a base model may end} human-eval leaves that to
   * the caller: its are those of its paper, and completions are not cut at them afterwards.
   */
  public List<String> stops() {
    return stops;
  }

  /** The program that a completion stands for, without tests. */
  abstract String solution(HumanEvalProblem problem, String completion);
}
