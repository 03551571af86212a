package ai.dmt.internal.jinja;

import java.util.List;

/**
 * A tuple.
 *
 * @param items not to be changed
 * @param isGroup whether it is one of {@code groupby}, whose items have names
 */
record Tuple(List<Object> items, boolean isGroup) {
  Tuple(List<Object> items) {
    this(items, false);
  }

  static Tuple of(Object... items) {
    return new Tuple(java.util.Arrays.asList(items));
  }
}
