package ai.dmt.evaluators.gsm8k;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.GenerationSettings;
import ai.dmt.evaluators.Prompt;
import ai.dmt.internal.text.Named;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** How a problem is put to a model; completions are greedy and have up to 256 tokens. */
public enum Gsm8kPrompt {
  /** The question alone, in the model's chat template, as the paper's authors do. */
  CHAT("chat") {
    @Override
    public Prompt of(Gsm8kProblem problem) {
      return Prompt.chat(
          problem.id(), problem.question(), GenerationSettings.greedy(MAX_NEW_TOKENS));
    }
  },
  /**
   * Eight fixed examples of Wei et al. (2022, table 20), then the question, as "Q: ... A: ...":
   * text for base models, as lm-evaluation-harness's task gsm8k_cot lays it out.
   */
  COT_8("cot-8") {
    @Override
    public Prompt of(Gsm8kProblem problem) {
      return Prompt.raw(
          problem.id(),
          Shots.TEXT + "Q: " + problem.question() + "\nA:",
          GenerationSettings.greedy(MAX_NEW_TOKENS, "Q:", "</s>", "<|im_end|>"));
    }
  };

  private static final int MAX_NEW_TOKENS = 256;

  private final String text;

  Gsm8kPrompt(String text) {
    this.text = text;
  }

  /** {@return the form's name for users} */
  public String text() {
    return text;
  }

  /**
   * {@return the prompt of a problem}
   *
   * @param problem to be solved
   */
  public abstract Prompt of(Gsm8kProblem problem);

  /**
   * {@return the form of a name}
   *
   * @param name as {@link #text} gives it
   * @throws ConfigException if there is none of this name
   */
  public static Gsm8kPrompt parse(String name) {
    return Named.ofKind("prompt of gsm8k", values(), Gsm8kPrompt::text, name);
  }

  /** Read once, by who needs it. */
  private static final class Shots {
    private static final String TEXT = read();

    private static String read() {
      try (InputStream in = Gsm8kPrompt.class.getResourceAsStream("cot_examples.json")) {
        StringBuilder text = new StringBuilder();
        for (JsonNode shot : new ObjectMapper().readTree(in)) {
          text.append("Q: ").append(shot.get("question").textValue()).append("\nA: ");
          text.append(shot.get("target").textValue()).append("\n\n");
        }
        return text.toString();
      } catch (IOException e) {
        throw new UncheckedIOException("the examples of gsm8k's prompts cannot be read", e);
      }
    }
  }
}
