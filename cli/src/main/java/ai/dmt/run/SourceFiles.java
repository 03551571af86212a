package ai.dmt.run;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a source is read from.
 *
 * @param name losses are reported under
 * @param files read in this order
 */
public record SourceFiles(String name, List<Path> files) {
  /** Copies the list. */
  public SourceFiles {
    files = List.copyOf(files);
  }
}
