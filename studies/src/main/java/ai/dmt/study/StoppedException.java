package ai.dmt.study;

/** A task was asked to stop before its end; it goes on from there when it is started again. */
final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoppedException(String message) {
    super(message);
  }
}
