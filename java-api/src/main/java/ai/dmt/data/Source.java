package ai.dmt.data;

import ai.dmt.config.Faults;
import java.util.List;

/**
 * A named set of samples; losses are reported per source.
 *
 * @param name as in {@link ai.dmt.engine.EngineConfig#sources()}
 * @param samples each with at least one token that carries loss
 */
public record Source(String name, List<EncodedSample> samples) {
  /** Checks the name; copies the list. */
  public Source {
    new Faults("source")
        .require(name != null && !name.isBlank(), "name must not be blank, got \"" + name + "\"")
        .throwIfAny();
    samples = List.copyOf(samples);
  }

  /** Tokens that carry loss, of all samples. */
  public long labelTokens() {
    return samples.stream().mapToLong(EncodedSample::labelTokens).sum();
  }

  /** Tokens of all samples. */
  public long tokens() {
    return samples.stream().mapToLong(sample -> sample.tokenIds().length).sum();
  }
}
