package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.EncodedSample;
import ai.dmt.recipe.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a model can take in.
 *
 * @param folder of the model
 * @param vocabSize rows of the embedding
 * @param maxPositionEmbeddings longest sequence in tokens
 */
record TokenLimits(Path folder, int vocabSize, int maxPositionEmbeddings) {
  /**
   * The limits of a recipe's model; none where its folder holds a tokenizer alone.
   *
   * @throws ConfigException if the folder is not there, its config.json is at fault, or samples may
   *     be longer than the model's limit
   */
  static TokenLimits of(Recipe recipe) {
    if (recipe.model().isBlank()) {
      throw new ConfigException("model is not set; give model=FOLDER");
    }
    Path folder = Path.of(recipe.model());
    if (!Files.isDirectory(folder)) {
      throw new ConfigException("there is no model folder %s".formatted(folder));
    }
    TokenLimits limits =
        Files.exists(folder.resolve("config.json"))
            ? ModelInfo.limits(folder)
            : new TokenLimits(folder, Integer.MAX_VALUE, Integer.MAX_VALUE);
    limits.checkCutoff(recipe);
    return limits;
  }

  /** Demands that samples are not cut at more than the model's limit. */
  void checkCutoff(Recipe recipe) {
    if (recipe.data().cutoffLen() > maxPositionEmbeddings) {
      throw new ConfigException(
          "data.cutoff_len=%s must be at most %s, the model's max_position_embeddings"
              .formatted(recipe.data().cutoffLen(), maxPositionEmbeddings));
    }
  }

  /**
   * Demands that all tokens are in the vocabulary.
   *
   * @throws DataException if one is not
   */
  void check(EncodedSample sample) {
    for (int id : sample.tokenIds()) {
      if (id < 0 || id >= vocabSize) {
        throw new DataException(
            sample.origin(),
            ("token id %s is outside the model's vocabulary of %s (vocab_size in %s);"
                    + " the tokenizer does not belong to this model")
                .formatted(id, vocabSize, folder.resolve("config.json")));
      }
    }
  }
}
