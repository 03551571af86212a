package ai.dmt.plan;

import ai.dmt.internal.text.Units;
import ai.dmt.train.Measure;
import ai.dmt.train.SampleTable;
import java.util.List;

/**
 * How long the samples of a run are.
 *
 * @param mean tokens of a sample that go through the model
 * @param ofToken tokens of the sample that a token is in, on average over tokens: what its
 *     attention costs follows from it
 * @param labelShare share of tokens that carry loss, in (0, 1]
 * @param basis what they rest on, for people
 */
public record SampleLengths(double mean, double ofToken, double labelShare, String basis) {
  /**
   * {@return the lengths of data that was read}
   *
   * @param tables of all sources, with tokens
   */
  public static SampleLengths of(List<SampleTable> tables) {
    double samples = 0;
    double tokens = 0;
    double squares = 0;
    double labels = 0;
    for (SampleTable table : tables) {
      for (int s = 0; s < table.size(); s++) {
        double length = table.length(s, Measure.TOKENS) - 1.0; // the last is a label alone
        samples++;
        tokens += length;
        squares += length * length;
        labels += table.length(s, Measure.LABEL_TOKENS);
      }
    }
    return new SampleLengths(
        tokens / samples,
        squares / tokens,
        labels / tokens,
        Units.format("%.1f tokens a sample, read from the data", tokens / samples));
  }

  /**
   * {@return lengths where no data was read}
   *
   * @param tokens of each sample, at least 1
   * @param basis who says so, for people
   */
  public static SampleLengths assumed(double tokens, String basis) {
    return new SampleLengths(
        tokens, tokens, 1, Units.format("%,.0f tokens a sample, %s", tokens, basis));
  }
}
