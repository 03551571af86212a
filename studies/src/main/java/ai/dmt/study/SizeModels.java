package ai.dmt.study;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.AdapterShapes;
import ai.dmt.engine.ModelConfig;
import ai.dmt.internal.files.Sha256;
import ai.dmt.model.ModelInfo;
import ai.dmt.recipe.AdapterRecipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
    SizeModels all = new SizeModels(own, models);
    all.demandRanks(study);
    return all;
  }

  /** An adapter that no matrix has place for would fail in the middle of the study. */
  private void demandRanks(StudyDefinition study) {
    LoraRecipe lora = study.lora();
    if (lora == null) {
      return;
    }
    ModelConfig shape = ModelInfo.shape(own.folder());
    for (int rank : lora.ranks()) {
      List<String> faults = AdapterShapes.faults(shape, lora.adapter(rank).config(0));
      if (!faults.isEmpty()) {
        throw new ConfigException("lora.ranks: " + String.join("\n", faults));
      }
    }
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

  /** Parameters of an adapter beside the study's own model. */
  long trained(LoraRecipe lora, int rank) {
    AdapterRecipe adapter = lora.adapter(rank);
    return AdapterShapes.parameters(ModelInfo.shape(own.folder()), adapter.config(0));
  }

  /** What a node's folder holds the weights of. */
  long saved(StudyDefinition study, StageNode node) {
    return node.loraRank() == LoraRecipe.FULL
        ? parameters(node.size())
        : trained(Objects.requireNonNull(study.lora(), "lora"), node.loraRank());
  }

  /** How much a token of a size costs, in tokens of the study's own model. */
  double cost(String size) {
    return (double) parameters(size) / own.parameters();
  }
}
