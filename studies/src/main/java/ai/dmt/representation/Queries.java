package ai.dmt.representation;

import ai.dmt.config.ConfigException;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What models are asked: prompts of several sources as tokens, source after source.
 *
 * @param sources names
 * @param prompts tokens of each query, up to the model's first word
 * @param classes number of the source of each query
 * @param ids of each query's sample
 */
public record Queries(List<String> sources, List<int[]> prompts, int[] classes, List<String> ids) {
  /** Queries that a source needs, at least: one for each fold of a probe. */
  public static final int LEAST = 5;

  /**
   * Draws the same number of samples of each source.
   *
   * @param sources two or more, each with enough samples
   * @param count of each source
   * @param seed of the draws; the same samples and seed give the same queries
   * @return the queries, source after source
   * @throws ConfigException if a source has fewer, or there is only one source
   */
  public static Queries draw(List<Source> sources, int count, long seed) {
    if (sources.size() < 2) {
      throw new ConfigException(
          "representations are compared between sources: give two or more, got " + sources.size());
    }
    List<int[]> prompts = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    int[] classes = new int[count * sources.size()];
    for (int s = 0; s < sources.size(); s++) {
      Source source = sources.get(s);
      if (source.samples().size() < count) {
        throw new ConfigException(
            "source %s has %s samples, --queries asks for %s"
                .formatted(source.name(), source.samples().size(), count));
      }
      List<EncodedSample> drawn = new ArrayList<>(source.samples());
      Collections.shuffle(drawn, new Random(seed));
      for (EncodedSample sample : drawn.subList(0, count)) {
        classes[prompts.size()] = s;
        prompts.add(prompt(sample));
        ids.add(sample.id());
      }
    }
    return new Queries(sources.stream().map(Source::name).toList(), prompts, classes, ids);
  }

  private static int[] prompt(EncodedSample sample) {
    int end = 0;
    while (!sample.carriesLoss()[end]) { // a source's samples have a token with loss
      end++;
    }
    return Arrays.copyOf(sample.tokenIds(), end);
  }
}
