package ai.dmt.internal.jinja;

/** Gives nothing at first, and its separator from then on. */
final class Joiner implements Callable {
  private final Object separator;
  private boolean used;

  Joiner(Object separator) {
    this.separator = separator;
  }

  @Override
  public Object call(Run run, Arguments given) {
    Signature.of("joiner", 0).bind(given);
    if (!used) {
      used = true;
      return "";
    }
    return separator;
  }

  Object attribute(String name) {
    return switch (name) {
      case "sep" -> separator;
      case "used" -> used;
      default -> Scope.Missing.MISSING;
    };
  }
}
