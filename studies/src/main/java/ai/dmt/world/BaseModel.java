package ai.dmt.world;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The base models that come with dmt: LLaMAs of three sizes, all pretrained on the same text of the
 * world, with the same tokenizer, by {@code scripts/pretrain_tiny.sh}. The one of a million
 * parameters is meant where no size is named.
 */
public final class BaseModel {
  private static final List<String> SIZES = List.of("0.3m", "1m", "2m");
  private static final String USUAL = "1m";
  private static final String CHECKSUMS = "SHA256SUMS";

  private BaseModel() {}

  /** {@return names of the sizes, by about how many millions of parameters, the smallest first} */
  public static List<String> sizes() {
    return SIZES;
  }

  /**
   * {@return the name that a size's folder has beside the world's other files}
   *
   * @param size one of {@link #sizes()}
   */
  public static String folder(String size) {
    if (!SIZES.contains(size)) {
      throw new IllegalArgumentException(
          "the world has no size %s, only %s".formatted(size, SIZES));
    }
    return size.equals(USUAL) ? "base" : "base-" + size;
  }

  /**
   * Writes the files of all sizes, each into its {@link #folder(String)}.
   *
   * @param parent is made if it is not there
   * @throws ConfigException if a file is not the one that was shipped
   * @throws IOException if a file cannot be written
   */
  public static void writeAll(Path parent) throws IOException {
    for (String size : SIZES) {
      write(size, parent.resolve(folder(size)));
    }
  }

  /**
   * {@return whether all sizes are where {@link #writeAll} puts them, by their digests}
   *
   * @param parent need not be there
   * @throws IOException if a file cannot be read
   */
  public static boolean areIn(Path parent) throws IOException {
    for (String size : SIZES) {
      if (!isIn(size, parent.resolve(folder(size)))) {
        return false;
      }
    }
    return true;
  }

  /** Writes the files of a size. */
  static void write(String size, Path folder) throws IOException {
    OutputPlace.make(folder);
    for (Map.Entry<String, String> file : checksums(size).entrySet()) {
      byte[] bytes = bytes(size, file.getKey());
      String actual = Sha256.of(bytes);
      if (!actual.equals(file.getValue())) {
        throw new ConfigException(
            "dmt's own file %s is damaged: its SHA-256 is %s, expected %s; build dmt anew"
                .formatted(file.getKey(), actual, file.getValue()));
      }
      FileOutput.write(folder.resolve(file.getKey()), bytes);
    }
  }

  /** Whether a folder has a size's files, by their digests. */
  static boolean isIn(String size, Path folder) throws IOException {
    for (Map.Entry<String, String> file : checksums(size).entrySet()) {
      if (!Sha256.isOf(folder.resolve(file.getKey()), file.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** SHA-256 of each file by its name, as {@code sha256sum} writes them. */
  static Map<String, String> checksums(String size) throws IOException {
    Map<String, String> sums = new LinkedHashMap<>();
    new String(bytes(size, CHECKSUMS), StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.split(" +", 2))
        .forEach(parts -> sums.put(parts[1], parts[0]));
    return sums;
  }

  private static byte[] bytes(String size, String name) throws IOException {
    try (InputStream in = BaseModel.class.getResourceAsStream(folder(size) + "/" + name)) {
      if (in == null) {
        throw new ConfigException("dmt's own file %s is missing; build dmt anew".formatted(name));
      }
      return in.readAllBytes();
    }
  }
}
