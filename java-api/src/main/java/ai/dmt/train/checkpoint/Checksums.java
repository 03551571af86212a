package ai.dmt.train.checkpoint;

import ai.dmt.checkpoint.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code SHA256SUMS}: the checksums of all files of a checkpoint. {@code sha256sum -c} reads it.
 *
 * @param sums by file name
 */
record Checksums(Map<String, String> sums) {
  /** Its name. */
  static final String NAME = "SHA256SUMS";

  private static final Pattern LINE =
      Pattern.compile("([0-9a-f]{64})  ([A-Za-z0-9_][A-Za-z0-9._-]*)");

  Checksums {
    sums = new TreeMap<>(sums);
  }

  String toText() {
    StringBuilder text = new StringBuilder();
    sums.forEach((file, sum) -> text.append(sum).append("  ").append(file).append('\n'));
    return text.toString();
  }

  static Checksums read(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(
          folder + " has no " + NAME + ": it was not completed, or is no checkpoint");
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    Map<String, String> sums = new TreeMap<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        sums.put(matcher.group(2), matcher.group(1));
      } else if (!line.isEmpty()) {
        throw new CheckpointException(
            "%s:%s is damaged: expected a checksum and a name".formatted(file, number));
      }
    }
    return new Checksums(sums);
  }

  /** What is wrong with a file; null if nothing is. */
  String fault(Path folder, String name) {
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
      return file + " cannot be read: " + e.getMessage();
    }
  }
}
