package ai.dmt.internal.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code SHA256SUMS}: the checksums of the files of a checkpoint or a model. {@code sha256sum -c}
 * reads it.
 *
 * @param sums by file name
 */
public record Checksums(Map<String, String> sums) {
  /** Its name. */
  public static final String NAME = "SHA256SUMS";

  private static final long MOST_BYTES = 16L << 20;

  private static final Pattern LINE =
      Pattern.compile("([0-9a-f]{64})  ([A-Za-z0-9_][A-Za-z0-9._-]*)");

  /**
   * Copies the map, sorted by name.
   *
   * @param sums see {@link #sums()}
   */
  public Checksums {
    sums = new TreeMap<>(sums);
  }

  /**
   * {@return those of all files of a folder that keep their bytes, but of none in a folder in it}
   *
   * @param folder that is read
   * @throws IOException naming the file
   */
  public static Checksums of(Path folder) throws IOException {
    Map<String, String> sums = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (ModelFiles.isSealed(name)) {
          sums.put(name, Sha256.of(file));
        }
      }
    }
    return new Checksums(sums);
  }

  /** {@return the text of the file: a line for each name, in the order of names} */
  public String toText() {
    StringBuilder text = new StringBuilder();
    sums.forEach((file, sum) -> text.append(sum).append("  ").append(file).append('\n'));
    return text.toString();
  }

  /**
   * Reads {@code SHA256SUMS} of a folder.
   *
   * @param folder that holds it
   * @return its checksums by file name; empty for an empty file
   * @throws IOException if it is not there, has more than 16 MiB, cannot be read, or has a line
   *     that is none
   */
  public static Checksums read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    String text = new String(RegularFile.read(file, MOST_BYTES), StandardCharsets.ISO_8859_1);
    Map<String, String> sums = new TreeMap<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        sums.put(matcher.group(2), matcher.group(1));
      } else if (!line.isEmpty()) {
        throw new IOException(
            "%s:%s is damaged: expected a checksum and a name".formatted(file, number));
      }
    }
    return new Checksums(sums);
  }

  /**
   * {@return what is wrong with the folder's files, a sentence for each; empty if nothing is}
   *
   * @param folder with the files that are named here; others are not looked at
   */
  public List<String> faults(Path folder) {
    return sums.keySet().stream()
        .map(name -> fault(folder, name))
        .filter(Objects::nonNull)
        .toList();
  }

  /**
   * {@return what is wrong with a file: it is missing, damaged or cannot be read; null if nothing
   * is}
   *
   * @param folder that holds it
   * @param name of the file, one of {@link #sums()}
   */
  public @Nullable String fault(Path folder, String name) {
    Path file = folder.resolve(name);
    try {
      if (!Files.isRegularFile(file)) {
        return file + " is missing";
      }
      String actual = Sha256.of(file);
      return actual.equals(sums.get(name))
          ? null
          : "%s is damaged: its SHA-256 is %s, expected %s".formatted(file, actual, sums.get(name));
    } catch (IOException e) {
      return file + " cannot be read: " + Disk.reason(e);
    }
  }
}
