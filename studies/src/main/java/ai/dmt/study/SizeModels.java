package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Sha256;
import ai.dmt.model.ModelInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The models of a study's sizes. Samples are tokenised once, so all must have the tokenizer of the
 * study's own model.
 *
 * @param own the study's own model
 * @param bySize what the folder of each size says; empty for a study of one size
 */
record SizeModels(ModelInfo own, Map<String, ModelInfo> bySize) {
  private static final List<String> TOKENIZERS = List.of("tokenizer.model", "tokenizer.json");

  /** Copies the map. */
  SizeModels {
    bySize = Collections.unmodifiableMap(new LinkedHashMap<>(bySize));
  }

  /**
   * Reads the folders.
   *
   * @throws ConfigException if one is no model, or has another tokenizer
   */
  static SizeModels of(StudyDefinition study, ModelInfo own) {
    Map<String, ModelInfo> models = new LinkedHashMap<>();
    if (study.sizes() != null) {
      study
          .sizes()
          .models()
          .forEach(
              (name, folder) -> {
                ModelInfo model = ModelInfo.read(Path.of(folder));
                model.limits().checkCutoff(study.recipe().data().cutoffLen());
                demandTokenizer(name, model, own);
                models.put(name, model);
              });
    }
    return new SizeModels(own, models);
  }

  private static void demandTokenizer(String name, ModelInfo model, ModelInfo own) {
    boolean equal =
        model.vocabSize() == own.vocabSize()
            && TOKENIZERS.stream().anyMatch(file -> isSame(file, model.folder(), own.folder()));
    if (!equal) {
      throw new ConfigException(
          "sizes.models.%s: %s has another tokenizer than %s; sizes are compared on the same tokens"
              .formatted(name, model.folder(), own.folder()));
    }
  }

  private static boolean isSame(String file, Path one, Path other) {
    try {
      return Files.isRegularFile(one.resolve(file))
          && Files.isRegularFile(other.resolve(file))
          && Sha256.of(Files.readAllBytes(one.resolve(file)))
              .equals(Sha256.of(Files.readAllBytes(other.resolve(file))));
    } catch (IOException e) {
      throw new UncheckedIOException("%s of %s cannot be read".formatted(file, one), e);
    }
  }

  /** Parameters of a size; "" is the study's own model. */
  long parameters(String size) {
    ModelInfo model = bySize.get(size);
    return (model == null ? own : model).parameters();
  }

  /** How much a token of a size costs, in tokens of the study's own model. */
  double cost(String size) {
    return (double) parameters(size) / own.parameters();
  }
}
