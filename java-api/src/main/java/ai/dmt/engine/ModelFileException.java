package ai.dmt.engine;

/** A fault of a model's files. The message begins with the file, or says that there is no model. */
public final class ModelFileException extends EngineException {
  private static final long serialVersionUID = 1L;

  ModelFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
