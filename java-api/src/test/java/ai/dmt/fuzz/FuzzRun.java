package ai.dmt.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs mutants against a reader and says which did harm. */
public final class FuzzRun {
  /** Longest for one mutant. */
  public static final int LIMIT_SECONDS = 20;

  /** The property by which a long run asks for more mutants of each reader. */
  public static final String COUNT = "dmt.fuzz.mutants";

  /** The property by which a long run asks for other mutants. */
  public static final String SEED = "dmt.fuzz.seed";

  /**
   * What became of the mutants.
   *
   * @param read those that were read as if nothing were wrong
   * @param refused those that an exception of the reader's refused
   * @param harm sentences on crashes, traces and hangs
   */
  public record Outcome(long read, long refused, List<String> harm) {}

  private final Class<? extends FuzzedReader> reader;
  private final Path folder;
  private final long seed;
  private final List<String> harm = new ArrayList<>();
  private long read;
  private long refused;

  private FuzzRun(Class<? extends FuzzedReader> reader, Path folder, long seed) {
    this.reader = reader;
    this.folder = folder;
    this.seed = seed;
  }

  /** How many mutants a test makes: as many as the property says, else the given number. */
  public static int count(int otherwise) {
    return Integer.getInteger(COUNT, otherwise);
  }

  /**
   * Runs mutants and demands that none does harm, that some are read, and that a tenth is refused.
   *
   * @param otherwise how many, where the property does not say
   * @param work an empty folder
   */
  public static Outcome demandNoHarm(Class<? extends FuzzedReader> reader, int otherwise, Path work)
      throws IOException, InterruptedException {
    int count = count(otherwise);
    Outcome outcome = of(reader, Long.getLong(SEED, 1), count, work);
    assertEquals(List.of(), outcome.harm());
    assertEquals(count, outcome.read() + outcome.refused());
    assertTrue(outcome.read() > 0 && outcome.refused() > count / 10, outcome::toString);
    return outcome;
  }

  /**
   * Runs mutants with the numbers from 0 on; goes on after one that kills the JVM.
   *
   * @param work an empty folder
   */
  private static Outcome of(Class<? extends FuzzedReader> reader, long seed, int count, Path work)
      throws IOException, InterruptedException {
    Path folder = Files.createDirectories(work.resolve("files"));
    FuzzRun run = new FuzzRun(reader, folder, seed);
    long next = 0;
    while (next < count) {
      next = run.runChild(next, count) + 1;
    }
    return new Outcome(run.read, run.refused, List.copyOf(run.harm));
  }

  /**
   * @return the number of the last mutant that was tried
   */
  private long runChild(long from, int to) throws IOException, InterruptedException {
    Path output = folder.resolveSibling("output");
    Path progress = folder.resolveSibling("progress");
    Files.deleteIfExists(progress);
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null",
                "-cp",
                System.getProperty("java.class.path"),
                FuzzChild.class.getName(),
                reader.getName(),
                folder.toString(),
                Long.toString(seed),
                Long.toString(from),
                Integer.toString(to))
            .redirectOutput(output.toFile())
            .redirectError(folder.resolveSibling("errors").toFile())
            .start();
    boolean hangs = awaitChild(child, progress);
    count(Files.readAllLines(output));
    long last = number(progress);
    if (hangs) {
      harm.add("mutant %s takes over %s s".formatted(last, LIMIT_SECONDS));
    } else if (child.exitValue() != 0) {
      harm.add(
          "mutant %s ends the JVM with %s: %s"
              .formatted(
                  last, child.exitValue(), Files.readString(folder.resolveSibling("errors"))));
      if (last < from) {
        return to; // it did not even begin
      }
    } else {
      return to;
    }
    return last;
  }

  private static boolean awaitChild(Process child, Path progress)
      throws IOException, InterruptedException {
    long last = -1;
    long since = System.nanoTime();
    while (!child.waitFor(200, TimeUnit.MILLISECONDS)) {
      long now = number(progress);
      if (now != last) {
        last = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
        child.destroyForcibly().waitFor();
        return true;
      }
    }
    return false;
  }

  private static long number(Path progress) throws IOException {
    if (!Files.exists(progress) || Files.size(progress) < Long.BYTES) {
      return -1;
    }
    try (RandomAccessFile file = new RandomAccessFile(progress.toFile(), "r")) {
      return file.readLong();
    }
  }

  private void count(List<String> lines) {
    for (String line : lines) {
      if (line.startsWith("read ")) {
        read++;
      } else if (line.startsWith("refused ")) {
        refused++;
      } else if (line.startsWith("trace ")) {
        harm.add(line);
      }
    }
  }
}
