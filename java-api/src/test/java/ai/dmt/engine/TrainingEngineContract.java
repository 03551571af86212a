package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every engine does. The fake passes it too, so that tests with the fake mean something. */
public abstract class TrainingEngineContract extends EngineAnalysisContract {
  @Test
  void lossFallsWhileTraining() {
    TrainingEngine engine = engine();
    double first = train(engine, 1).loss();
    double last = train(engine, 60).loss();
    assertTrue(last < 0.5 * first, first + " -> " + last);
  }

  @Test
  void stepsAreCountedFromOne() {
    TrainingEngine engine = engine();
    assertEquals(1, train(engine, 1).step());
    assertEquals(3, train(engine, 2).step());
  }

  @Test
  void metricsCountTokensAndLabelsOfTheStep() {
    TrainingEngine engine = engine();
    engine.accumulate(COUNTING, 1.0 / 14);
    engine.accumulate(COUNTING, 1.0 / 14);
    StepMetrics metrics = engine.apply(1e-3);
    assertEquals(16, metrics.tokens());
    assertEquals(14, metrics.labelTokens());
    assertEquals(List.of(8L, 6L), metrics.sources().stream().map(SourceLoss::labelTokens).toList());
    assertEquals(
        List.of("math", "code"), metrics.sources().stream().map(SourceLoss::source).toList());
  }

  @Test
  void lossOfTheSourcesAddsUpToTheLossOfTheStep() {
    StepMetrics metrics = train(engine(), 1);
    double sum = metrics.sources().stream().mapToDouble(SourceLoss::lossSum).sum();
    assertEquals(metrics.loss(), sum / metrics.labelTokens(), 1e-6);
  }

  @Test
  void evaluationGivesTheLossThatTrainingReportsNext() {
    TrainingEngine engine = engine();
    List<SourceLoss> evaluated = engine.evaluate(List.of(COUNTING, COUNTING));
    List<SourceLoss> trained = train(engine, 1).sources();
    for (int s = 0; s < 2; s++) {
      assertEquals(trained.get(s).mean(), evaluated.get(s).mean(), 1e-5);
      assertEquals(2 * trained.get(s).labelTokens(), evaluated.get(s).labelTokens());
    }
  }

  @Test
  void resettingTheOptimizerEqualsANewRunFromTheSameWeights() {
    TrainingEngine engine = engine();
    train(engine, 3);
    engine.save(folder.resolve("stage1"), DType.FLOAT32);
    TrainingEngine opened = kept(open(folder.resolve("stage1"), CONFIG));
    engine.resetOptimizer();
    assertEquals(train(opened, 2), train(engine, 2)); // steps 1 and 2 of both
    assertEquals(
        opened.evaluate(List.of(COUNTING)), engine.evaluate(List.of(COUNTING)), "after two steps");
  }

  @Test
  void optimizerIsNotResetWithinAStep() {
    TrainingEngine engine = engine();
    engine.accumulate(COUNTING, 1.0 / 7);
    assertFails(engine::resetOptimizer, "within a step", "apply must come first");
    assertEquals(1, engine.apply(1e-3).step());
  }

  @Test
  void evaluationChangesNothing() {
    TrainingEngine engine = engine();
    List<SourceLoss> before = engine.evaluate(List.of(COUNTING));
    assertEquals(before, engine.evaluate(List.of(COUNTING)));
  }

  @Test
  void twoMicroBatchesOfOneDocumentEqualOneOfTwo() {
    MicroBatch first =
        new MicroBatch(
            new int[] {1, 2, 3, 4, 5},
            new int[] {-100, 3, 4, 5, 6},
            new int[] {0, 5},
            new int[] {0});
    MicroBatch second =
        new MicroBatch(new int[] {1, 2, 3}, new int[] {2, 3, 4}, new int[] {0, 3}, new int[] {1});
    TrainingEngine whole = engine();
    TrainingEngine cut = engine();
    for (int step = 0; step < 3; step++) {
      cut.accumulate(first, 1.0 / 7);
      cut.accumulate(second, 1.0 / 7);
      StepMetrics expected = train(whole, 1);
      StepMetrics actual = cut.apply(1e-2);
      assertEquals(expected.loss(), actual.loss(), 1e-5);
      assertEquals(expected.gradientNorm(), actual.gradientNorm(), 1e-4);
    }
  }

  @Test
  void sameSeedGivesTheSameBits() {
    assertEquals(train(engine(), 5), train(engine(), 5));
  }

  @Test
  void anotherSeedGivesOtherWeights() {
    TrainingEngine other = kept(create(MODEL, 2, CONFIG));
    assertNotEquals(engine().evaluate(List.of(COUNTING)), other.evaluate(List.of(COUNTING)));
  }

  @Test
  void modelAndSourcesAreThoseAskedFor() {
    TrainingEngine engine = engine();
    assertEquals(MODEL, engine.model());
    assertEquals(List.of("math", "code"), engine.sources());
    assertTrue(engine.parameterCount() > 0);
  }

  @Test
  void savedModelGivesTheSameLoss() {
    TrainingEngine engine = engine();
    train(engine, 5);
    engine.save(folder.resolve("saved"), DType.FLOAT32);
    TrainingEngine loaded = kept(open(folder.resolve("saved"), CONFIG));
    assertEquals(engine.evaluate(List.of(COUNTING)), loaded.evaluate(List.of(COUNTING)));
    assertEquals(MODEL.maxPositionEmbeddings(), loaded.model().maxPositionEmbeddings());
  }

  @Test
  void savingReplacesAnOlderModelAndKeepsOtherFiles() throws IOException {
    Path saved = folder.resolve("saved");
    TrainingEngine engine = engine();
    engine.save(saved, DType.FLOAT32);
    Files.writeString(saved.resolve("metrics.jsonl"), "{}\n");
    train(engine, 5);
    engine.save(saved, DType.FLOAT32);
    TrainingEngine loaded = kept(open(saved, CONFIG));
    assertEquals(engine.evaluate(List.of(COUNTING)), loaded.evaluate(List.of(COUNTING)));
    assertEquals("{}\n", Files.readString(saved.resolve("metrics.jsonl")));
  }

  @Test
  void savingToAFileNamesIt() throws IOException {
    Path file = Files.writeString(folder.resolve("taken"), "mine");
    TrainingEngine engine = engine();
    assertFails(() -> engine.save(file, DType.FLOAT32), "taken");
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void openingWhatIsNotThereNamesIt() {
    assertFails(() -> open(folder.resolve("nowhere"), CONFIG), "no such model", "nowhere");
  }

  @Test
  void tokenOutsideTheVocabularyIsNamed() {
    TrainingEngine engine = engine();
    MicroBatch batch = MicroBatch.of(new int[] {1, VOCABULARY}, new int[] {2, -100});
    assertFails(() -> engine.accumulate(batch, 1), "token", "17", "position 1");
    assertFails(() -> engine.evaluate(List.of(batch)), "token", "17");
  }

  @Test
  void labelOutsideTheVocabularyIsNamed() {
    TrainingEngine engine = engine();
    MicroBatch batch = MicroBatch.of(new int[] {1, 2}, new int[] {-1, 99});
    assertFails(() -> engine.accumulate(batch, 0.5), "label", "-1", "position 0");
  }

  @Test
  void documentLongerThanThePositionsIsNamed() {
    TrainingEngine engine = engine();
    MicroBatch batch = MicroBatch.of(new int[POSITIONS + 1], new int[POSITIONS + 1]);
    assertFails(() -> engine.accumulate(batch, 1.0 / 13), "document 0", "13", "12");
  }

  @Test
  void sourceThatIsNoneOfTheSourcesIsNamed() {
    TrainingEngine engine = engine();
    MicroBatch batch =
        new MicroBatch(new int[] {1}, new int[] {2}, new int[] {0, 1}, new int[] {2});
    assertFails(() -> engine.accumulate(batch, 1), "source 2");
  }

  @Test
  void stepWithoutLabelsIsRefused() {
    TrainingEngine engine = engine();
    MicroBatch masked = MicroBatch.of(new int[] {1, 2}, new int[] {-100, -100});
    assertFails(() -> engine.accumulate(masked, 1.0 / masked.labelTokens()), "token_weight");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.5, Double.NaN})
  void weightOfATokenMustBePositive(double weight) {
    TrainingEngine engine = engine();
    assertFails(() -> engine.accumulate(COUNTING, weight), "token_weight");
  }

  @Test
  void weightsOfAStepMustAddUpToOne() {
    TrainingEngine engine = engine();
    assertFails(() -> engine.accumulate(COUNTING, 7), "weigh 49", "must weigh 1");
    engine.accumulate(COUNTING, 0.5 / 7);
    assertFails(() -> engine.apply(1e-2), "weigh 0.5", "must weigh 1");
    assertFails(() -> engine.accumulate(COUNTING, 1.0 / 7), "weigh 1.5 so far");
    engine.accumulate(COUNTING, 0.5 / 7); // what was missing
    assertEquals(14, engine.apply(1e-2).labelTokens());
  }

  @Test
  void weightsDecideWhatIsLearntAndNotWhatIsReported() {
    MicroBatch long4 = MicroBatch.of(new int[] {1, 2, 3, 4}, new int[] {2, 3, 4, 5});
    MicroBatch short1 = MicroBatch.of(new int[] {9}, new int[] {1});
    List<StepMetrics> first = new ArrayList<>();
    double[] lossOfShort = new double[3];
    double[] weights = {0.2, 1.0 / 2, 4.0 / 5}; // of the short one's only token
    for (int w = 0; w < weights.length; w++) {
      TrainingEngine engine = engine();
      for (int step = 0; step < 10; step++) {
        engine.accumulate(long4, (1 - weights[w]) / 4);
        engine.accumulate(short1, weights[w]);
        StepMetrics metrics = engine.apply(1e-2);
        if (step == 0) {
          first.add(metrics);
        }
      }
      lossOfShort[w] = engine.evaluate(List.of(short1)).get(0).lossSum();
    }
    assertTrue(
        lossOfShort[0] > lossOfShort[1] && lossOfShort[1] > lossOfShort[2],
        Arrays.toString(lossOfShort));
    assertEquals(first.get(0).sources(), first.get(1).sources());
    assertEquals(first.get(0).loss(), first.get(2).loss());
    assertNotEquals(first.get(0).gradientNorm(), first.get(1).gradientNorm());
  }

  @Test
  void applyNeedsAnAccumulate() {
    TrainingEngine engine = engine();
    assertFails(() -> engine.apply(1e-3), "accumulate");
    train(engine, 1);
    assertFails(() -> engine.apply(1e-3), "accumulate");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void learningRateMustBeFiniteAndNotNegative(double rate) {
    TrainingEngine engine = engine();
    engine.accumulate(COUNTING, 1.0 / 7);
    assertFails(() -> engine.apply(rate), "learning_rate");
  }

  @Test
  void lossThatIsNotFiniteStopsBeforeTheUpdateAndNamesTheStep() {
    TrainingEngine engine = engine();
    engine.accumulate(COUNTING, 1.0 / 7);
    engine.apply(1e300); // no weight survives this
    engine.accumulate(COUNTING, 1.0 / 7);
    assertFails(() -> engine.apply(1e-3), "step 2", "not finite");
  }

  @Test
  void engineForInferenceRefusesToTrain() {
    EngineConfig config = EngineConfig.inference().withSources(CONFIG.sources());
    TrainingEngine engine = kept(create(MODEL, 1, config));
    assertFails(() -> engine.accumulate(COUNTING, 1.0 / 7), "inference");
    assertFails(() -> engine.apply(1e-3), "inference");
    assertFails(engine::resetOptimizer, "inference");
    assertEquals(2, engine.evaluate(List.of(COUNTING)).size());
  }

  @Test
  void closedEngineThrowsAndSaysWhatWasClosed() {
    TrainingEngine engine = engine();
    engine.close();
    for (Runnable use :
        List.<Runnable>of(
            () -> engine.accumulate(COUNTING, 1.0 / 7),
            () -> engine.apply(1e-3),
            engine::resetOptimizer,
            () -> engine.evaluate(List.of(COUNTING)),
            () -> engine.hiddenStates(COUNTING, Pooling.MEAN),
            () -> engine.attention(COUNTING, engine),
            () -> engine.evaluateWithout(new AttentionHead(0, 0), List.of(COUNTING)),
            () -> engine.openSession(1, 4),
            engine::model,
            engine::parameterCount,
            () -> engine.save(folder.resolve("never"), DType.FLOAT32))) {
      IllegalStateException e = assertThrows(IllegalStateException.class, use::run);
      assertTrue(
          e.getMessage().contains("engine") && e.getMessage().endsWith("is closed"), e::getMessage);
    }
  }

  @Test
  void closingTwiceIsHarmless() {
    TrainingEngine engine = engine();
    GenerationSession session = engine.openSession(1, 4);
    session.close();
    session.close();
    engine.close();
    engine.close();
  }

  @Test
  void closingTheEngineClosesItsSessions() {
    TrainingEngine engine = engine();
    GenerationSession session = engine.openSession(1, 4);
    session.open(new int[] {1}, SamplingConfig.greedy());
    engine.close();
    assertThrows(IllegalStateException.class, session::step);
    session.close();
  }

  @Test
  void twoEnginesLiveSideBySide() {
    TrainingEngine one = engine();
    TrainingEngine two = engine();
    train(one, 3);
    StepMetrics fresh = train(two, 1);
    assertEquals(1, fresh.step());
    assertTrue(fresh.loss() > train(one, 1).loss());
  }

  @Test
  void generationFollowsWhatWasLearnt() {
    TrainingEngine engine = engine();
    train(engine, 150);
    try (GenerationSession session = engine.openSession(2, 8)) {
      int slot = session.open(new int[] {1, 2}, SamplingConfig.greedy());
      assertEquals(3, session.step()[slot]);
      assertEquals(4, session.step()[slot]);
      assertEquals(5, session.step()[slot]);
    }
  }

  @Test
  void tokensOfARequestDoNotDependOnTheOthers() {
    TrainingEngine engine = engine();
    SamplingConfig sampling = new SamplingConfig(1.0, 0.9, 7);
    int[] alone = new int[6];
    try (GenerationSession session = engine.openSession(1, POSITIONS)) {
      int slot = session.open(new int[] {1, 2, 3}, sampling);
      for (int t = 0; t < alone.length; t++) {
        alone[t] = session.step()[slot];
      }
    }
    int[] inCompany = new int[6];
    try (GenerationSession session = engine.openSession(3, POSITIONS)) {
      session.open(new int[] {5}, sampling);
      session.step();
      int slot = session.open(new int[] {1, 2, 3}, sampling);
      session.open(new int[] {9, 8, 7, 6}, sampling.withSeed(3));
      for (int t = 0; t < inCompany.length; t++) {
        inCompany[t] = session.step()[slot];
      }
    }
    assertArrayEquals(alone, inCompany);
  }

  @Test
  void freeSlotsGiveMinusOneAndAreUsedAgain() {
    TrainingEngine engine = engine();
    try (GenerationSession session = engine.openSession(2, 8)) {
      assertArrayEquals(new int[] {-1, -1}, session.step());
      int first = session.open(new int[] {1}, SamplingConfig.greedy());
      int second = session.open(new int[] {2}, SamplingConfig.greedy());
      assertFails(() -> session.open(new int[] {3}, SamplingConfig.greedy()), "2 slots are taken");
      session.close(first);
      int[] tokens = session.step();
      assertEquals(-1, tokens[first]);
      assertTrue(tokens[second] >= 0);
      assertEquals(first, session.open(new int[] {3}, SamplingConfig.greedy()));
      session.close(second);
      assertFails(() -> session.close(second), "slot " + second + " is not open");
    }
  }

  @Test
  void promptMustFitAndBeInTheVocabulary() {
    TrainingEngine engine = engine();
    try (GenerationSession session = engine.openSession(1, 4)) {
      SamplingConfig greedy = SamplingConfig.greedy();
      assertFails(() -> session.open(new int[0], greedy), "0");
      assertFails(() -> session.open(new int[5], greedy), "4", "5");
      assertFails(() -> session.open(new int[] {VOCABULARY}, greedy), "17");
      assertArrayEquals(new int[] {-1}, session.step());
    }
  }

  @Test
  void adapterThatIsNotThereIsNamed() {
    TrainingEngine engine = engine();
    assertEquals(List.of(), engine.adapters());
    try (GenerationSession session = engine.openSession(1, 4)) {
      int[] prompt = {1};
      Optional<String> adapter = Optional.of("math");
      assertFails(
          () -> session.open(prompt, SamplingConfig.greedy(), adapter),
          "there is no adapter \"math\"");
      assertArrayEquals(new int[] {-1}, session.step());
    }
  }

  @Test
  void sessionMustFitIntoThePositions() {
    TrainingEngine engine = engine();
    assertFails(() -> engine.openSession(1, POSITIONS + 1), "13", "12");
    assertFails(() -> engine.openSession(0, 4), "slots", "0");
  }

  @Test
  void requestThatHasUsedItsTokensIsNamed() {
    TrainingEngine engine = engine();
    try (GenerationSession session = engine.openSession(1, 4)) {
      session.open(new int[] {1, 2}, SamplingConfig.greedy());
      session.step();
      session.step();
      session.step(); // this one is chosen from what the last two tokens gave, and is not fed back
      assertFails(session::step, "slot 0", "4 tokens");
    }
  }
}
