package ai.dmt.tokenizer;

import ai.dmt.config.JsonFaults;
import com.fasterxml.jackson.core.JsonProcessingException;
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
    Path file = find(modelDirectory);
    return file.getFileName().toString().equals(SENTENCE_PIECE)
        ? SentencePieceTokenizer.load(file)
        : JsonTokenizer.load(file);
  }

  static Path find(Path modelDirectory) {
    for (String name : List.of(SENTENCE_PIECE, JSON)) {
      if (Files.exists(modelDirectory.resolve(name))) {
        return modelDirectory.resolve(name);
      }
    }
    throw new TokenizerException(
        modelDirectory + " has neither " + SENTENCE_PIECE + " nor " + JSON);
  }

  static TokenizerException unreadable(Path file, String kind, Exception e) {
    String why = e.getMessage();
    if (e instanceof NoSuchFileException) {
      why = "no such file";
    } else if (e instanceof JsonProcessingException malformed) {
      why = JsonFaults.sentence(malformed);
    }
    return new TokenizerException("%s cannot be read as %s: %s".formatted(file, kind, why), e);
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
