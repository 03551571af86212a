package ai.dmt.train;

import ai.dmt.internal.text.Faults;
import java.util.List;

/**
 * The samples of a source that a stage replays, as they were chosen when it began.
 *
 * @param stage name of the stage
 * @param source name of the source
 * @param by what they were chosen by
 * @param samples their ordinals in the source, the highest score first, so that the first of them
 *     are what a smaller share would have
 * @param scores of each, in nats or a cosine
 */
public record ReplayedSamples(
    String stage, String source, ReplaySelection by, List<Integer> samples, List<Double> scores) {
  /**
   * Copies the lists.
   *
   * @param stage not blank
   * @param source not blank
   * @param by not null
   * @param samples different ordinals; at least one
   * @param scores as many
   * @throws ai.dmt.config.ConfigException with every fault, if there is one
   */
  public ReplayedSamples {
    samples = samples == null ? List.of() : List.copyOf(samples);
    scores = scores == null ? List.of() : List.copyOf(scores);
    new Faults("replayed samples")
        .require(stage != null && !stage.isBlank(), "stage must not be blank")
        .require(source != null && !source.isBlank(), "source must not be blank")
        .present("by", by)
        .require(
            !samples.isEmpty()
                && samples.size() == scores.size()
                && samples.stream().distinct().count() == samples.size(),
            "expected different samples with a score each, got %s samples and %s scores"
                .formatted(samples.size(), scores.size()))
        .throwIfAny();
  }
}
