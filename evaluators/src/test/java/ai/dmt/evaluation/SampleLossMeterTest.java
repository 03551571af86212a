package ai.dmt.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.TrainingEngine;
import ai.dmt.evaluators.Interval;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SampleLossMeterTest {
  private static final int VOCABULARY = 16;

  private static TrainingEngine engine(List<String> sources) {
    return FakeEngine.create(
        ModelConfig.llama(VOCABULARY, 8, 16, 1, 2, 2, 64),
        7,
        EngineConfig.inference().withSources(sources));
  }

  /** Samples of 2 to 11 tokens; all but the first carry loss. */
  private static List<EncodedSample> samples(int count) {
    List<EncodedSample> samples = new ArrayList<>();
    for (int s = 0; s < count; s++) {
      int[] ids = new int[2 + s % 10];
      boolean[] loss = new boolean[ids.length];
      for (int t = 1; t < ids.length; t++) {
        ids[t] = (s * 7 + t * 3) % VOCABULARY;
        loss[t] = true;
      }
      samples.add(new EncodedSample("s" + s, Origin.UNKNOWN, ids, loss));
    }
    return samples;
  }

  @Test
  void samplesAddUpToTheirSource() {
    List<EncodedSample> samples = samples(150);
    List<SampleLoss> losses =
        new SampleLossMeter(engine(SampleLossMeter.sources()), 32).measure(samples);
    List<SourcedSample> whole = samples.stream().map(s -> new SourcedSample(s, 0)).toList();
    SourceLoss source =
        engine(List.of("all")).evaluate(new SequencePacker(32, 150).pack(whole)).get(0);

    assertEquals(150, losses.size());
    assertEquals(source.lossSum(), losses.stream().mapToDouble(SampleLoss::lossSum).sum(), 1e-9);
    assertEquals(source.labelTokens(), losses.stream().mapToLong(SampleLoss::labelTokens).sum());
    assertEquals("s149", losses.get(149).id());
    assertEquals(samples.get(149).labelTokens(), losses.get(149).labelTokens());
  }

  @Test
  void lossOfASampleDoesNotDependOnTheOthers() {
    List<EncodedSample> samples = samples(100);
    List<SampleLoss> forward =
        new SampleLossMeter(engine(SampleLossMeter.sources()), 32).measure(samples);
    List<EncodedSample> reversed = new ArrayList<>(samples);
    Collections.reverse(reversed);
    List<SampleLoss> backward =
        new SampleLossMeter(engine(SampleLossMeter.sources()), 64).measure(reversed);
    for (int s = 0; s < 100; s++) {
      assertEquals(forward.get(s).lossSum(), backward.get(99 - s).lossSum(), 1e-9);
    }
  }

  @Test
  void engineWithOtherSourcesIsRefused() {
    TrainingEngine engine = engine(List.of("all"));
    assertThrows(IllegalArgumentException.class, () -> new SampleLossMeter(engine, 32));
  }

  @Test
  void meanIsOverLabelTokensAndTheIntervalOverSamples() {
    HeldOutLoss loss =
        new HeldOutLoss(
            Map.of(
                "a", List.of(new SampleLoss("1", 2, 2), new SampleLoss("2", 9, 3)),
                "b", List.of(new SampleLoss("1", 4, 8))));
    assertEquals(11 / 5.0, loss.mean("a"));
    Interval interval = loss.interval("a");
    assertEquals(1, interval.low());
    assertEquals(3, interval.high());
    assertEquals(0.5, loss.interval("b").high());
    assertEquals(
        "a:2",
        loss.report().items().stream().filter(i -> i.score() == 3).findFirst().orElseThrow().id());
  }
}
