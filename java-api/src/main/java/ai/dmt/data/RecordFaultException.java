package ai.dmt.data;

/** A fault of one record, after which the next one can still be read. */
public final class RecordFaultException extends DataException {
  private static final long serialVersionUID = 1L;

  RecordFaultException(Origin origin, String message) {
    super(origin, message);
  }

  RecordFaultException(Origin origin, String message, Throwable cause) {
    super(origin, message, cause);
  }
}
