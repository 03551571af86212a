package ai.dmt.internal.jinja;

/** A value that is not there: it writes nothing, and all else that is done with it fails. */
final class Undefined {
  private final String message;

  Undefined(String message) {
    this.message = message;
  }

  static Undefined name(String name) {
    return new Undefined("'" + name + "' is undefined");
  }

  /** Of an element or attribute that a value lacks. */
  static Undefined of(Object base, Object name) {
    String type = Values.typeName(base) + " object";
    return new Undefined(
        name instanceof String text
            ? "'%s' has no attribute '%s'".formatted(type, cut(text))
            : "%s has no element %s".formatted(type, element(name)));
  }

  /** Of an attribute that the sandbox does not give. */
  static Undefined unsafe(Object base, String name) {
    return new Undefined(
        "access to attribute '%s' of '%s' object is unsafe"
            .formatted(cut(name), Values.typeName(base)));
  }

  private static String element(Object name) {
    return name instanceof Number || name instanceof Boolean
        ? String.valueOf(name)
        : "of type " + Values.typeName(name);
  }

  static String cut(String name) {
    return name.length() > 100 ? name.substring(0, 100) + "..." : name;
  }

  JinjaException fault() {
    return new JinjaException(JinjaException.Kind.UNDEFINED, message);
  }
}
