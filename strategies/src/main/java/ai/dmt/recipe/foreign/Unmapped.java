package ai.dmt.recipe.foreign;

/**
 * A setting of another program's recipe that ours does not take over as it is.
 *
 * @param key as it stands there, with dots for nesting
 * @param value as it stands there
 * @param why it is not taken over, or what became of it
 */
public record Unmapped(String key, String value, String why) {
  /** As one line for people. */
  @Override
  public String toString() {
    return "%s: %s (%s)".formatted(key, value.replaceAll("\\s+", " "), why);
  }
}
