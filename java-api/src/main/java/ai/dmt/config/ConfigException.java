package ai.dmt.config;

/** A setting that cannot be used. The message gives the actual value and what was expected. */
public class ConfigException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Makes an exception with a message for the user. */
  public ConfigException(String message) {
    super(message);
  }

  /** Makes an exception with a message for the user and what led to it. */
  public ConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
