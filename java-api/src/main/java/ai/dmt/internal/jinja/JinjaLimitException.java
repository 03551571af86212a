package ai.dmt.internal.jinja;

/** A template that takes more time, memory or depth than any chat needs. */
public final class JinjaLimitException extends JinjaException {
  private static final long serialVersionUID = 1L;

  JinjaLimitException(String message) {
    super(Kind.LIMIT, message);
  }
}
