package ai.dmt.world;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.OutputPlace;
import ai.dmt.internal.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The base model that comes with dmt: a LLaMA of a million parameters, pretrained on the world's
 * text by {@code scripts/pretrain_tiny.sh}.
 */
public final class BaseModel {
  private static final String FOLDER = "base/";
  private static final String CHECKSUMS = "SHA256SUMS";

  private BaseModel() {}

  /**
   * Writes the model's files.
   *
   * @param folder is made if it is not there
   * @throws ConfigException if a file is not the one that was shipped
   * @throws IOException if a file cannot be written
   */
  public static void write(Path folder) throws IOException {
    OutputPlace.make(folder);
    for (Map.Entry<String, String> file : checksums().entrySet()) {
      byte[] bytes = bytes(file.getKey());
      String actual = Sha256.of(bytes);
      if (!actual.equals(file.getValue())) {
        throw new ConfigException(
            "dmt's own file %s is damaged: its SHA-256 is %s, expected %s; build dmt anew"
                .formatted(file.getKey(), actual, file.getValue()));
      }
      Files.write(folder.resolve(file.getKey()), bytes);
    }
  }

  /**
   * {@return whether a folder has the model's files, by their digests}
   *
   * @param folder need not be there
   * @throws IOException if a file cannot be read
   */
  public static boolean isIn(Path folder) throws IOException {
    for (Map.Entry<String, String> file : checksums().entrySet()) {
      if (!Sha256.isOf(folder.resolve(file.getKey()), file.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** SHA-256 of each file by its name, as {@code sha256sum} writes them. */
  static Map<String, String> checksums() throws IOException {
    Map<String, String> sums = new LinkedHashMap<>();
    new String(bytes(CHECKSUMS), StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.split(" +", 2))
        .forEach(parts -> sums.put(parts[1], parts[0]));
    return sums;
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = BaseModel.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new ConfigException("dmt's own file %s is missing; build dmt anew".formatted(name));
      }
      return in.readAllBytes();
    }
  }
}
