package ai.dmt.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/** {@code tokenizer.json}, as LLaMA-3 and converted models have it. */
public final class JsonTokenizer implements Tokenizer {
  private final String file;
  private final HuggingFaceTokenizer library;
  private final TokenTable table;
  private final SpecialTokens special;
  private final Map<String, Integer> controlTokens;
  private final boolean addsPrefixSpace;
  private final Function<String, int[]> encoding;
  private volatile boolean closed;

  private JsonTokenizer(Path file, TokenizerJson json) throws IOException {
    this.file = file.toString();
    this.special = SpecialTokens.read(json, file.toAbsolutePath().getParent());
    this.library =
        HuggingFaceTokenizer.newInstance(
            new ByteArrayInputStream(json.withoutControlTokens()),
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
    this.controlTokens = json.controlTokens();
    this.addsPrefixSpace = beginsWithSpace(json);
    this.table = json.table(addsPrefixSpace);
    this.encoding =
        json.hasApartWords()
            ? new WordCache(this::encodeWhole, json.pieces())::encode
            : this::encodeWhole;
  }

  /**
   * Loads a file, and what tokenizer_config.json beside it says of begin and end.
   *
   * @throws TokenizerException if it cannot be read, or is of a kind that is not supported
   */
  public static JsonTokenizer load(Path file) {
    DjlSettings.goOffline();
    try {
      return new JsonTokenizer(file, TokenizerJson.read(file));
    } catch (IOException | RuntimeException e) {
      throw TokenizerFiles.unreadable(file, "a tokenizer", e);
    }
  }

  @Override
  public int[] encode(String text) {
    if (closed) {
      throw new IllegalStateException("the tokenizer of " + file + " is closed");
    }
    if (text.isEmpty()) {
      return new int[0]; // the library may put a space in front even of nothing
    }
    return encoding.apply(TokenizerFiles.withoutLoneSurrogates(text));
  }

  private int[] encodeWhole(String text) {
    long[] ids = library.encode(text, false, false).getIds();
    int[] narrow = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      narrow[i] = (int) ids[i];
    }
    return narrow;
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
    return special.bos();
  }

  @Override
  public int eosId() {
    return special.eos();
  }

  @Override
  public Map<String, Integer> controlTokens() {
    return controlTokens;
  }

  @Override
  public boolean addsPrefixSpace() {
    return addsPrefixSpace;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      library.close();
    }
  }

  private boolean beginsWithSpace(TokenizerJson json) {
    String[] tokens = library.encode("x", false, false).getTokens();
    return tokens.length > 0 && json.isPrefixSpace(tokens[0]);
  }
}
