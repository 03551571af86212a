package ai.dmt.provenance;

/**
 * Something that is not as it was recorded.
 *
 * @param what of what kind and where in its file: "recipe: training.learning_rate", "source math:
 *     row 3", "base: tensor model.norm.weight"
 * @param file that has it
 * @param recorded value, or the first digits of its checksum
 * @param actual value, or what is the matter with the file
 */
public record Change(String what, String file, String recorded, String actual) {
  /** Of a file that should be there. */
  static final String MISSING = "missing";

  private static final int DIGITS = 16; // of a checksum, enough to compare by eye

  static Change ofSums(String what, String file, String recorded, String actual) {
    return new Change(what, file, cut(recorded), cut(actual));
  }

  private static String cut(String sum) {
    return sum.length() == 64 ? sum.substring(0, DIGITS) : sum;
  }

  /** As a line for people. */
  @Override
  public String toString() {
    return "%s: %s: recorded %s, now %s".formatted(file, what, recorded, actual);
  }
}
