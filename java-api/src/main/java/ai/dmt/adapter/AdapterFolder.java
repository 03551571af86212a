package ai.dmt.adapter;

import ai.dmt.checkpoint.ModelDigest;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.text.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A folder of PEFT's with an adapter, and the model that it belongs to: adapter_config.json,
 * adapter_model.safetensors, and, where dmt wrote it, dmt_adapter.json with the base's digest.
 *
 * @param folder of the adapter
 * @param config of the adapter; its seed is 0, which PEFT's files do not have
 * @param base folder of the model that it stands beside
 */
public record AdapterFolder(Path folder, AdapterConfig config, Path base) {
  /** Name of the adapter's settings. */
  public static final String CONFIG = PeftConfig.FILE;

  /** Name of the adapter's weights. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  private static final String MODEL = "config.json";

  /**
   * {@return whether a folder holds an adapter in place of a model}
   *
   * @param folder that need not be there
   */
  public static boolean isAdapter(Path folder) {
    return Files.exists(folder.resolve(CONFIG)) && !Files.exists(folder.resolve(MODEL));
  }

  /**
   * {@return the folder whose config.json and weights a model's folder stands for: an adapter's
   * base, or the folder itself}
   *
   * @param folder of a model or an adapter
   * @throws ConfigException if it is an adapter's, and its base is not found
   */
  public static Path modelOf(Path folder) {
    return isAdapter(folder) ? read(folder).base() : folder;
  }

  /**
   * {@return the folder with a model's tokenizer: an adapter's own folder if it has one, else its
   * base's}
   *
   * @param folder of a model or an adapter
   * @throws ConfigException if it is an adapter's without a tokenizer, and its base is not found
   */
  public static Path tokenizerOf(Path folder) {
    return hasTokenizer(folder) ? folder : modelOf(folder);
  }

  private static boolean hasTokenizer(Path folder) {
    return Files.exists(folder.resolve("tokenizer.json"))
        || Files.exists(folder.resolve("tokenizer.model"));
  }

  /**
   * {@return the folder with the adapter's tokenizer: its own folder if it has one, or the base's}
   */
  public Path tokenizer() {
    return hasTokenizer(folder) ? folder : base;
  }

  /**
   * Reads the settings, and finds the base that they name: an absolute folder, or one relative to
   * the adapter's.
   *
   * @param folder of the adapter
   * @return what it says; the weights are not looked at
   * @throws ConfigException if the settings are at fault, or the base is not there
   */
  public static AdapterFolder read(Path folder) {
    return read(folder, null);
  }

  /**
   * The same with a base that is known.
   *
   * @param folder of the adapter
   * @param base of the adapter; null for the one that its settings name
   * @return what it says; the weights are not looked at
   * @throws ConfigException if the settings are at fault, or the base is not there
   */
  public static AdapterFolder read(Path folder, @Nullable Path base) {
    PeftConfig peft = PeftConfig.read(folder.resolve(CONFIG));
    Path found = base == null ? find(folder, peft.base()) : base;
    if (isAdapter(found)) {
      throw new ConfigException(
          "%s: the base %s is an adapter itself, expected a model; dmt export --merge makes one of it"
              .formatted(folder.resolve(CONFIG), found));
    }
    if (!Files.exists(found.resolve(MODEL))) {
      throw new ConfigException(
          "the base of the adapter %s: %s, expected a model's folder"
              .formatted(
                  folder,
                  Files.isDirectory(found)
                      ? "%s has no %s".formatted(found, MODEL)
                      : "there is no folder " + found));
    }
    return new AdapterFolder(folder, peft.adapter(), found);
  }

  private static Path find(Path folder, String named) {
    Path place;
    try {
      place = folder.resolve(named).normalize();
    } catch (InvalidPathException e) {
      throw missing(folder, named, "a folder of this name");
    }
    if (named.isEmpty()) {
      throw missing(folder, named, "a folder without a name");
    }
    if (!Files.exists(place.resolve(MODEL)) && !isAdapter(place)) {
      throw missing(folder, named, place.toString());
    }
    return place;
  }

  private static ConfigException missing(Path folder, String named, String place) {
    return new ConfigException(
        ("%s: base_model_name_or_path is \"%s\", and there is no model in %s; put the base's folder"
                + " there, correct the name, or say where it lies (--base)")
            .formatted(folder.resolve(CONFIG), Printable.value(named), place));
  }

  /** {@return the file of the adapter's weights} */
  public Path weights() {
    return folder.resolve(WEIGHTS);
  }

  /**
   * Demands that the base is the one that the adapter was trained on, where dmt has noted that, and
   * that there are weights in safetensors.
   *
   * @throws ConfigException if it is another one
   */
  public void check() {
    if (!Files.exists(weights())) {
      throw new ConfigException(
          "%s has no %s; weights come only as safetensors".formatted(folder, WEIGHTS));
    }
    Optional<AdapterRecord> record = AdapterRecord.find(folder);
    if (record.isEmpty()) {
      return;
    }
    String digest = digest(base);
    if (!digest.equals(record.get().digest())) {
      throw new ConfigException(
          "%s was trained on another base, %s: its %s has the digest %s, %s has %s"
              .formatted(
                  folder,
                  Printable.value(PeftConfig.read(folder.resolve(CONFIG)).base()),
                  AdapterRecord.FILE,
                  record.get().digest(),
                  base,
                  digest));
    }
  }

  /**
   * Writes what lies beside an adapter's weights: settings as PEFT has them, and the base's digest.
   *
   * @param folder that is there; its place may be another one later
   * @param config of the adapter
   * @param base folder of the model that it was trained on
   * @throws IOException if a file cannot be read or written
   */
  public static void write(Path folder, AdapterConfig config, Path base) throws IOException {
    write(folder, config, base.toAbsolutePath().normalize().toString(), ModelDigest.of(base));
  }

  /**
   * Writes the same for a base that need not be there.
   *
   * @param folder that is there
   * @param config of the adapter
   * @param base as the settings name it
   * @param digest of the base, see {@link ModelDigest}
   * @throws IOException if a file cannot be written
   */
  public static void write(Path folder, AdapterConfig config, String base, String digest)
      throws IOException {
    FileOutput.write(folder.resolve(CONFIG), new PeftConfig(config, base).text());
    FileOutput.write(folder.resolve(AdapterRecord.FILE), new AdapterRecord(digest).text());
  }

  /**
   * Copies settings and the base's digest, where a folder has them.
   *
   * @param from folder of an adapter, or of a checkpoint of one
   * @param to folder that is there
   * @throws IOException if a file cannot be read or written
   */
  public static void copySettings(Path from, Path to) throws IOException {
    for (String name : List.of(CONFIG, AdapterRecord.FILE)) {
      if (Files.exists(from.resolve(name))) {
        Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static String digest(Path base) {
    try {
      return ModelDigest.of(base);
    } catch (IOException e) {
      throw new ConfigException("%s cannot be read: %s".formatted(base, Disk.reason(e)), e);
    }
  }
}
