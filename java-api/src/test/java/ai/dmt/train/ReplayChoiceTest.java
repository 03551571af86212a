package ai.dmt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.GradientProducts;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.ModelConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReplayChoiceTest {
  private static final ModelConfig MODEL = ModelConfig.llama(20, 8, 8, 1, 2, 2, 32);
  private static final List<Source> SOURCES =
      List.of(source("math", 40, 1), source("code", 90, 2), source("chat", 50, 3));

  private FakeEngine engine;

  @BeforeEach
  void openEngine() {
    engine =
        FakeEngine.create(
            MODEL, 1, EngineConfig.defaults().withSources(List.of("math", "code", "chat")));
    MicroBatch batch = alone(SOURCES.get(1), 3, 1);
    engine.accumulate(batch, 1.0 / batch.labelTokens());
    engine.apply(0.1); // no two tokens are alike to it any more
  }

  @AfterEach
  void closeEngine() {
    engine.close();
  }

  private static Source source(String name, int samples, int seed) {
    Random random = new Random(seed);
    List<EncodedSample> encoded = new ArrayList<>();
    for (int s = 0; s < samples; s++) {
      int[] tokens = random.ints(3 + random.nextInt(5), 1, 20).toArray();
      boolean[] loss = new boolean[tokens.length];
      loss[1] = true;
      loss[tokens.length - 1] = true;
      encoded.add(new EncodedSample(name + s, Origin.UNKNOWN, tokens, loss));
    }
    return new Source(name, encoded);
  }

  private static MicroBatch alone(Source source, int sample, int number) {
    return SequencePacker.layOut(List.of(new SourcedSample(source.samples().get(sample), number)));
  }

  private static ScheduleBatches batches(double math, double code) {
    return new ScheduleBatches(
        Schedule.of(
            42,
            Counting.stage("one", Portion.fraction("math", 1), Portion.fraction("code", 1)),
            Counting.stage(
                "two",
                Portion.fraction("math", math),
                Portion.fraction("code", code),
                Portion.fraction("chat", 1))),
        SOURCES.stream().map(SampleTable::of).toList(),
        4);
  }

  private Optional<List<ReplayedSamples>> choose(
      ScheduleBatches batches, ReplaySelection by, BooleanSupplier stop) {
    return new ReplayChoice(engine, batches, new TrainingSamples(engine, SOURCES), 64)
        .of(1, List.of("math", "code"), by, stop);
  }

  private List<ReplayedSamples> choose(ScheduleBatches batches, ReplaySelection by) {
    return choose(batches, by, () -> false).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RANDOM")
  void lessIsContainedInMoreAndStepsAreAsMany(ReplaySelection by) {
    ScheduleBatches planned = batches(0.1, 0.2);
    List<ReplayedSamples> less = choose(planned, by);
    List<ReplayedSamples> more = choose(batches(0.5, 0.6), by);
    for (int source = 0; source < 2; source++) {
      List<Integer> samples = less.get(source).samples();
      assertEquals(source == 0 ? 4 : 18, samples.size());
      assertEquals(samples, more.get(source).samples().subList(0, samples.size()));
    }
    ScheduleBatches replaying = planned.replaying(less);
    assertEquals(planned.totalSteps(), replaying.totalSteps());
    assertEquals(planned.stages().get(0).epoch(), replaying.stages().get(0).epoch());
    List<SampleRef> expected = new ArrayList<>();
    for (int source = 0; source < 2; source++) {
      int number = source;
      less.get(source).samples().stream()
          .sorted()
          .forEach(sample -> expected.add(new SampleRef(number, sample)));
    }
    assertEquals(expected, replaying.stages().get(1).epoch().subList(0, expected.size()));
    assertEquals(
        new HashSet<>(planned.stages().get(1).epoch().subList(22, 72)),
        new HashSet<>(replaying.stages().get(1).epoch().subList(22, 72)),
        "what the stage has of its own");
    assertTrue(!planned.stages().get(1).epoch().equals(replaying.stages().get(1).epoch()));
  }

  @Test
  void lossesAreThoseOfASampleAloneTheHighestFirst() {
    ReplayedSamples math = choose(batches(0.5, 0.5), ReplaySelection.LOSS).get(0);
    double least = Double.POSITIVE_INFINITY;
    for (int place = 0; place < math.samples().size(); place++) {
      MicroBatch batch = alone(SOURCES.get(0), math.samples().get(place), 2);
      double loss = engine.evaluate(List.of(batch)).get(2).mean();
      assertEquals(loss, math.scores().get(place));
      assertTrue(loss <= least);
      least = loss;
    }
    for (int sample = 0; sample < 40; sample++) {
      double loss = engine.evaluate(List.of(alone(SOURCES.get(0), sample, 0))).get(0).mean();
      assertTrue(math.samples().contains(sample) || loss <= least, "sample " + sample);
    }
  }

  @Test
  void gradientsAreComparedWithThatOfTheOthers() {
    ReplayedSamples math = choose(batches(0.5, 0.5), ReplaySelection.GRADIENT).get(0);
    for (int place = 0; place < math.samples().size(); place++) {
      int sample = math.samples().get(place);
      List<MicroBatch> others = new ArrayList<>();
      for (int other = 0; other < 40; other++) {
        if (other != sample) {
          others.add(alone(SOURCES.get(0), other, 0));
        }
      }
      GradientProducts products =
          engine.gradientProducts(List.of(others, List.of(alone(SOURCES.get(0), sample, 0))));
      double[][] over = products.over(tensor -> true);
      assertEquals(over[0][1] / Math.sqrt(over[0][0] * over[1][1]), math.scores().get(place), 1e-9);
    }
  }

  @Test
  void gradientsThatAreKeptAreThoseThatWerePlanned() {
    EngineConfig config = EngineConfig.defaults();
    long each = MemoryAccount.keptGradient(MODEL, config);
    assertEquals(MODEL.parameters() * Float.BYTES, each);
    for (double code : new double[] {1, 0.5}) { // all of math is replayed: nothing is compared
      ScheduleBatches batches = batches(1, code);
      choose(batches, ReplaySelection.GRADIENT);
      assertEquals(code == 1 ? 0 : 33, engine.mostKeptGradients());
      assertEquals(
          engine.mostKeptGradients() * each,
          selecting(ReplaySelection.GRADIENT).keptGradientBytes(batches, MODEL, config));
    }
    assertEquals(
        0, selecting(ReplaySelection.LOSS).keptGradientBytes(batches(0.5, 0.5), MODEL, config));
  }

  @Test
  void asManyGradientsAreKeptAsAGibibyteHolds() {
    assertEquals(33, ReplayScores.keptGradients(1000, 1 << 25));
    assertEquals(8, ReplayScores.keptGradients(7, 1 << 25));
    assertEquals(4, ReplayScores.keptGradients(1000, (1 << 30) / 3));
    assertEquals(2, ReplayScores.keptGradients(1000, 1L << 40));
  }

  private static MixtureControl selecting(ReplaySelection by) {
    return new MixtureControl(
        MixtureControl.Stop.NONE, 2, MixtureControl.Replay.FIXED, 0.1, 0.5, 0, by);
  }

  @Test
  void nothingIsChosenWhereTheRanksStopOrAllIsReplayed() {
    for (ReplaySelection by :
        List.of(ReplaySelection.LOSS, ReplaySelection.SIMILARITY, ReplaySelection.GRADIENT)) {
      assertTrue(choose(batches(0.5, 0.5), by, () -> true).isEmpty());
      assertEquals(
          List.of("code"),
          choose(batches(1, 0.5), by).stream().map(ReplayedSamples::source).toList());
      assertEquals(List.of(), choose(batches(1, 0.001), by));
    }
  }

  @Test
  void aScheduleWithoutReplayHasNothingToChoose() {
    MixtureControl control = selecting(ReplaySelection.LOSS);
    Schedule together =
        Schedule.of(
            42, Counting.stage("all", Portion.fraction("math", 1), Portion.fraction("chat", 1)));
    assertTrue(
        assertThrows(ConfigException.class, () -> new MixtureController(control, together))
            .getMessage()
            .startsWith("control.replay_selection=loss: no stage replays a source"));
    Schedule counted =
        Schedule.of(
            42,
            Counting.stage("one", Portion.fraction("math", 1)),
            Counting.stage(
                "two", new Portion("math", new Amount.Count(3)), Portion.fraction("chat", 1)));
    assertTrue(
        assertThrows(ConfigException.class, () -> new MixtureController(control, counted))
            .getMessage()
            .contains("expected a fraction of its samples"));
  }
}
