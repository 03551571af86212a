package ai.dmt.internal.text;

import ai.dmt.config.ConfigException;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects what is wrong with a configuration, so that all faults are reported together.
 *
 * <pre>{@code
 * new Faults("batch").positive("globalBatchSize", size).inRange("topP", topP, 0, 1).throwIfAny();
 * }</pre>
 */
public final class Faults {
  private final String subject;
  private final List<String> found = new ArrayList<>();

  /**
   * Starts with no fault.
   *
   * @param subject what is checked, such as "training"; it begins the message
   */
  public Faults(String subject) {
    this.subject = subject;
  }

  /**
   * Demands {@code value > 0}.
   *
   * @param name of the value, as the message says it
   * @param value to check
   * @return this
   */
  public Faults positive(String name, long value) {
    return require(value > 0, name + " must be positive, got " + value);
  }

  /**
   * Demands {@code value >= 0}.
   *
   * @param name of the value, as the message says it
   * @param value to check
   * @return this
   */
  public Faults notNegative(String name, long value) {
    return require(value >= 0, name + " must not be negative, got " + value);
  }

  /**
   * Demands a finite {@code value > 0}.
   *
   * @param name of the value, as the message says it
   * @param value to check
   * @return this
   */
  public Faults positive(String name, double value) {
    return require(
        value > 0 && Double.isFinite(value), name + " must be positive and finite, got " + value);
  }

  /**
   * Demands a finite {@code value >= 0}.
   *
   * @param name of the value, as the message says it
   * @param value to check
   * @return this
   */
  public Faults notNegative(String name, double value) {
    return require(
        value >= 0 && Double.isFinite(value),
        name + " must be finite and not negative, got " + value);
  }

  /**
   * Demands {@code low <= value <= high}; NaN is a fault.
   *
   * @param name of the value, as the message says it
   * @param value to check
   * @param low least value that is allowed
   * @param high greatest value that is allowed
   * @return this
   */
  public Faults inRange(String name, double value, double low, double high) {
    return require(
        value >= low && value <= high,
        "%s must be in [%s, %s], got %s".formatted(name, low, high, value));
  }

  /**
   * Demands {@code low <= value < high}; NaN is a fault.
   *
   * @param name of the value, as the message says it
   * @param value to check
   * @param low least value that is allowed
   * @param high least value that is too great
   * @return this
   */
  public Faults inHalfOpenRange(String name, double value, double low, double high) {
    return require(
        value >= low && value < high,
        "%s must be in [%s, %s), got %s".formatted(name, low, high, value));
  }

  /**
   * Demands that a reference is there.
   *
   * @param name of the value, as the message says it
   * @param value to check; null is a fault
   * @return this
   */
  public Faults present(String name, Object value) {
    return require(value != null, name + " is missing");
  }

  /**
   * Adds a fault unless a condition holds.
   *
   * @param condition whether all is well
   * @param fault what is wrong where it does not hold
   * @return this
   */
  public Faults require(boolean condition, String fault) {
    if (!condition) {
      found.add(fault);
    }
    return this;
  }

  /**
   * Ends the check.
   *
   * @throws ConfigException with every fault, if there is one
   */
  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw new ConfigException(subject, found);
    }
  }
}
