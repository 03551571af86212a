package ai.dmt.tokenizer;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.internal.text.JsonFaults;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Finds the tokenizer of a model folder. */
final class TokenizerFiles {
  private static final String SENTENCE_PIECE = "tokenizer.model";
  private static final String JSON = "tokenizer.json";

  private TokenizerFiles() {}

  static Tokenizer load(Path modelDirectory) {
    return load(find(modelDirectory), AdapterFolder.modelOf(modelDirectory));
  }

  static Tokenizer load(AdapterFolder adapter) {
    return load(find(adapter.tokenizer()), adapter.base());
  }

  private static Tokenizer load(Path file, Path modelDirectory) {
    Tokenizer tokenizer = LibraryTokenizer.load(file);
    try {
      demandRoom(modelDirectory, tokenizer.vocabSize(), file);
      return tokenizer;
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** A model has an id for each token; it may have more, so that its sizes are round. */
  private static void demandRoom(Path modelDirectory, int size, Path file) {
    Path config = modelDirectory.resolve("config.json");
    try {
      JsonNode stated =
          Files.exists(config)
              ? new ObjectMapper().readTree(Files.readAllBytes(config)).path("vocab_size")
              : MissingNode.getInstance();
      if (stated.isInt() && stated.intValue() < size) {
        throw new TokenizerException(
            "%s has vocab_size %s, its tokenizer %s has %s tokens: it does not belong to this model"
                .formatted(config, stated.intValue(), file, size));
      }
    } catch (IOException e) {
      throw unreadable(config, e);
    }
  }

  static Path find(Path folder) {
    Path modelDirectory = AdapterFolder.tokenizerOf(folder);
    for (String name : List.of(JSON, SENTENCE_PIECE)) {
      if (Files.exists(modelDirectory.resolve(name))) {
        return modelDirectory.resolve(name);
      }
    }
    throw new TokenizerException(
        modelDirectory + " has neither " + JSON + " nor " + SENTENCE_PIECE);
  }

  /** The folder that a file is in. */
  static Path folderOf(Path file) {
    return file.toAbsolutePath().resolveSibling("");
  }

  static TokenizerException unreadable(Path file, Exception e) {
    String why = e.getMessage();
    if (e instanceof NoSuchFileException) {
      why = "no such file";
    } else if (e instanceof JsonProcessingException malformed) {
      why = JsonFaults.sentence(malformed);
    }
    return new TokenizerException("%s cannot be read as a tokenizer: %s".formatted(file, why), e);
  }

  /**
   * Java's texts may hold halves of a character, which no UTF-8 can express: they become U+FFFD.
   */
  static String withoutLoneSurrogates(String text) {
    if (!hasSurrogate(text) || text.codePoints().noneMatch(TokenizerFiles::isSurrogate)) {
      return text;
    }
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().forEach(c -> clean.appendCodePoint(isSurrogate(c) ? 0xFFFD : c));
    return clean.toString();
  }

  private static boolean hasSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
