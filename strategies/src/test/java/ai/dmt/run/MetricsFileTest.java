package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.engine.SourceLoss;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A disk that becomes full while a run goes on. */
@EnabledOnOs(OS.LINUX)
class MetricsFileTest {
  private static final Path FULL = Path.of("/dev/full");
  private static final String MESSAGE = "/dev/full cannot be written: No space left on device";
  private static final Evaluation EVALUATION =
      new Evaluation(List.of(new SourceLoss("math", 2.5, 10)));

  @TempDir private Path folder;

  @Test
  void fullDiskIsToldOnceAndEndsNoRun() throws IOException {
    List<String> told = new ArrayList<>();
    try (MetricsFile file = MetricsFile.after(FULL, 0, e -> told.add(e.getMessage()))) {
      for (int step = 0; step < 3; step++) {
        file.onEvaluation(Progress.start(3), EVALUATION);
      }
    }
    assertEquals(List.of(MESSAGE), told);
  }

  @Test
  void rankNamesTheFileAndSaysThatTheRunGoesOn() throws IOException {
    List<String> told = new ArrayList<>();
    Path link = folder.resolve(MetricsFile.NAME);
    Files.createSymbolicLink(link, FULL);
    try (MetricsFile file = RunRank.ALONE.metrics(folder, Progress.start(3), 0, told::add)) {
      file.onEvaluation(Progress.start(3), EVALUATION);
    }
    Files.delete(link); // it leads out of the folder
    assertEquals(
        List.of(link + " cannot be written: No space left on device; the run goes on without it"),
        told);
  }

  @Test
  void whoAsksForNothingElseGetsTheFailure() throws IOException {
    MetricsFile file = new MetricsFile(FULL);
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class, () -> file.onEvaluation(Progress.start(3), EVALUATION));
    assertEquals(MESSAGE, e.getMessage());
    file.close();
  }
}
