package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.TrainingEngine;
import java.util.ArrayList;
import java.util.List;

/** Samples of sources with the engine's number of each source. */
final class TrainingSamples {
  /** Samples that are packed together for evaluation. */
  private static final int EVALUATION_WINDOW = 256;

  private final List<Source> sources;
  private final int[] numbers; // [sources], the engine's

  TrainingSamples(TrainingEngine engine, List<Source> sources) {
    this.sources = List.copyOf(sources);
    this.numbers = new int[sources.size()];
    for (int s = 0; s < numbers.length; s++) {
      numbers[s] = engine.sources().indexOf(sources.get(s).name());
      if (numbers[s] < 0) {
        throw new ConfigException(
            "source \"%s\" is none of the engine's sources %s"
                .formatted(sources.get(s).name(), engine.sources()));
      }
    }
  }

  List<SourcedSample> of(List<SampleRef> places) {
    List<SourcedSample> samples = new ArrayList<>(places.size());
    for (SampleRef place : places) {
      samples.add(
          new SourcedSample(
              sources.get(place.source()).samples().get(place.sample()), numbers[place.source()]));
    }
    return samples;
  }

  /** All of them for evaluation; none if there are no sources. */
  List<MicroBatch> packed(int maxTokens) {
    List<SourcedSample> all = new ArrayList<>();
    for (int s = 0; s < numbers.length; s++) {
      int number = numbers[s];
      sources.get(s).samples().forEach(sample -> all.add(new SourcedSample(sample, number)));
    }
    return new SequencePacker(maxTokens, EVALUATION_WINDOW).pack(all);
  }
}
