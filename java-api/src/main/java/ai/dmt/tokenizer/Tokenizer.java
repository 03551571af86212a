package ai.dmt.tokenizer;

import java.nio.file.Path;
import java.util.Map;

/**
 * Turns text into token ids and back. Safe for use by several threads.
 *
 * <p>Text stays text: the characters {@code </s>} inside a text become ordinary tokens. Control
 * tokens are put in by a {@link ai.dmt.data.ChatTemplate}, by id.
 */
public interface Tokenizer extends AutoCloseable {
  /**
   * Ids of a text, without begin and end tokens; empty for the empty text. Unpaired surrogates
   * become U+FFFD.
   */
  int[] encode(String text);

  /**
   * Text of ids as one text of its own: control tokens give nothing, and the space that {@link
   * #encode} puts in front is taken off again. Bytes that are no UTF-8 become U+FFFD.
   */
  String decode(int[] ids);

  /**
   * Bytes that a token stands for inside a text, in UTF-8; a character may be spread over several
   * tokens. Empty for control tokens.
   *
   * @throws IllegalArgumentException if the id is outside the vocabulary
   */
  byte[] bytes(int id);

  /** Ids are in [0, vocabSize). */
  int vocabSize();

  /** Id that begins every sequence. */
  int bosId();

  /** Id that ends an answer. */
  int eosId();

  /**
   * Control tokens by what they are called, such as {@code <|eot_id|>}; {@link #encode} never gives
   * them. Templates look them up here.
   */
  Map<String, Integer> controlTokens();

  /** Whether {@link #encode} puts a space in front of the text, as LLaMA's own tokenizer does. */
  boolean addsPrefixSpace();

  /** Frees native memory; harmless to call twice. */
  @Override
  void close();

  /**
   * Loads {@code tokenizer.model}, or where there is none {@code tokenizer.json}, of a model's
   * folder.
   *
   * @throws TokenizerException if there is neither, or if it cannot be read
   */
  static Tokenizer load(Path modelDirectory) {
    return TokenizerFiles.load(modelDirectory);
  }

  /**
   * The file that {@link #load} reads.
   *
   * @throws TokenizerException if there is none
   */
  static Path file(Path modelDirectory) {
    return TokenizerFiles.find(modelDirectory);
  }
}
