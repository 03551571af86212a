package ai.dmt.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A reader of files that may be hostile. Made anew in the child JVM by its public constructor. */
public interface FuzzedReader {
  /** Files that are in order, which mutants are made of. */
  List<byte[]> samples() throws IOException;

  /** Name of the file that a mutant is written to, in a folder that stays empty otherwise. */
  String fileName();

  /** Whether the format is made of nested messages with lengths, as protocol buffers are. */
  default boolean isWireFormat() {
    return false;
  }

  /** Puts what the reader needs beside the mutants; called once. */
  default void prepare(Path folder) throws IOException {}

  /** Reads a mutant and uses what it says. */
  void read(Path file) throws IOException;

  /** Exceptions by which the reader refuses a file. */
  List<Class<? extends Exception>> refusals();
}
