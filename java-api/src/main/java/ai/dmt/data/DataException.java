package ai.dmt.data;

import ai.dmt.config.DmtException;
import ai.dmt.internal.text.Printable;
import org.jspecify.annotations.Nullable;

/** A fault in the training data. The message begins with file and line where they are known. */
public class DataException extends DmtException {
  private static final long serialVersionUID = 1L;

  /** Where the fault is; {@link Origin#UNKNOWN} for data that came from no file. */
  private final transient @Nullable Origin origin; // null once it was sent

  /**
   * Makes an exception for a place.
   *
   * @param origin where the fault is; {@link Origin#UNKNOWN} for data that came from no file
   * @param message what is wrong, without the place
   */
  public DataException(Origin origin, String message) {
    this(origin, message, null);
  }

  /**
   * Makes an exception for a place, and what led to it.
   *
   * @param origin where the fault is; {@link Origin#UNKNOWN} for data that came from no file
   * @param message what is wrong, without the place
   * @param cause what led to it; null for none
   */
  public DataException(Origin origin, String message, @Nullable Throwable cause) {
    super(
        Printable.sentence(origin.equals(Origin.UNKNOWN) ? message : origin + ": " + message),
        cause);
    this.origin = origin;
  }

  /** {@return where the fault is; {@link Origin#UNKNOWN} for data that came from no file} */
  public Origin origin() {
    return origin == null ? Origin.UNKNOWN : origin;
  }
}
