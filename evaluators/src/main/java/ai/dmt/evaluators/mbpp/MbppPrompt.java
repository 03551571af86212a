package ai.dmt.evaluators.mbpp;

import ai.dmt.evaluators.GenerationSettings;
import ai.dmt.evaluators.Prompt;
import ai.dmt.internal.text.Named;

/** How a problem is put to a model; completions are greedy and have up to 256 tokens. */
enum MbppPrompt {
  /**
   * The words of lm-evaluation-harness's mbpp_instruct with all assertions, in the model's chat
   * template. The harness also begins the reply with an opened fence and shows three solved
   * problems.
   */
  CHAT("chat", MbppMode.FENCE) {
    @Override
    Prompt of(MbppProblem problem) {
      return Prompt.chat(
          problem.taskId(),
          "You are an expert Python programmer, and here is your task:\n%s\nYour code should pass these tests:\n%s"
              .formatted(problem.text(), problem.test()),
          GenerationSettings.greedy(MAX_TOKENS));
    }
  },
  /**
   * The words of lm-evaluation-harness's mbpp, without its three solved problems: text for base
   * models.
   */
  RAW("raw", MbppMode.LM_EVAL) {
    @Override
    Prompt of(MbppProblem problem) {
      return Prompt.raw(
          problem.taskId(),
          "You are an expert Python programmer, and here is your task: %s Your code should pass these tests:\n\n%s\n[BEGIN]\n"
              .formatted(problem.text(), problem.test()),
          GenerationSettings.greedy(MAX_TOKENS, "[DONE]"));
    }
  };

  private static final int MAX_TOKENS = 256;

  private final String text;
  private final MbppMode usualMode;

  MbppPrompt(String text, MbppMode usualMode) {
    this.text = text;
    this.usualMode = usualMode;
  }

  MbppMode usualMode() {
    return usualMode;
  }

  abstract Prompt of(MbppProblem problem);

  static MbppPrompt parse(String name) {
    return Named.ofKind("prompt of mbpp", values(), form -> form.text, name);
  }
}
