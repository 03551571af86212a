package ai.dmt.representation;

import ai.dmt.config.ConfigException;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What models are asked: prompts of several sources as tokens, source after source.
 *
 * @param sources names
 * @param prompts tokens of each query, up to the model's first word
 * @param classes number of the source of each query
 * @param abilities number of the source whose ability each query asks for: mostly its own
 * @param openings number of the words that each query begins with: its type, whatever it is about
 * @param ids of each query's sample
 */
public record Queries(
    List<String> sources,
    List<int[]> prompts,
    int[] classes,
    int[] abilities,
    int[] openings,
    List<String> ids) {
  /** Queries that a source needs, at least: one for each fold of a probe. */
  public static final int LEAST = 5;

  private static final int OPENING_TOKENS = 3;

  /**
   * Draws the same number of samples of each source.
   *
   * @param sources two or more, each with enough samples
   * @param tags which ability a sample asks for
   * @param count of each source
   * @param seed of the draws; the same samples and seed give the same queries
   * @return the queries, source after source
   * @throws ConfigException if a source has fewer, or there is only one source
   */
  public static Queries draw(List<Source> sources, AbilityTags tags, int count, long seed) {
    if (sources.size() < 2) {
      throw new ConfigException(
          "representations are compared between sources: give two or more, got " + sources.size());
    }
    List<String> names = sources.stream().map(Source::name).toList();
    List<int[]> prompts = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    int[] classes = new int[count * sources.size()];
    int[] abilities = new int[classes.length];
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
        abilities[prompts.size()] = names.indexOf(tags.of(sample, source.name()));
        prompts.add(prompt(sample));
        ids.add(sample.id());
      }
    }
    return new Queries(names, prompts, classes, abilities, openings(prompts), ids);
  }

  private static int[] prompt(EncodedSample sample) {
    int end = 0;
    while (!sample.carriesLoss()[end]) { // a source's samples have a token with loss
      end++;
    }
    return Arrays.copyOf(sample.tokenIds(), end);
  }

  /** Queries of one opening have the first tokens in common after what all of them begin with. */
  private static int[] openings(List<int[]> prompts) {
    int[] first = prompts.get(0);
    int common = first.length;
    for (int[] prompt : prompts) {
      int mismatch = Arrays.mismatch(first, prompt);
      common = mismatch < 0 ? common : Math.min(common, mismatch);
    }
    Map<String, Integer> numbers = new HashMap<>();
    int[] openings = new int[prompts.size()];
    for (int q = 0; q < openings.length; q++) {
      int[] prompt = prompts.get(q);
      int[] words =
          Arrays.copyOfRange(
              prompt,
              Math.min(common, prompt.length),
              Math.min(common + OPENING_TOKENS, prompt.length));
      openings[q] = numbers.computeIfAbsent(Arrays.toString(words), each -> numbers.size());
    }
    return openings;
  }
}
