package ai.dmt.tokenizer;

import ai.dmt.checkpoint.SpecialTokenIds;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** Begin and end tokens of a {@code tokenizer.json}, which says nothing of them itself. */
record SpecialTokens(int bos, int eos) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Asks tokenizer_config.json, then the model's own files, then names that are in common use. */
  static SpecialTokens read(TokenizerJson tokenizer, Path folder) throws IOException {
    Path config = folder.resolve("tokenizer_config.json");
    JsonNode settings =
        Files.exists(config) ? JSON.readTree(Files.readAllBytes(config)) : JSON.createObjectNode();
    SpecialTokenIds model = SpecialTokenIds.read(folder);
    OptionalInt modelEos = model.eos().stream().mapToInt(id -> id).min();
    return new SpecialTokens(
        find(tokenizer, settings, "bos_token", model.bos(), List.of("<s>", "<|begin_of_text|>")),
        find(tokenizer, settings, "eos_token", modelEos, List.of("</s>", "<|end_of_text|>")));
  }

  private static int find(
      TokenizerJson tokenizer,
      JsonNode settings,
      String key,
      OptionalInt ofModel,
      List<String> names) {
    JsonNode named = settings.path(key);
    String content = named.isObject() ? named.path("content").asText() : named.asText("");
    OptionalInt stated = tokenizer.id(content);
    if (stated.isPresent()) {
      return stated.getAsInt();
    }
    if (ofModel.isPresent()) {
      return ofModel.getAsInt();
    }
    return names.stream()
        .map(tokenizer::id)
        .filter(OptionalInt::isPresent)
        .mapToInt(OptionalInt::getAsInt)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no %s is stated: tokenizer_config.json beside it should name one"
                        .formatted(key)));
  }
}
