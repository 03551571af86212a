package ai.dmt.internal.storage;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a folder in an object storage lists is not what is there: another one may be whole. */
public final class DamagedFolderException extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedFolderException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
