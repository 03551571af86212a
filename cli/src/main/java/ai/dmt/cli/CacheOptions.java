package ai.dmt.cli;

import ai.dmt.prepare.CacheUse;
import ai.dmt.prepare.SampleCache;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where tokenised samples are kept. */
final class CacheOptions {
  @ArgGroup private Choice choice = new Choice();

  /** One of two. */
  private static final class Choice {
    @Option(
        names = "--cache",
        paramLabel = "DIR",
        description =
            "Folder of tokenised samples (default: prepared in DMT_CACHE, or in ~/.cache/dmt).")
    private Path folder;

    @Option(names = "--no-cache", description = "Tokenise anew, and keep nothing.")
    private boolean none;
  }

  /** As the user asked. @param err takes notices of damaged entries */
  CacheUse use(PrintWriter err) {
    if (choice.none) {
      return CacheUse.none();
    }
    SampleCache cache = new SampleCache(choice.folder == null ? standard() : choice.folder);
    return new CacheUse(
        Optional.of(cache),
        notice -> {
          err.println("dmt: " + notice);
          err.flush();
        });
  }

  private static Path standard() {
    return folder().resolve("prepared");
  }

  /** Where measured speeds of this machine are kept. */
  static Path speeds() {
    return folder().resolve("speed");
  }

  /** Of all that dmt keeps from one call to the next. */
  static Path folder() {
    String set = System.getenv("DMT_CACHE");
    return set == null || set.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "dmt")
        : Path.of(set);
  }
}
