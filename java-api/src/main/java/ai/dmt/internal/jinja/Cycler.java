package ai.dmt.internal.jinja;

import java.util.List;

/** Gives its items one after the other, again and again. */
final class Cycler {
  private final List<Object> items;
  private int at;

  Cycler(List<Object> items) {
    if (items.isEmpty()) {
      throw JinjaException.value("at least one item has to be provided");
    }
    this.items = items;
  }

  /** The value of an attribute, or null if it has none of that name. */
  Object attribute(String name) {
    return switch (name) {
      case "items" -> new Tuple(items);
      case "pos" -> (long) at;
      case "current" -> items.get(at);
      case "next" ->
          new Method(
              "next",
              (run, given) -> {
                Signature.of("next", 0).bind(given);
                Object current = items.get(at);
                at = (at + 1) % items.size();
                return current;
              });
      case "reset" ->
          new Method(
              "reset",
              (run, given) -> {
                Signature.of("reset", 0).bind(given);
                at = 0;
                return null;
              });
      default -> Scope.Missing.MISSING;
    };
  }
}
