package ai.dmt.tokenizer;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Turns text into token ids and back. Several threads may use one at once. {@link #close} waits for
 * calls in flight; {@link #encode} and {@link #decode} throw {@link IllegalStateException} from
 * then on, while what was loaded with the vocabulary can still be asked for.
 *
 * <p>Text stays text: the characters {@code </s>} inside a text become ordinary tokens. Control
 * tokens are put in by a {@link ai.dmt.data.ChatTemplate}, by id.
 */
public interface Tokenizer extends AutoCloseable {
  /**
   * Ids of a text of its own, without begin and end tokens; empty for the empty text. Unpaired
   * surrogates become U+FFFD.
   */
  default int[] encode(String text) {
    return encode(text, TextPlace.ALONE);
  }

  /** Ids of a text that stands between control tokens; empty for the empty text. */
  default int[] encode(String text, TextPlace place) {
    return encode(text, place, new BitSet()).ids();
  }

  /**
   * Ids of a text of which some characters are marked. Marks change no id: a token that stands for
   * marked and other characters is marked.
   *
   * @param marked by their places in the text, in UTF-16
   */
  MarkedIds encode(String text, TextPlace place, BitSet marked);

  /**
   * Text of ids as one text of its own: control tokens give nothing, and the space that {@link
   * #encode} puts in front is taken off again. Bytes that are no UTF-8 become U+FFFD.
   */
  String decode(int[] ids);

  /**
   * Bytes that a token stands for inside a text, in UTF-8; a character may be spread over several
   * tokens. Empty for control tokens and for ids that no token has, which a model may have more of.
   *
   * @throws IllegalArgumentException if the id is negative
   */
  byte[] bytes(int id);

  /** Ids are in [0, vocabSize). */
  int vocabSize();

  /** What is put in front of every text: the begin token, or nothing where none is added. */
  int[] beginIds();

  /** What is put behind every text; nothing for nearly all tokenizers. */
  int[] endIds();

  /** Id of the begin token, where there is one; it may be one that is not added to texts. */
  OptionalInt bosId();

  /** Id that ends an answer. */
  int eosId();

  /**
   * Control tokens by what they are called, such as {@code <|eot_id|>}; {@link #encode} never gives
   * them. Templates look them up here.
   */
  Map<String, Integer> controlTokens();

  /** Tokens that the folder names by their use, such as {@code bos_token}, as they are spelt. */
  Map<String, String> namedTokens();

  /** What a user should know of the folder's files, such as two that disagree; mostly empty. */
  default List<String> notes() {
    return List.of();
  }

  /** Frees native memory when no call is in flight; harmless to call twice. */
  @Override
  void close();

  /**
   * Loads the tokenizer of a model's folder as transformers does: {@code tokenizer.json}, or where
   * there is none {@code tokenizer.model}, with what the files beside it say.
   *
   * @throws TokenizerException if there is neither, or if it cannot be read or does not belong to
   *     the model
   */
  static Tokenizer load(Path modelDirectory) {
    return TokenizerFiles.load(modelDirectory);
  }

  /**
   * Loads one file, and what the files beside it say of its tokens.
   *
   * @param file {@code tokenizer.json}, or a {@code tokenizer.model} of SentencePiece or tiktoken
   * @throws TokenizerException if it cannot be read
   */
  static Tokenizer open(Path file) {
    return LibraryTokenizer.load(file);
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
