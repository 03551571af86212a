package ai.dmt.config;

import ai.dmt.internal.text.Printable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A setting that cannot be used. The message gives the actual value and what was expected. */
public class ConfigException extends DmtException {
  private static final long serialVersionUID = 1L;

  /** One by one. */
  private final ArrayList<String> faults;

  /**
   * Makes an exception with a message for the user, of one line or several.
   *
   * @param message what is wrong, with the actual value and what was expected
   */
  public ConfigException(String message) {
    this(message, (@Nullable Throwable) null);
  }

  /**
   * Makes an exception of several faults, joined on one line.
   *
   * @param subject begins the message
   * @param faults what is wrong, one sentence each
   */
  public ConfigException(String subject, List<String> faults) {
    super(Printable.sentence(subject + ": " + String.join("; ", faults)), null);
    this.faults = new ArrayList<>(faults.stream().map(Printable::sentence).toList());
  }

  private ConfigException(List<String> faults) {
    super(
        Printable.lines(String.join("\n", faults.stream().map(Printable::sentence).toList())),
        null);
    this.faults = new ArrayList<>(faults.stream().map(Printable::sentence).toList());
  }

  /**
   * {@return an exception of several faults, each on a line of its own}
   *
   * @param faults what is wrong, one sentence each
   */
  public static ConfigException ofLines(List<String> faults) {
    return new ConfigException(faults);
  }

  /**
   * Makes an exception with a message for the user and what led to it.
   *
   * @param message what is wrong, with the actual value and what was expected
   * @param cause what led to it; null for none
   */
  public ConfigException(String message, @Nullable Throwable cause) {
    super(Printable.lines(message), cause);
    this.faults = new ArrayList<>(List.of(Printable.lines(message)));
  }

  /**
   * {@return what is wrong, one by one and without the subject; the message where it is one only}
   */
  public final List<String> faults() {
    return List.copyOf(faults);
  }
}
