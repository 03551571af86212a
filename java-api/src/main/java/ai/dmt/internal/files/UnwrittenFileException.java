package ai.dmt.internal.files;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * A file that was opened and could not be written. Its reason is the system's, without the file.
 */
public final class UnwrittenFileException extends FileSystemException {
  @Serial private static final long serialVersionUID = 1;

  UnwrittenFileException(Path file, IOException cause) {
    super(file.toString(), null, Disk.reason(cause));
    initCause(cause);
  }

  @Override
  public String getMessage() {
    return "%s cannot be written: %s".formatted(getFile(), getReason());
  }
}
