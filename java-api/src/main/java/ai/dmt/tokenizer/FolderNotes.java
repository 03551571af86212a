package ai.dmt.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Says where the files of a folder disagree: which one counts, and what the other one says. */
final class FolderNotes {
  private FolderNotes() {}

  /**
   * Notes on a folder.
   *
   * @param file the tokenizer's, which counts
   * @param vocabulary ids of its model's tokens
   * @param added its other tokens
   */
  static List<String> of(
      Path file, Map<String, Integer> vocabulary, AddedVocabulary added, FolderSettings settings)
      throws IOException {
    List<String> notes = new ArrayList<>();
    Path model = file.toAbsolutePath().resolveSibling("tokenizer.model");
    if (!file.toAbsolutePath().equals(model) && Files.exists(model)) {
      String difference = difference(Files.readAllBytes(model), vocabulary, added);
      if (!difference.isEmpty()) {
        notes.add(
            "%s is used, as in transformers; %s beside it %s"
                .formatted(file, model.getFileName(), difference));
      }
    } else if (Files.exists(model) && !settings.isStated()) {
      notes.add(
          ("%s has no tokenizer_config.json: it is used as SentencePiece does, with a begin token;"
                  + " transformers 5 puts neither that nor a space in front")
              .formatted(file));
    }
    for (Map.Entry<String, JsonNode> token : settings.addedTokens().properties()) {
      int id = added.id(token.getKey()).orElse(-1);
      if (id != token.getValue().asInt(-1)) {
        notes.add(
            "%s is used, as in transformers; added_tokens.json beside it gives \"%s\" the id %s, not %s"
                .formatted(file, token.getKey(), token.getValue(), id < 0 ? "none" : id));
        return notes; // one is enough
      }
    }
    return notes;
  }

  /** What a tokenizer.model says otherwise; empty if nothing. */
  private static String difference(
      byte[] bytes, Map<String, Integer> vocabulary, AddedVocabulary added) {
    if (TiktokenFile.looksSo(bytes)) {
      return ""; // as LLaMA-3's authors ship it: control tokens are in no such file
    }
    List<String> pieces;
    try {
      pieces = SentencePieceFile.parse(bytes).pieces();
    } catch (IllegalArgumentException e) {
      return "cannot be read: " + e.getMessage();
    }
    Map<Integer, String> tokens = new HashMap<>();
    vocabulary.forEach((token, id) -> tokens.put(id, token));
    added.tokens().forEach((id, token) -> tokens.put(id, token.content()));
    for (int id = 0; id < pieces.size(); id++) {
      if (!pieces.get(id).equals(tokens.get(id))) {
        return "has \"%s\" for the id %s, not \"%s\"".formatted(pieces.get(id), id, tokens.get(id));
      }
    }
    int more = tokens.size() - pieces.size();
    return more == 0
        ? ""
        : "has %s tokens, %s fewer, such as \"%s\""
            .formatted(pieces.size(), more, tokens.get(pieces.size()));
  }
}
