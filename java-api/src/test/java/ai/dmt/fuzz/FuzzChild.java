package ai.dmt.fuzz;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads mutants one after the other. Before each it writes the mutant's number into a file, so that
 * whoever waits knows which one it died or hangs on; what was no refusal it prints.
 */
public final class FuzzChild {
  private FuzzChild() {}

  /** Arguments: class of the reader, folder, seed, first number, number after the last. */
  public static void main(String[] args) throws Exception {
    FuzzedReader reader =
        (FuzzedReader) Class.forName(args[0]).getDeclaredConstructor().newInstance();
    Path folder = Path.of(args[1]);
    Mutants mutants = new Mutants(Long.parseLong(args[2]), reader.samples(), reader.isWireFormat());
    try (RandomAccessFile progress =
        new RandomAccessFile(folder.resolveSibling("progress").toFile(), "rw")) {
      reader.prepare(folder);
      for (long number = Long.parseLong(args[3]); number < Long.parseLong(args[4]); number++) {
        progress.seek(0);
        progress.writeLong(number);
        read(reader, mutants, folder, number);
      }
    }
  }

  private static void read(FuzzedReader reader, Mutants mutants, Path folder, long number)
      throws IOException {
    Path file = folder.resolve(reader.fileName());
    Files.write(file, mutants.mutant(number));
    try {
      reader.read(file);
      System.out.println("read " + number);
    } catch (Throwable e) { // whatever it is, the next mutant comes
      boolean refusal = reader.refusals().stream().anyMatch(known -> known.isInstance(e));
      String message = String.valueOf(e.getMessage());
      boolean plain = message.length() <= 10_000 && message.chars().noneMatch(FuzzChild::isObeyed);
      if (refusal && plain) {
        System.out.println("refused " + number);
      } else {
        System.out.println("trace " + number + " " + e.toString().replaceAll("\\s+", " "));
      }
    }
  }

  private static boolean isObeyed(int c) {
    return c < ' ' && c != '\n' || c >= 0x7F && c <= 0x9F;
  }
}
