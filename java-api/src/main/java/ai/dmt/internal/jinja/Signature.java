package ai.dmt.internal.jinja;

import java.util.List;

/** The parameters of a function of Python's: how many are required, and their names. */
final class Signature {
  private final String function;
  private final int required;
  private final List<String> names;

  private Signature(String function, int required, List<String> names) {
    this.function = function;
    this.required = required;
    this.names = names;
  }

  /**
   * Makes one.
   *
   * @param names of parameters in their order; one that begins with a slash has no name for callers
   */
  static Signature of(String function, int required, String... names) {
    return new Signature(function, required, List.of(names));
  }

  /** Values in the order of the parameters. */
  Bound bind(Arguments given) {
    List<Object> positional = given.positional();
    if (positional.size() > names.size()) {
      throw JinjaException.type(
          "%s() takes at most %s arguments, got %s", function, names.size(), positional.size());
    }
    Object[] values = new Object[names.size()];
    boolean[] has = new boolean[names.size()];
    for (int i = 0; i < positional.size(); i++) {
      values[i] = positional.get(i);
      has[i] = true;
    }
    given
        .named()
        .forEach(
            (name, value) -> {
              int i = names.indexOf(name);
              if (i < 0 || has[i]) {
                throw JinjaException.type(
                    "%s() got an unexpected keyword argument '%s'", function, name);
              }
              values[i] = value;
              has[i] = true;
            });
    for (int i = 0; i < required; i++) {
      if (!has[i]) {
        throw JinjaException.type("%s() misses its argument '%s'", function, names.get(i));
      }
    }
    return new Bound(values, has);
  }

  /** Arguments by the numbers of their parameters. */
  record Bound(Object[] values, boolean[] has) {
    boolean has(int i) {
      return has[i];
    }

    Object get(int i) {
      return values[i];
    }

    Object get(int i, Object otherwise) {
      return has[i] ? values[i] : otherwise;
    }

    /** Text that must be one. */
    String text(int i) {
      return Values.demandText(values[i]);
    }

    String text(int i, String otherwise) {
      return has[i] ? text(i) : otherwise;
    }

    /** Text, or null if it is None or not given. */
    String textOrNull(int i) {
      return has[i] && values[i] != null ? text(i) : null;
    }

    int number(int i, int otherwise) {
      return has[i] ? Numbers.index(values[i]) : otherwise;
    }

    boolean truth(Run run, int i) {
      return has[i] && Values.isTrue(run, values[i]);
    }
  }
}
