package ai.dmt.plan;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.ModelConfig;
import java.util.Arrays;
import java.util.List;

/** Shapes to measure, the same as in peer/peer_speed.py. */
public enum ModelPreset {
  /** The shape of a 15M-parameter LLaMA. */
  TINY("tiny", 288, 768, 6, 6, 6),
  /** 110M. */
  SMALL("small", 768, 2048, 12, 12, 12),
  /** TinyLlama's shape. */
  ONE_B("1b", 2048, 5632, 22, 32, 4),
  /** Two layers of LLaMA-7B. */
  SEVEN_B_2L("7b-2l", 4096, 11008, 2, 32, 32),
  /** Eight layers of LLaMA-7B. */
  SEVEN_B_8L("7b-8l", 4096, 11008, 8, 32, 32),
  /** LLaMA-7B. */
  SEVEN_B("7b", 4096, 11008, 32, 32, 32),
  /** LLaMA-13B. */
  THIRTEEN_B("13b", 5120, 13824, 40, 40, 40),
  /** LLaMA-33B. */
  THIRTY_THREE_B("33b", 6656, 17920, 60, 52, 52),
  /** Two layers of LLaMA-33B. */
  THIRTY_THREE_B_2L("33b-2l", 6656, 17920, 2, 52, 52),
  /** LLaMA-65B. */
  SIXTY_FIVE_B("65b", 8192, 22016, 80, 64, 64);

  private static final int VOCABULARY = 32000;

  private final String text;
  private final int hidden;
  private final int intermediate;
  private final int layers;
  private final int heads;
  private final int kvHeads;

  ModelPreset(String text, int hidden, int intermediate, int layers, int heads, int kvHeads) {
    this.text = text;
    this.hidden = hidden;
    this.intermediate = intermediate;
    this.layers = layers;
    this.heads = heads;
    this.kvHeads = kvHeads;
  }

  /** {@return the name on the command line, such as "7b"} */
  public String text() {
    return text;
  }

  /**
   * {@return the model; it has 2048 positions or more}
   *
   * @param maxTokens longest sequence
   */
  public ModelConfig model(int maxTokens) {
    return ModelConfig.llama(
        VOCABULARY, hidden, intermediate, layers, heads, kvHeads, Math.max(2048, maxTokens));
  }

  /**
   * Finds a preset.
   *
   * @param text name, as {@link #text()} gives it
   * @return the preset of this name
   * @throws ConfigException if there is none of this name
   */
  public static ModelPreset parse(String text) {
    for (ModelPreset preset : values()) {
      if (preset.text.equals(text)) {
        return preset;
      }
    }
    throw new ConfigException(
        "preset must be one of %s, got \"%s\"".formatted(String.join(", ", names()), text));
  }

  /** {@return all names} */
  public static List<String> names() {
    return Arrays.stream(values()).map(ModelPreset::text).toList();
  }
}
