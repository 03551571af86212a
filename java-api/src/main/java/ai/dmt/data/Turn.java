package ai.dmt.data;

import java.util.Objects;

/** What one side says. */
public record Turn(Role role, String text) {
  /** Demands both. */
  public Turn {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(text, "text");
  }

  /** A turn of the user. */
  public static Turn user(String text) {
    return new Turn(Role.USER, text);
  }

  /** A turn of the assistant. */
  public static Turn assistant(String text) {
    return new Turn(Role.ASSISTANT, text);
  }
}
