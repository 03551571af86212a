package ai.dmt.run;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.data.ChatTemplate;
import ai.dmt.data.ModelExtras;
import ai.dmt.data.TemplateFile;
import ai.dmt.engine.DType;
import ai.dmt.engine.NativeEngine;
import ai.dmt.internal.files.Checksums;
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

/** A checkpoint's weights as a model folder, with its tokenizer and template. */
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
    List<String> faults = checkpoint.faults();
    if (!faults.isEmpty()) {
      throw new CheckpointException(String.join("\n", faults));
    }
    // The states hold each weight with two moments: more than the model takes in either type.
    OutputFolder.check(output, overwrites, checkpoint.bytes() / 3);
    ModelFolder.write(output, folder -> write(checkpoint.folder(), folder, type));
  }

  private static void write(Path states, Path folder, DType type) throws IOException {
    NativeEngine.export(states, folder, type);
    AdapterFolder.copySettings(states, folder);
    Provenance record = Provenance.find(states);
    if (record != null) {
      ModelCard.write(folder, record);
    }
    Files.deleteIfExists(folder.resolve(Checksums.NAME)); // what is written below changes files
    Optional<ChatTemplate> template = TemplateFile.saved(states);
    if (template.isEmpty()) {
      ModelFolder.copyTokenizer(states, folder);
      return;
    }
    try (Tokenizer tokenizer = Tokenizer.load(states)) {
      ModelExtras.of(states, template.get(), tokenizer).writeTo(folder);
    }
  }
}
