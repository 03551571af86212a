package ai.dmt.data;

/**
 * Where a record was read.
 *
 * @param file as it was named by the user
 * @param line of the record's first character, from 1; 0 stands for the whole file
 */
public record Origin(String file, long line) {
  /** Of data that came from no file. */
  public static final Origin UNKNOWN = new Origin("", 0);

  /** As in messages: {@code file:line}. */
  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line;
  }
}
