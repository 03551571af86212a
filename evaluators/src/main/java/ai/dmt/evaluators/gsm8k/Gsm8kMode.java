package ai.dmt.evaluators.gsm8k;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Named;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whose rule tells whether a completion is right. */
public enum Gsm8kMode {
  /** openai/grade-school-math: first {@code #### n}, equal as text. */
  OPENAI("openai", new OpenAiRule()),
  /** OFA-Sys/gsm8k-ScRel, the paper's authors: first {@code #### n}, nearer than 1e-4. */
  SCREL("screl", new ScRelRule()),
  /** lm-evaluation-harness, strict-match. */
  LM_EVAL_STRICT("lm-eval-strict", LmEvalRule.STRICT),
  /** lm-evaluation-harness, flexible-extract: the last number. */
  LM_EVAL_FLEXIBLE("lm-eval-flexible", LmEvalRule.FLEXIBLE),
  /** Last number, nearer than 1e-4; ours, and nobody's harness. */
  LAST_NUMBER("last-number", new LastNumberRule()),
  /** lm-evaluation-harness, chain of thought, strict-match: "The answer is n." */
  LM_EVAL_COT_STRICT("lm-eval-cot-strict", LmEvalRule.COT_STRICT),
  /** llm-foundry's gauntlet: begins with the right number. */
  LLM_FOUNDRY("llm-foundry", new LlmFoundryRule());

  /** Stands for the modes that suit completions ending in {@code #### n}. */
  public static final String ALL = "all";

  private static final List<Gsm8kMode> MODES_OF_ALL =
      List.of(OPENAI, SCREL, LM_EVAL_STRICT, LM_EVAL_FLEXIBLE, LAST_NUMBER);

  private final String text;
  private final transient AnswerRule rule;

  Gsm8kMode(String text, AnswerRule rule) {
    this.text = text;
    this.rule = rule;
  }

  /** {@return the mode's name for users, such as "lm-eval-strict"} */
  public String text() {
    return text;
  }

  /**
   * {@return the answer that a completion gives; empty where this mode finds none}
   *
   * @param completion the model's text alone
   */
  public Optional<String> extract(String completion) {
    return rule.extract(completion);
  }

  /**
   * {@return whether an answer that {@link #extract} found is right}
   *
   * @param answer as text
   * @param problem with the answer to compare with
   */
  public boolean isRight(String answer, Gsm8kProblem problem) {
    return rule.matches(answer, problem.answer());
  }

  /**
   * {@return the modes of these names, each once}
   *
   * @param names with commas between them; "all" stands for five of them
   * @throws ConfigException if a name is unknown
   */
  public static List<Gsm8kMode> parse(String names) {
    Set<Gsm8kMode> modes = new LinkedHashSet<>();
    for (String name : names.split(",", -1)) {
      modes.addAll(name.equals(ALL) ? MODES_OF_ALL : List.of(byName(name)));
    }
    return List.copyOf(modes);
  }

  private static Gsm8kMode byName(String name) {
    return Named.ofKind("mode of gsm8k", values(), Gsm8kMode::text, name, ALL);
  }
}
