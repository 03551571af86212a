package ai.dmt.tokenizer;

import ai.dmt.config.JsonFaults;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Finds the tokenizer of a model folder. */
final class TokenizerFiles {
  private TokenizerFiles() {}

  static Tokenizer load(Path modelDirectory) {
    Path sentencePiece = modelDirectory.resolve("tokenizer.model");
    if (Files.exists(sentencePiece)) {
      return SentencePieceTokenizer.load(sentencePiece);
    }
    Path json = modelDirectory.resolve("tokenizer.json");
    if (Files.exists(json)) {
      return JsonTokenizer.load(json);
    }
    throw new TokenizerException(
        modelDirectory + " has neither tokenizer.model nor tokenizer.json");
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
    if (text.codePoints().noneMatch(TokenizerFiles::isSurrogate)) {
      return text;
    }
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().forEach(c -> clean.appendCodePoint(isSurrogate(c) ? 0xFFFD : c));
    return clean.toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
