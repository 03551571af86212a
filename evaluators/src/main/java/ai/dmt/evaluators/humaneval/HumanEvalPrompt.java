package ai.dmt.evaluators.humaneval;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.GenerationSettings;
import ai.dmt.evaluators.Prompt;
import ai.dmt.internal.text.Named;

/** How a problem is put to a model; completions are greedy. */
public enum HumanEvalPrompt {
  /**
   * evalplus's instruction around the stripped prompt, in the model's chat template. evalplus also
   * begins the reply with an opened code fence, which a conversation that ends with the user's turn
   * cannot hold.
   */
  CHAT("chat", HumanEvalMode.EVALPLUS_BASE) {
    @Override
    public Prompt of(HumanEvalProblem problem, HumanEvalMode mode) {
      String text =
          "%s\n```\n%s\n```\n".formatted(INSTRUCTION, PythonStrip.strip(problem.prompt()));
      return Prompt.chat(problem.taskId(), text, GenerationSettings.greedy(EVALPLUS_TOKENS));
    }
  },
  /**
   * The problem's prompt as it is, and nothing else, as the user's turn: for models that learned to
   * answer stubs. What the paper's authors ask is not known; this is the shortest way.
   */
  STUB("stub", HumanEvalMode.EVALPLUS_BASE) {
    @Override
    public Prompt of(HumanEvalProblem problem, HumanEvalMode mode) {
      return Prompt.chat(
          problem.taskId(), problem.prompt(), GenerationSettings.greedy(EVALPLUS_TOKENS));
    }
  },
  /** The prompt in the mode's form, to be continued as it stands: for base models. */
  RAW("raw", HumanEvalMode.HUMAN_EVAL) {
    @Override
    public Prompt of(HumanEvalProblem problem, HumanEvalMode mode) {
      int tokens = mode == HumanEvalMode.EVALPLUS_BASE ? EVALPLUS_TOKENS : RAW_TOKENS;
      String[] stops = mode.stops().toArray(String[]::new);
      return Prompt.raw(
          problem.taskId(), mode.prompt(problem), GenerationSettings.greedy(tokens, stops));
    }
  };

  private static final String INSTRUCTION =
      "Please provide a self-contained Python script that solves the following problem in a"
          + " markdown code block:";
  private static final int EVALPLUS_TOKENS = 768;
  private static final int RAW_TOKENS = 512;

  private final String text;
  private final HumanEvalMode usualMode;

  HumanEvalPrompt(String text, HumanEvalMode usualMode) {
    this.text = text;
    this.usualMode = usualMode;
  }

  /**
   * {@return the form of a name}
   *
   * @param name as {@link #text} gives it
   * @throws ConfigException if there is none of this name
   */
  public static HumanEvalPrompt of(String name) {
    return Named.ofKind("prompt of humaneval", values(), HumanEvalPrompt::text, name);
  }

  /** {@return the form's name for users} */
  public String text() {
    return text;
  }

  /** {@return the mode that scores what these prompts bring, where nobody asks for another} */
  public HumanEvalMode usualMode() {
    return usualMode;
  }

  /**
   * {@return the prompt of a problem}
   *
   * @param problem to be solved
   * @param mode that will score the completions
   */
  public abstract Prompt of(HumanEvalProblem problem, HumanEvalMode mode);
}
