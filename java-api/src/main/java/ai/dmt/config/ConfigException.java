package ai.dmt.config;

import java.util.ArrayList;
import java.util.List;

/** A setting that cannot be used. The message gives the actual value and what was expected. */
public class ConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final ArrayList<String> faults;

  /** Makes an exception with a message for the user. */
  public ConfigException(String message) {
    this(message, (Throwable) null);
  }

  /**
   * Makes an exception of several faults.
   *
   * @param subject begins the message
   */
  public ConfigException(String subject, List<String> faults) {
    super(subject + ": " + String.join("; ", faults));
    this.faults = new ArrayList<>(faults);
  }

  /** Makes an exception with a message for the user and what led to it. */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
    this.faults = new ArrayList<>(List.of(message));
  }

  /** What is wrong, one by one and without the subject; the message where it is one only. */
  public final List<String> faults() {
    return List.copyOf(faults);
  }
}
