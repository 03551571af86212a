package ai.dmt.internal.jinja;

import ai.dmt.config.DmtException;
import java.util.Locale;

/** A template that is malformed, refuses its input, or does what is not supported. */
public class JinjaException extends DmtException {
  private static final long serialVersionUID = 1L;

  /** What Python would have raised, as far as a template can tell. */
  enum Kind {
    SYNTAX,
    TYPE,
    VALUE,
    LOOKUP,
    OVERFLOW,
    UNDEFINED,
    RAISED,
    REFUSED,
    LIMIT
  }

  /** What was raised. */
  private final Kind kind;

  /** Where, or 0. */
  private int line;

  JinjaException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  static JinjaException syntax(int line, String message) {
    JinjaException e = new JinjaException(Kind.SYNTAX, message);
    e.line = line;
    return e;
  }

  static JinjaException type(String message, Object... values) {
    return new JinjaException(Kind.TYPE, String.format(Locale.ROOT, message, values));
  }

  static JinjaException value(String message, Object... values) {
    return new JinjaException(Kind.VALUE, String.format(Locale.ROOT, message, values));
  }

  static JinjaException lookup(String message) {
    return new JinjaException(Kind.LOOKUP, message);
  }

  static JinjaException overflow(String message) {
    return new JinjaException(Kind.OVERFLOW, message);
  }

  /** What jinja2 can do and this package does not. */
  static JinjaException refused(String message, Object... values) {
    return new JinjaException(Kind.REFUSED, String.format(Locale.ROOT, message, values));
  }

  Kind kind() {
    return kind;
  }

  /** Whether a filter or test that catches Python's TypeError or ValueError catches this. */
  boolean isTypeOrValue() {
    return kind == Kind.TYPE || kind == Kind.VALUE;
  }

  /** Says where, if that is not known yet. */
  JinjaException at(int where) {
    if (line == 0) {
      line = where;
    }
    return this;
  }

  /** {@return the line of the template, from 1; 0 if it has none} */
  public int line() {
    return line;
  }

  @Override
  public String getMessage() {
    return line < 1 ? super.getMessage() : "line " + line + ": " + super.getMessage();
  }
}
