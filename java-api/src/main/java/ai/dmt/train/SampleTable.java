package ai.dmt.train;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Source;
import ai.dmt.internal.text.Faults;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule needs to know of a source: how many samples it has, a key for each, and how long
 * they are. Made from data, or from a count alone to plan without data.
 */
public final class SampleTable {
  private final String name;
  private final int size;
  private final long @Nullable [] keys; // null: the ordinals
  private final int @Nullable [] tokens; // null: unknown
  private final int @Nullable [] labelTokens;

  private SampleTable(
      String name,
      int size,
      long @Nullable [] keys,
      int @Nullable [] tokens,
      int @Nullable [] labelTokens) {
    this.name = name;
    this.size = size;
    this.keys = keys;
    this.tokens = tokens;
    this.labelTokens = labelTokens;
  }

  /**
   * {@return the table of a source's samples; their keys come from their ids, so they survive a
   * change of order}
   *
   * @param source whose samples are measured
   */
  public static SampleTable of(Source source) {
    List<EncodedSample> samples = source.samples();
    long[] keys = new long[samples.size()];
    int[] tokens = new int[samples.size()];
    int[] labels = new int[samples.size()];
    for (int s = 0; s < samples.size(); s++) {
      EncodedSample sample = samples.get(s);
      keys[s] = key(sample.id());
      tokens[s] = sample.tokenIds().length;
      labels[s] = sample.labelTokens();
    }
    return new SampleTable(source.name(), samples.size(), keys, tokens, labels);
  }

  /**
   * {@return the table of a source of which only the size is known; ordinals serve as keys}
   *
   * @param name of the source
   * @param samples it has, at least 0
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public static SampleTable counted(String name, int samples) {
    new Faults("source \"" + name + "\"").notNegative("samples", samples).throwIfAny();
    return new SampleTable(name, samples, null, null, null);
  }

  /** {@return the name of the source} */
  public String name() {
    return name;
  }

  /** {@return how many samples the source has} */
  public int size() {
    return size;
  }

  /** {@return whether lengths are known} */
  public boolean hasTokens() {
    return tokens != null;
  }

  /**
   * {@return the identity of a sample; equal ids give equal keys}
   *
   * @param sample its ordinal, in [0, size)
   */
  public long key(int sample) {
    return keys == null ? sample : keys[sample];
  }

  /**
   * {@return the size of a sample; 1 in {@link Measure#SAMPLES}}
   *
   * @param sample its ordinal, in [0, size)
   * @param measure what is counted; tokens only where {@link #hasTokens()}
   * @throws IllegalStateException if it is tokens, and lengths are not known
   */
  public int length(int sample, Measure measure) {
    return switch (measure) {
      case SAMPLES -> 1;
      case TOKENS -> known(tokens)[sample];
      case LABEL_TOKENS -> known(labelTokens)[sample];
    };
  }

  /**
   * {@return the size of the source, all samples together}
   *
   * @param measure what is counted; tokens only where {@link #hasTokens()}
   * @throws IllegalStateException if it is tokens, and lengths are not known
   */
  public long total(Measure measure) {
    if (measure == Measure.SAMPLES) {
      return size;
    }
    long sum = 0;
    for (int s = 0; s < size; s++) {
      sum += length(s, measure);
    }
    return sum;
  }

  private int[] known(int @Nullable [] lengths) {
    if (lengths == null) {
      throw new IllegalStateException(
          "source \"%s\": its tokens are not known without its data".formatted(name));
    }
    return lengths;
  }

  /** FNV-1a over UTF-16, so the same with every Java version. */
  static long key(String id) {
    long hash = 0xcbf29ce484222325L;
    for (int c = 0; c < id.length(); c++) {
      hash = (hash ^ id.charAt(c)) * 0x100000001b3L;
    }
    return hash;
  }
}
