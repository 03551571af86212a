package ai.dmt.recipe;

import org.jspecify.annotations.Nullable;

/**
 * What a key of a recipe is.
 *
 * @param key with dots for nesting; NAME and N stand for any name and any place of a list
 * @param description a sentence without a full stop
 * @param type in words
 * @param standard what is taken where the key is not given; null if nothing is
 * @param range of a number, such as "[0, 1)"; null where there is none
 */
public record KeyInfo(
    String key,
    String description,
    String type,
    @Nullable String standard,
    @Nullable String range) {
  /** {@return some lines for people} */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(key).append('\n');
    text.append("  ").append(description).append('\n');
    text.append("  type: ").append(type).append('\n');
    if (standard != null) {
      text.append("  default: ").append(standard).append('\n');
    }
    if (range != null) {
      text.append("  range: ").append(range).append('\n');
    }
    return text.toString();
  }
}
