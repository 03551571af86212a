package ai.dmt.internal.jinja;

import java.util.Arrays;

/** The variables of one call: of the template, a macro or a recursive loop. */
final class Scope {
  final Run run;
  private final Scope outer;
  private final Object[] values;

  Scope(Run run, Scope outer, int size) {
    this.run = run;
    this.outer = outer;
    this.values = new Object[size];
    Arrays.fill(values, Missing.UNBOUND);
  }

  /** The scope in which this one was defined. */
  Scope outer() {
    return outer;
  }

  Object get(Place place) {
    Scope scope = this;
    for (int i = place.depth(); i > 0; i--) {
      scope = scope.outer;
    }
    Object value = scope.values[place.index()];
    if (value == Missing.UNBOUND) {
      throw JinjaException.refused("a variable is used before it has a value");
    }
    return value;
  }

  /** Sets a variable of this call. */
  void set(int index, Object value) {
    values[index] = value;
  }

  /**
   * Where a variable is.
   *
   * @param depth how many scopes further out
   */
  record Place(int depth, int index) {}

  /** No value. */
  enum Missing {
    /** Not assigned, as jinja2's {@code missing}. */
    MISSING,
    /** Not even declared yet. */
    UNBOUND
  }
}
