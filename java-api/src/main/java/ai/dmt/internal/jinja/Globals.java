package ai.dmt.internal.jinja;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Functions that every template can call. */
final class Globals {
  private static final Map<String, Method> FUNCTIONS =
      Map.of(
          "range", new Method("range", (run, given) -> Range.of(given)),
          "dict", new Method("dict", Globals::dict),
          "namespace", new Method("namespace", Namespace::of),
          "cycler", new Method("cycler", (run, given) -> cycler(given)),
          "joiner", new Method("joiner", (run, given) -> joiner(given)),
          "raise_exception", new Method("raise_exception", Globals::raise),
          "strftime_now", new Method("strftime_now", Globals::now),
          "lipsum",
              new Method(
                  "lipsum",
                  (run, given) -> {
                    throw JinjaException.refused("function lipsum is not supported");
                  }));

  private Globals() {}

  /** A function, or null. */
  static Object find(String name) {
    return FUNCTIONS.get(name);
  }

  static Dict dict(Run run, Arguments given) {
    Dict dict = new Dict();
    if (given.positional().size() > 1) {
      throw JinjaException.type("dict expected at most 1 argument");
    }
    for (Object source : given.positional()) {
      if (source instanceof Dict other) {
        run.elements(other.size());
        other.entries().forEach(entry -> dict.put(entry.getKey(), entry.getValue()));
        continue;
      }
      if (source instanceof Undefined undefined) {
        throw JinjaException.refused("a dict of an undefined value is not supported");
      }
      Iterator<Object> pairs = Values.iterate(run, source);
      while (pairs.hasNext()) {
        List<Object> pair = Values.unpack(run, pairs.next(), 2);
        run.elements(1);
        dict.put(pair.get(0), pair.get(1));
      }
    }
    given.named().forEach(dict::put);
    return dict;
  }

  private static Object cycler(Arguments given) {
    if (!given.named().isEmpty()) {
      throw JinjaException.type("cycler() got an unexpected keyword argument");
    }
    return new Cycler(List.copyOf(given.positional()));
  }

  private static Object joiner(Arguments given) {
    return new Joiner(Signature.of("joiner", 0, "sep").bind(given).get(0, ", "));
  }

  private static Object raise(Run run, Arguments given) {
    Object message = Signature.of("raise_exception", 1, "message").bind(given).get(0);
    throw new JinjaException(JinjaException.Kind.RAISED, Representation.str(run, message));
  }

  private static Object now(Run run, Arguments given) {
    String format = Signature.of("strftime_now", 1, "format").bind(given).text(0);
    return run.text(Strftime.format(format, run.now()));
  }
}
