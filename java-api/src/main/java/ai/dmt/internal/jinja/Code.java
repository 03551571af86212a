package ai.dmt.internal.jinja;

/** What a template is compiled to. */
final class Code {
  private Code() {}

  /** An expression. */
  interface Expression {
    Object evaluate(Scope scope);
  }

  /** A statement. */
  interface Statement {
    Flow execute(Scope scope);
  }

  /** Gives values to names. */
  interface Target {
    void assign(Scope scope, Object value);
  }

  /** How a statement ended. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }
}
