package ai.dmt.tokenizer;

import ai.dmt.adapter.AdapterFolder;
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
   * {@return ids of a text of its own, without begin and end tokens; empty for the empty text.
   * Unpaired surrogates become U+FFFD}
   *
   * @param text any; control tokens that it spells are ordinary text
   */
  default int[] encode(String text) {
    return encode(text, TextPlace.ALONE);
  }

  /**
   * {@return ids of a text that stands between control tokens; empty for the empty text}
   *
   * @param text any; control tokens that it spells are ordinary text
   * @param place what stands on both sides of it
   */
  default int[] encode(String text, TextPlace place) {
    return encode(text, place, new BitSet()).ids();
  }

  /**
   * Turns a text of which some characters are marked into ids. Marks change no id: a token that
   * stands for marked and other characters is marked.
   *
   * @param text any; control tokens that it spells are ordinary text
   * @param place what stands on both sides of it
   * @param marked by their places in the text, in UTF-16
   * @return its ids, each with its mark
   */
  MarkedIds encode(String text, TextPlace place, BitSet marked);

  /**
   * {@return text of ids as one text of its own: control tokens give nothing, and the space that
   * {@link #encode} puts in front is taken off again. Bytes that are no UTF-8 become U+FFFD}
   *
   * @param ids [tokens], none negative
   * @throws IllegalArgumentException if an id is negative
   */
  String decode(int[] ids);

  /**
   * {@return bytes that a token stands for inside a text, in UTF-8; a character may be spread over
   * several tokens. Empty for control tokens and for ids that no token has, which a model may have
   * more of}
   *
   * @param id of the token, 0 or more
   * @throws IllegalArgumentException if the id is negative
   */
  byte[] bytes(int id);

  /**
   * {@return one more than the greatest id that the tokenizer's files state; {@link #encode} gives
   * ids in [0, vocabSize)}
   */
  int vocabSize();

  /**
   * {@return what is put in front of every text: the begin token, or nothing where none is added}
   */
  int[] beginIds();

  /** {@return what is put behind every text; nothing for nearly all tokenizers} */
  int[] endIds();

  /**
   * {@return id of the begin token, where there is one; it may be one that is not added to texts}
   */
  OptionalInt bosId();

  /** {@return id of the token that ends an answer} */
  int eosId();

  /**
   * {@return control tokens by what they are called, such as {@code <|eot_id|>}; {@link #encode}
   * never gives them. Templates look them up here}
   */
  Map<String, Integer> controlTokens();

  /**
   * {@return tokens that the folder names by their use, such as {@code bos_token}, as they are
   * spelt}
   */
  Map<String, String> namedTokens();

  /**
   * {@return what a user should know of the folder's files, such as two that disagree; mostly
   * empty}
   */
  default List<String> notes() {
    return List.of();
  }

  /** Frees native memory when no call is in flight; harmless to call twice. */
  @Override
  void close();

  /**
   * Loads the tokenizer of a model's folder as transformers does: {@code tokenizer.json}, or where
   * there is none {@code tokenizer.model}, with what the files beside it say. An adapter's folder
   * without either has its base's.
   *
   * @param modelDirectory folder with one of them
   * @return the tokenizer, which the caller closes
   * @throws TokenizerException if there is neither, or if it cannot be read or does not belong to
   *     the model
   */
  static Tokenizer load(Path modelDirectory) {
    return TokenizerFiles.load(modelDirectory);
  }

  /**
   * Loads the tokenizer of an adapter: its own, or else its base's.
   *
   * @param adapter the adapter's folder and its base
   * @return the tokenizer, which the caller closes
   * @throws TokenizerException if there is none, or if it cannot be read or does not belong to the
   *     base
   */
  static Tokenizer load(AdapterFolder adapter) {
    return TokenizerFiles.load(adapter);
  }

  /**
   * Loads one file, and what the files beside it say of its tokens.
   *
   * @param file {@code tokenizer.json}, or a {@code tokenizer.model} of SentencePiece or tiktoken
   * @return the tokenizer, which the caller closes
   * @throws TokenizerException if it cannot be read
   */
  static Tokenizer open(Path file) {
    return LibraryTokenizer.load(file);
  }

  /**
   * {@return the file that {@link #load} reads}
   *
   * @param modelDirectory folder of a model
   * @throws TokenizerException if there is none
   */
  static Path file(Path modelDirectory) {
    return TokenizerFiles.find(modelDirectory);
  }
}
