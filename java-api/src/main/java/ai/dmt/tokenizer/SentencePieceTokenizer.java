package ai.dmt.tokenizer;

import ai.djl.sentencepiece.SpProcessor;
import ai.djl.sentencepiece.SpTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/** {@code tokenizer.model}, as LLaMA-1 and LLaMA-2 have it. */
public final class SentencePieceTokenizer implements Tokenizer {
  private final String file;
  private final SpTokenizer library;
  private final SentencePieceModel model;
  private final TokenTable table;
  private final Function<String, int[]> encoding;
  private volatile boolean closed;

  private SentencePieceTokenizer(Path file, byte[] bytes) {
    this.file = file.toString();
    this.model = SentencePieceModel.parse(bytes);
    this.table = model.table();
    this.library = new SpTokenizer(bytes);
    SpProcessor processor = library.getProcessor();
    this.encoding =
        model.hasApartWords()
            ? new WordCache(processor::encode, model.pieces())::encode
            : processor::encode;
  }

  /**
   * Loads a file.
   *
   * @throws TokenizerException if it cannot be read, or is no SentencePiece model
   */
  public static SentencePieceTokenizer load(Path file) {
    DjlSettings.goOffline();
    try {
      return new SentencePieceTokenizer(file, Files.readAllBytes(file));
    } catch (IOException | RuntimeException e) {
      throw TokenizerFiles.unreadable(file, "a SentencePiece model", e);
    }
  }

  @Override
  public int[] encode(String text) {
    if (closed) {
      throw new IllegalStateException("the tokenizer of " + file + " is closed");
    }
    return encoding.apply(TokenizerFiles.withoutLoneSurrogates(text));
  }

  @Override
  public String decode(int[] ids) {
    return table.decode(ids);
  }

  @Override
  public byte[] bytes(int id) {
    return table.bytes(id);
  }

  @Override
  public int vocabSize() {
    return table.size();
  }

  @Override
  public int bosId() {
    return model.bosId();
  }

  @Override
  public int eosId() {
    return model.eosId();
  }

  @Override
  public Map<String, Integer> controlTokens() {
    return model.controlTokens();
  }

  @Override
  public boolean addsPrefixSpace() {
    return model.addsPrefixSpace();
  }

  @Override
  public void close() {
    if (!closed) { // the library crashes when it is closed twice
      closed = true;
      library.close();
    }
  }
}
