package ai.dmt.internal.jinja;

/**
 * Where code is compiled.
 *
 * @param symbols names
 * @param function whose variables they are
 * @param soft inside a condition, where an unknown filter is no error before it is run
 */
record Frame(Symbols symbols, FunctionScope function, boolean soft) {
  /** A scope inside this one. */
  Frame inner() {
    return new Frame(new Symbols(symbols), function, false);
  }

  /** As {@link #inner}, in another function. */
  Frame inner(FunctionScope other) {
    return new Frame(new Symbols(symbols), other, false);
  }

  Frame softened() {
    return new Frame(symbols, function, true);
  }
}
