package ai.dmt.internal.jinja;

/** The only value that a template can change. */
final class Namespace {
  private final Dict attributes = new Dict();

  static Namespace of(Run run, Arguments given) {
    Namespace namespace = new Namespace();
    Globals.dict(run, given)
        .entries()
        .forEach(entry -> namespace.attributes.put(entry.getKey(), entry.getValue()));
    return namespace;
  }

  Dict attributes() {
    return attributes;
  }

  void set(String name, Object value) {
    attributes.put(name, value);
  }
}
