package ai.dmt.tokenizer;

import java.nio.file.Files;
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
