package ai.dmt.run;

import ai.dmt.data.EncodedSample;
import ai.dmt.tokenizer.IncrementalDecoder;
import ai.dmt.tokenizer.Tokenizer;
import java.util.Locale;

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

  /** Renders at most so many tokens; control tokens appear as {@code <s>} and {@code </s>}. */
  public String render(EncodedSample sample, Tokenizer tokenizer, int maxTokens) {
    StringBuilder text = new StringBuilder();
    IncrementalDecoder decoder = new IncrementalDecoder(tokenizer);
    boolean marked = false;
    int shown = Math.min(maxTokens, sample.tokenIds().length);
    for (int t = 0; t < shown; t++) {
      if (sample.carriesLoss()[t] != marked) {
        text.append(printable(decoder.finish())).append(marked ? end : begin);
        marked = !marked;
      }
      int id = sample.tokenIds()[t];
      if (id == tokenizer.bosId() || id == tokenizer.eosId()) {
        text.append(printable(decoder.finish()));
        text.append(id == tokenizer.bosId() ? "<s>" : "</s>");
      } else {
        text.append(printable(decoder.add(id)));
      }
    }
    text.append(printable(decoder.finish())).append(marked ? end : "");
    int more = sample.tokenIds().length - shown;
    return more == 0 ? text.toString() : text + " ... and %s more tokens".formatted(more);
  }

  /** Control characters of the data must not reach a terminal, which would obey them. */
  static String printable(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c) && c != '\n' && c != '\t') {
                shown.append(String.format(Locale.ROOT, "\\x%02x", c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }
}
