package ai.dmt.internal.jinja;

/** A function with a name: a global one, or a method of a value. */
record Method(String name, Callable body) implements Callable {
  @Override
  public Object call(Run run, Arguments given) {
    return body.call(run, given);
  }
}
