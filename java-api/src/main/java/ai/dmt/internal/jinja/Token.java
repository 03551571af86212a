package ai.dmt.internal.jinja;

/**
 * A piece of a template.
 *
 * @param type what it is
 * @param text as it stands in the template; of an operator or a name, what it is
 * @param value of a literal
 */
record Token(int line, Type type, String text, Object value) {
  /** What a token is. */
  enum Type {
    DATA("template data / text"),
    VARIABLE_BEGIN("begin of print statement"),
    VARIABLE_END("end of print statement"),
    BLOCK_BEGIN("begin of statement block"),
    BLOCK_END("end of statement block"),
    NAME("name"),
    STRING("string"),
    INTEGER("integer"),
    FLOAT("float"),
    OPERATOR("operator"),
    END("end of template");

    private final String words;

    Type(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  boolean is(Type what) {
    return type == what;
  }

  boolean isOperator(String operator) {
    return type == Type.OPERATOR && text.equals(operator);
  }

  boolean isName(String name) {
    return type == Type.NAME && text.equals(name);
  }

  /** How messages call it. */
  String words() {
    return type == Type.NAME || type == Type.OPERATOR ? "'" + text + "'" : type.words();
  }
}
