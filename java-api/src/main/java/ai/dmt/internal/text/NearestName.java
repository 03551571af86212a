package ai.dmt.internal.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that a mistyped one was meant to be. */
public final class NearestName {
  private NearestName() {}

  /**
   * {@return the known name with the fewest edits from a text; one that contains the text comes
   * first; empty if none is known}
   *
   * @param text as it was typed
   * @param known names that could be meant
   */
  public static Optional<String> of(String text, Collection<String> known) {
    return known.stream()
        .min(
            Comparator.<String, Boolean>comparing(name -> !name.contains(text))
                .thenComparing(name -> Math.min(distance(text, name), 1 + toBeginning(text, name)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** Edits to the beginning of a name, such as vicuna of vicuna_v1.1. */
  private static int toBeginning(String text, String name) {
    return distance(text, name.substring(0, Math.min(name.length(), text.length())));
  }

  /**
   * {@return the fewest insertions, deletions and replacements of characters that turn one text
   * into the other}
   *
   * @param a text to begin with
   * @param b text to end with
   */
  public static int distance(String a, String b) {
    int[] from = a.codePoints().toArray();
    int[] to = b.codePoints().toArray();
    int[] row = new int[to.length + 1];
    for (int j = 0; j <= to.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length; j++) {
        int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j - 1], row[j]) + 1);
      }
    }
    return row[to.length];
  }
}
