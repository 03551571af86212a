package ai.dmt.run;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.ModelExtras;
import ai.dmt.data.TemplateFile;
import ai.dmt.engine.DType;
import ai.dmt.engine.NativeEngine;
import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.Disk;
import ai.dmt.model.ModelInfo;
import ai.dmt.provenance.ModelCard;
import ai.dmt.provenance.Provenance;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.checkpoint.Checkpoint;
import ai.dmt.train.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint's weights as a model folder, or as an adapter's where it is of one, with tokenizer
 * and template; and adapters merged into their base.
 */
public final class ModelExport {
  private ModelExport() {}

  /**
   * Checks all files of the checkpoint, then writes; memory does not grow with the model.
   *
   * @param checkpoint whose weights are written
   * @param output replaced only if it holds no model, or {@code overwrites}
   * @param type of the weights in the output
   * @param overwrites whether a model in the output may be replaced
   * @throws CheckpointException if the checkpoint is damaged
   * @throws ai.dmt.config.ConfigException if the output is at fault
   * @throws IOException if the checkpoint cannot be read or the folder cannot be written
   */
  public static void write(Checkpoint checkpoint, Path output, DType type, boolean overwrites)
      throws IOException {
    demandWhole(checkpoint);
    // The states hold each weight with two moments: more than the model takes in either type.
    OutputFolder.check(output, overwrites, checkpoint.bytes() / 3);
    ModelFolder.write(output, folder -> write(checkpoint.folder(), folder, type));
  }

  /**
   * Merges an adapter into its base: a model that computes the same without one. Memory does not
   * grow with the model.
   *
   * @param adapter its folder
   * @param base of the adapter; null for the one that its settings name
   * @param output replaced only if it holds no model, or {@code overwrites}
   * @param type of the weights in the output
   * @param overwrites whether a model in the output may be replaced
   * @throws ai.dmt.config.ConfigException if adapter, base or output are at fault
   * @throws IOException if a folder cannot be read or written
   */
  public static void merge(
      Path adapter, @Nullable Path base, Path output, DType type, boolean overwrites)
      throws IOException {
    AdapterFolder read = AdapterFolder.read(adapter, base);
    ModelInfo model = ModelInfo.read(read.base());
    OutputFolder.check(output, overwrites, bytes(model, type));
    ModelFolder.write(output, folder -> merge(read, folder, type));
  }

  /**
   * Merges the adapter of a checkpoint into its base.
   *
   * @param checkpoint of a run that trains an adapter
   * @param base of the adapter; null for the one that the run has
   * @param output replaced only if it holds no model, or {@code overwrites}
   * @param type of the weights in the output
   * @param overwrites whether a model in the output may be replaced
   * @throws CheckpointException if the checkpoint is damaged
   * @throws ConfigException if it is of no adapter, or base or output are at fault
   * @throws IOException if a folder cannot be read or written
   */
  public static void merge(
      Checkpoint checkpoint, @Nullable Path base, Path output, DType type, boolean overwrites)
      throws IOException {
    Path states = checkpoint.folder();
    if (!AdapterFolder.isAdapter(states)) {
      throw new ConfigException(
          "%s is no checkpoint of an adapter: it has no %s, and nothing to merge"
              .formatted(states, AdapterFolder.CONFIG));
    }
    AdapterFolder read = AdapterFolder.read(states, base);
    demandWhole(checkpoint);
    OutputFolder.check(output, overwrites, bytes(ModelInfo.read(read.base()), type));
    ModelFolder.write(
        output,
        folder -> {
          Path adapter = Files.createDirectory(folder.resolve(".adapter"));
          write(states, adapter, DType.FLOAT32);
          merge(AdapterFolder.read(adapter, read.base()), folder, type);
          Disk.delete(adapter);
        });
  }

  private static long bytes(ModelInfo model, DType type) {
    return model.parameters() * (type == DType.FLOAT32 ? 4 : 2);
  }

  private static void merge(AdapterFolder adapter, Path folder, DType type) throws IOException {
    NativeEngine.merge(adapter, folder, type, merged -> {});
    beside(adapter.folder(), adapter.tokenizer(), folder);
  }

  private static void demandWhole(Checkpoint checkpoint) {
    List<String> faults = checkpoint.faults();
    if (!faults.isEmpty()) {
      throw new CheckpointException(String.join("\n", faults));
    }
  }

  private static void write(Path states, Path folder, DType type) throws IOException {
    NativeEngine.export(states, folder, type);
    AdapterFolder.copySettings(states, folder);
    beside(states, AdapterFolder.tokenizerOf(states), folder);
  }

  /** What belongs to a model beside its weights. @param tokens folder with the tokenizer */
  private static void beside(Path states, Path tokens, Path folder) throws IOException {
    Provenance record = Provenance.find(states);
    if (record != null) {
      ModelCard.write(folder, record);
    }
    Files.deleteIfExists(folder.resolve(Checksums.NAME)); // what is written below changes files
    Optional<ChatTemplate> template = TemplateFile.saved(states);
    if (template.isEmpty()) {
      ModelFolder.copyTokenizer(tokens, folder);
      return;
    }
    try (Tokenizer tokenizer = Tokenizer.open(Tokenizer.file(tokens))) {
      ModelExtras.of(tokens, template.get(), tokenizer).writeTo(folder);
    }
  }
}
