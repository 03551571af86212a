package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.dmt.SmallDisk;
import ai.dmt.config.ConfigException;
import ai.dmt.train.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
  private static final RunStart FRESH = new RunStart(false, "");
  private static final RunStart RESUMED = new RunStart(false, RunStart.AUTO);
  private static final RunStart OVER = new RunStart(true, "");

  @TempDir private Path folder;

  private static String fault(Path output) {
    return assertThrows(ConfigException.class, () -> OutputFolder.checkForRun(output, FRESH, 1))
        .getMessage();
  }

  @Test
  void rootOfAllFoldersIsRefused() {
    assertTrue(fault(Path.of("/")).contains("name a folder of its own"));
  }

  @Test
  void trialLeavesNothing() throws IOException {
    OutputFolder.checkForRun(folder.resolve("a/b/c"), FRESH, 1);
    OutputFolder.checkForRun(folder, FRESH, 1);
    try (var left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void namesThatAreTooLongAreRefusedAndSaySo() {
    assertTrue(fault(folder.resolve("n".repeat(256))).contains("File name too long"));
    Path deep = folder;
    while (deep.toString().length() < 3950) {
      deep = deep.resolve("d".repeat(100));
    }
    Path output = deep;
    String fault = fault(output);
    assertTrue(
        fault.contains("tried to make") && fault.contains("File name too long"), () -> fault);
    assertFalse(Files.exists(folder.resolve("d".repeat(100))));
  }

  @Test
  void whatStandsInTheWayOfAFileIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("tokenizer.json"));
    assertTrue(fault(folder).contains("tokenizer.json is a folder"), () -> fault(folder));
  }

  @Test
  void pipeWhereALogWillBeIsRefusedAtOnce() throws Exception {
    Path pipe = folder.resolve("metrics.jsonl");
    assumeTrue(
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "no mkfifo here");
    assertTrue(fault(folder).contains("is a named pipe, expected a file"), () -> fault(folder));
  }

  @Test
  void linksInACircleAreRefused() throws IOException {
    Path a = folder.resolve("a");
    Files.createSymbolicLink(a, folder.resolve("b"));
    Files.createSymbolicLink(folder.resolve("b"), a);
    assertTrue(fault(a).contains("too many levels of symbolic links"), () -> fault(a));
  }

  /** /proc takes no folders from anybody, root included. */
  @Test
  void folderThatCannotBeMadeNamesWhatWasTriedAndWhy() {
    String fault = fault(Path.of("/proc/self/output"));
    assertTrue(fault.contains("--output /proc/self/output cannot be written"), () -> fault);
    assertTrue(fault.contains("tried to make a folder in /proc/"), () -> fault);
    assertFalse(fault.contains(".try-"), () -> fault); // nobody gave that name
  }

  @Test
  void resumeCountsWhatTheRunOccupies() throws Exception {
    try (SmallDisk small = SmallDisk.mount(folder.resolve("disk"), "24m")) {
      Path disk = small.folder();
      long model = 10L << 20;
      OutputFolder.checkForRun(disk, FRESH, model);
      Path step = Files.createDirectories(CheckpointFolder.of(disk).of(5));
      Files.write(step.resolve("state"), new byte[18 << 20]);
      OutputFolder.checkForRun(disk, RESUMED, model);
      OutputFolder.checkForRun(disk, OVER, model);
      Files.write(disk.resolve("mine"), new byte[5 << 20]);
      String less =
          assertThrows(
                  ConfigException.class, () -> OutputFolder.checkForRun(disk, RESUMED, 20L << 20))
              .getMessage();
      assertTrue(less.contains("the run itself has"), () -> less);
    }
  }

  @Test
  void secondRunInOneFolderIsRefusedUntilTheFirstEnds() throws IOException {
    Path output = folder.resolve("new/tuned");
    OutputLock first = OutputLock.acquire(output);
    ConfigException e = assertThrows(ConfigException.class, () -> OutputLock.acquire(output));
    assertTrue(e.getMessage().contains("another run is writing to it"), e.getMessage());
    first.close();
    OutputLock.acquire(output).close();
    try (var beside = Files.list(output.getParent());
        var inside = Files.list(output)) {
      assertEquals(1, beside.count(), "nothing beside the output, which may be a foreign folder");
      assertEquals(0, inside.count());
    }
  }
}
