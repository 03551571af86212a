package ai.dmt.evaluators.math;

import ai.dmt.evaluators.GenerationSettings;
import ai.dmt.evaluators.Prompt;
import ai.dmt.internal.text.Named;

/** How a problem is put to a model; completions are greedy and have up to 512 tokens. */
enum MathPrompt {
  /** The problem alone, in the model's chat template. */
  CHAT("chat") {
    @Override
    Prompt of(MathProblem problem) {
      return Prompt.chat(problem.id(), problem.problem(), GenerationSettings.greedy(MAX_TOKENS));
    }
  },
  /** lm-evaluation-harness's hendrycks_math, without examples: text for base models. */
  RAW("raw") {
    @Override
    Prompt of(MathProblem problem) {
      return Prompt.raw(
          problem.id(),
          "Problem: " + problem.problem() + "\nAnswer:",
          GenerationSettings.greedy(MAX_TOKENS, "Problem:"));
    }
  };

  private static final int MAX_TOKENS = 512;

  private final String text;

  MathPrompt(String text) {
    this.text = text;
  }

  abstract Prompt of(MathProblem problem);

  static MathPrompt parse(String name) {
    return Named.ofKind("prompt of math", values(), form -> form.text, name);
  }
}
