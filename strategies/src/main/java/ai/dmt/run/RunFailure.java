package ai.dmt.run;

import ai.dmt.internal.files.WholeFile;
import ai.dmt.internal.text.JsonText;
import ai.dmt.internal.text.Printable;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Why a run ended before its time, in its output, for those who were not there. */
final class RunFailure {
  /** Its name in the output folder. */
  static final String NAME = "failed.json";

  private static final String REASON = "reason";

  private RunFailure() {}

  /** Keeps why a run has failed; the failure itself is more than that it cannot be written. */
  static void write(Path output, Throwable failure) {
    if (!Files.isDirectory(output)) {
      return; // it was deleted, or its disk is away
    }
    try {
      WholeFile.replace(
          output.resolve(NAME),
          JsonNodeFactory.instance.objectNode().put(REASON, Printable.reason(failure)) + "\n");
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** A run that begins or goes on has not failed. */
  static void forget(Path output) throws IOException {
    Files.deleteIfExists(output.resolve(NAME));
  }

  static Optional<String> read(Path output) throws IOException {
    Path file = output.resolve(NAME);
    return Files.exists(file)
        ? Optional.of(JsonText.read(file).path(REASON).asText())
        : Optional.empty();
  }
}
