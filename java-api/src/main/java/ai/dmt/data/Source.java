package ai.dmt.data;

import ai.dmt.internal.text.Faults;
import java.util.List;

/**
 * A named set of samples; losses are reported per source.
 *
 * @param name as in {@link ai.dmt.engine.EngineConfig#sources()}
 * @param samples each with at least one token that carries loss
 */
public record Source(String name, List<EncodedSample> samples) {
  /**
   * Checks the name; copies the list.
   *
   * @param name see {@link #name()}
   * @param samples see {@link #samples()}
   * @throws ai.dmt.config.ConfigException if it is blank
   */
  public Source {
    new Faults("source")
        .require(name != null && !name.isBlank(), "name must not be blank, got \"" + name + "\"")
        .throwIfAny();
    samples = List.copyOf(samples);
  }

  /** {@return the number of tokens that carry loss, of all samples} */
  public long labelTokens() {
    return samples.stream().mapToLong(EncodedSample::labelTokens).sum();
  }

  /** {@return the number of tokens of all samples, as {@link EncodedSample#tokenIds} has them} */
  public long tokens() {
    return samples.stream().mapToLong(sample -> sample.tokenIds().length).sum();
  }
}
