package ai.dmt.data;

import com.hubspot.jinjava.interpret.TemplateError;

/** A template that cannot be rendered. */
final class JinjaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JinjaException(String message) {
    super(message);
  }

  /** The innermost reason of an error, and its line. */
  static String sentence(TemplateError error) {
    Throwable reason = error.getException();
    while (reason != null && reason.getCause() != null) {
      reason = reason.getCause();
    }
    String text = reason instanceof Refusal ? reason.getMessage() : error.getMessage();
    return error.getLineno() < 1 ? text : "line %s: %s".formatted(error.getLineno(), text);
  }

  /** What a template says with raise_exception. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message);
    }
  }
}
