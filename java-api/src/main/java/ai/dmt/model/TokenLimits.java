package ai.dmt.model;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.EncodedSample;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a model can take in.
 *
 * @param folder of the model
 * @param vocabSize rows of the embedding
 * @param maxPositionEmbeddings longest sequence in tokens
 */
public record TokenLimits(Path folder, int vocabSize, int maxPositionEmbeddings) {
  /**
   * {@return the limits of a folder's model; none, that is {@link Integer#MAX_VALUE} for both,
   * where it holds a tokenizer alone}
   *
   * @param folder with config.json or a tokenizer alone
   * @throws ConfigException if the folder is not there, or its config.json is at fault
   */
  public static TokenLimits of(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ConfigException("there is no model folder %s".formatted(folder));
    }
    return Files.exists(folder.resolve("config.json")) || AdapterFolder.isAdapter(folder)
        ? ModelInfo.limits(folder)
        : new TokenLimits(folder, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /**
   * Demands that samples are not cut at more than the model's limit.
   *
   * @param cutoffLen longest sample in tokens
   * @throws ConfigException if it is more
   */
  public void checkCutoff(int cutoffLen) {
    if (cutoffLen > maxPositionEmbeddings) {
      throw new ConfigException(
          "data.cutoff_len=%s must be at most %s, the model's max_position_embeddings"
              .formatted(cutoffLen, maxPositionEmbeddings));
    }
  }

  /**
   * Demands that all tokens are in the vocabulary.
   *
   * @param sample whose tokens are looked at
   * @throws DataException if one is not
   */
  public void check(EncodedSample sample) {
    for (int id : sample.tokenIds()) {
      if (id < 0 || id >= vocabSize) {
        throw new DataException(
            sample.origin(),
            ("token id %s is outside the model's vocabulary of %s (vocab_size in %s);"
                    + " the tokenizer does not belong to this model")
                .formatted(id, vocabSize, AdapterFolder.modelOf(folder).resolve("config.json")));
      }
    }
  }
}
