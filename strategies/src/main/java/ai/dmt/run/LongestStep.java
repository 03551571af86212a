package ai.dmt.run;

import ai.dmt.data.GlobalBatch;
import ai.dmt.data.SourcedSample;
import ai.dmt.train.Measure;
import ai.dmt.train.Rank;
import ai.dmt.train.SampleRef;
import ai.dmt.train.ScheduleTraining;
import ai.dmt.train.StageBatches;
import ai.dmt.train.StepPart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The micro-batch of a schedule that takes most, as far as lengths tell. */
final class LongestStep {
  private final PreparedSchedule prepared;
  private List<SampleRef> mostTokens = List.of();
  private List<SampleRef> longestSample = List.of();

  LongestStep(PreparedSchedule prepared) {
    this.prepared = prepared;
    long most = -1;
    long longest = -1;
    for (StageBatches stage : prepared.batches().stages()) {
      for (long step = 0; step < stage.steps(); step++) {
        List<SampleRef> samples = stage.samplesOf(step);
        long tokens = samples.stream().mapToLong(this::length).sum();
        long longestHere = samples.stream().mapToLong(this::length).max().orElse(0);
        if (tokens > most) {
          most = tokens;
          mostTokens = samples;
        }
        if (longestHere > longest) {
          longest = longestHere;
          longestSample = samples;
        }
      }
    }
  }

  private long length(SampleRef ref) {
    return prepared.tables().get(ref.source()).length(ref.sample(), Measure.TOKENS);
  }

  /** The largest part of a rank in the step with most tokens or the one with the longest sample. */
  Optional<StepPart> of(Rank rank) {
    ScheduleTraining training = prepared.training();
    List<StepPart> parts = new ArrayList<>();
    for (List<SampleRef> step : List.of(mostTokens, longestSample)) {
      GlobalBatch batch = new GlobalBatch(step.stream().map(this::sample).toList());
      parts.addAll(training.packing().cut(batch, rank, training.limits()));
    }
    return parts.stream().max(Comparator.comparingInt(part -> part.microBatch().tokens()));
  }

  /** The engine numbers sources in the recipe's order, as schedules do. */
  private SourcedSample sample(SampleRef ref) {
    return new SourcedSample(
        prepared.sources().get(ref.source()).train().samples().get(ref.sample()), ref.source());
  }
}
