package ai.dmt.run;

import ai.dmt.data.EncodedSample;
import ai.dmt.internal.text.Printable;
import ai.dmt.tokenizer.IncrementalDecoder;
import ai.dmt.tokenizer.Tokenizer;

/**
 * A sample as text, with the parts that carry loss between marks.
 *
 * @param begin put before each such part
 * @param end put after it
 */
public record SampleText(String begin, String end) {
  /** Marks for files and pipes. */
  public static final SampleText BRACKETS = new SampleText("[[", "]]");

  /** Marks for terminals: green. */
  public static final SampleText COLOUR = new SampleText("\u001b[32m", "\u001b[0m");

  /**
   * Renders at most so many tokens; control characters are escaped, control tokens appear as {@code
   * <s>} and {@code </s>}.
   *
   * @param sample to show
   * @param tokenizer of the model that the sample was encoded for
   * @param maxTokens most tokens that are shown, from the sample's first
   * @return the text, without a line end of its own
   */
  public String render(EncodedSample sample, Tokenizer tokenizer, int maxTokens) {
    StringBuilder text = new StringBuilder();
    IncrementalDecoder decoder = new IncrementalDecoder(tokenizer);
    boolean marked = false;
    int shown = Math.min(maxTokens, sample.tokenIds().length);
    for (int t = 0; t < shown; t++) {
      if (sample.carriesLoss()[t] != marked) {
        text.append(Printable.text(decoder.finish())).append(marked ? end : begin);
        marked = !marked;
      }
      int id = sample.tokenIds()[t];
      boolean begins = tokenizer.bosId().stream().anyMatch(bos -> bos == id);
      if (begins || id == tokenizer.eosId()) {
        text.append(Printable.text(decoder.finish()));
        text.append(begins ? "<s>" : "</s>");
      } else {
        text.append(Printable.text(decoder.add(id)));
      }
    }
    text.append(Printable.text(decoder.finish())).append(marked ? end : "");
    int more = sample.tokenIds().length - shown;
    return more == 0 ? text.toString() : text + " ... and %s more tokens".formatted(more);
  }
}
