package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every engine says of a model: gradients, hidden states, attention. The rest of the contract
 * stands on the same small model.
 */
public abstract class EngineAnalysisContract {
  /** Vocabulary of the model that the tests make. */
  protected static final int VOCABULARY = 17;

  /** Longest document of that model. */
  protected static final int POSITIONS = 12;

  protected static final ModelConfig MODEL =
      ModelConfig.llama(VOCABULARY, 16, 24, 2, 4, 2, POSITIONS).withInitializerRange(0.1);

  protected static final EngineConfig CONFIG =
      EngineConfig.defaults().withSources(List.of("math", "code"));

  /** Counting: token n is followed by n + 1. The first label is not trained on. */
  static final MicroBatch COUNTING =
      new MicroBatch(
          new int[] {1, 2, 3, 4, 5, 1, 2, 3},
          new int[] {-100, 3, 4, 5, 6, 2, 3, 4},
          new int[] {0, 5, 8},
          new int[] {0, 1});

  @TempDir Path folder;
  private final List<TrainingEngine> opened = new ArrayList<>();

  /** A model with fresh weights. */
  protected abstract TrainingEngine create(ModelConfig model, long seed, EngineConfig config);

  /** A model that was saved. */
  protected abstract TrainingEngine open(Path directory, EngineConfig config);

  final TrainingEngine engine() {
    return kept(create(MODEL, 1, CONFIG));
  }

  /** To be closed after the test. */
  final TrainingEngine kept(TrainingEngine engine) {
    opened.add(engine);
    return engine;
  }

  @AfterEach
  void closeAll() {
    opened.forEach(TrainingEngine::close);
  }

  static StepMetrics train(TrainingEngine engine, int steps) {
    StepMetrics metrics = null;
    for (int s = 0; s < steps; s++) {
      engine.accumulate(COUNTING, 1.0 / COUNTING.labelTokens());
      metrics = engine.apply(1e-2);
    }
    return metrics;
  }

  /** Of a mean over label tokens: COUNTING has 7, and FIRST are 4 of them. */
  @Test
  void gradientsOfSetsAreThoseOfTheirMeanLosses() {
    TrainingEngine engine = engine();
    MicroBatch first =
        new MicroBatch(
            new int[] {1, 2, 3, 4, 5},
            new int[] {-100, 3, 4, 5, 6},
            new int[] {0, 5},
            new int[] {0});
    MicroBatch rest =
        new MicroBatch(new int[] {1, 2, 3}, new int[] {2, 3, 4}, new int[] {0, 3}, new int[] {1});
    double[][] products =
        engine
            .gradientProducts(List.of(List.of(COUNTING), List.of(first), List.of(rest, rest)))
            .over(tensor -> true);
    for (int other = 0; other < 3; other++) {
      double mixed = 4.0 / 7 * products[1][other] + 3.0 / 7 * products[2][other];
      assertEquals(mixed, products[0][other], 1e-5 * products[0][0]);
      assertEquals(products[other][0], products[0][other]);
    }
    double norm = train(engine, 1).gradientNorm();
    assertEquals(norm * norm, products[0][0], 1e-5 * products[0][0], "the same gradient's norm");
  }

  @Test
  void comparingGradientsChangesNothingAndIsNoPartOfAStep() {
    TrainingEngine engine = engine();
    TrainingEngine other = engine();
    engine.gradientProducts(List.of(List.of(COUNTING), List.of(COUNTING)));
    assertEquals(train(other, 3), train(engine, 3));
    MicroBatch masked =
        new MicroBatch(new int[] {1, 2}, new int[] {-100, -100}, new int[] {0, 2}, new int[] {0});
    assertFails(
        () -> engine.gradientProducts(List.of(List.of(COUNTING), List.of(masked))),
        "without label tokens");
    assertEquals(train(other, 1), train(engine, 1));
    engine.accumulate(COUNTING, 1.0 / 7);
    assertFails(() -> engine.gradientProducts(List.of(List.of(COUNTING))), "within a step");
    assertEquals(5, engine.apply(1e-3).step());
  }

  @Test
  void hiddenStatesOfADocumentAreItsOwnInEveryLayer() {
    TrainingEngine engine = engine();
    for (Pooling pooling : Pooling.values()) {
      float[][][] states = engine.hiddenStates(COUNTING, pooling);
      assertEquals(engine.model().layers() + 1, states.length);
      for (float[][] layer : states) {
        assertEquals(COUNTING.documents(), layer.length);
        for (float[] document : layer) {
          assertEquals(engine.model().hiddenSize(), document.length);
          for (float value : document) {
            assertTrue(Float.isFinite(value));
          }
        }
      }
      assertArrayEquals(states[1][0], engine.hiddenStates(COUNTING, pooling)[1][0]);
    }
    assertFalse(
        Arrays.equals(
            engine.hiddenStates(COUNTING, Pooling.MEAN)[1][0],
            engine.hiddenStates(COUNTING, Pooling.LAST)[1][0]));
  }

  @Test
  void headsAttendToWhatIsBehindThemInTheirDocument() {
    TrainingEngine engine = engine();
    AttentionMeasures[][][] measures = engine.attention(COUNTING, engine);
    assertEquals(engine.model().layers(), measures.length);
    for (AttentionMeasures[][] layer : measures) {
      assertEquals(engine.model().heads(), layer.length);
      for (AttentionMeasures[] head : layer) {
        assertEquals(COUNTING.documents(), head.length);
        for (int d = 0; d < head.length; d++) {
          int positions = COUNTING.documentOffsets()[d + 1] - COUNTING.documentOffsets()[d];
          assertTrue(head[d].entropy() > 0 && head[d].entropy() < Math.log(positions));
          assertTrue(head[d].distance() > 0 && head[d].distance() < positions / 2.0);
          assertTrue(head[d].first() > 0 && head[d].first() <= 1);
          assertEquals(0, head[d].moved());
        }
      }
    }
    MicroBatch one =
        new MicroBatch(new int[] {3}, new int[] {-100}, new int[] {0, 1}, new int[] {0});
    assertEquals(new AttentionMeasures(0, 0, 1, 0), engine.attention(one, engine)[0][0][0]);
    ModelConfig smaller = ModelConfig.llama(VOCABULARY, 16, 24, 1, 4, 2, POSITIONS);
    TrainingEngine other = kept(create(smaller, 1, CONFIG));
    assertFails(() -> engine.attention(COUNTING, other), "other shapes cannot be compared");
  }

  @Test
  void aHeadCanBeLeftOutAndIsThereAgain() {
    TrainingEngine engine = engine();
    List<SourceLoss> whole = engine.evaluate(List.of(COUNTING));
    for (int head = 0; head < engine.model().heads(); head++) {
      List<SourceLoss> without =
          engine.evaluateWithout(new AttentionHead(1, head), List.of(COUNTING));
      for (int s = 0; s < whole.size(); s++) {
        assertEquals(whole.get(s).labelTokens(), without.get(s).labelTokens());
        assertTrue(without.get(s).lossSum() > 0);
      }
    }
    assertEquals(whole, engine.evaluate(List.of(COUNTING)));
    assertFails(
        () -> engine.evaluateWithout(new AttentionHead(2, 0), List.of(COUNTING)),
        "layer must be in 0 to 1, got 2");
    assertFails(
        () -> engine.evaluateWithout(new AttentionHead(0, 4), List.of(COUNTING)),
        "head must be in 0 to 3, got 4");
  }

  static void assertFails(Runnable call, String... parts) {
    EngineException e = assertThrows(EngineException.class, call::run);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), () -> part + " not in: " + e.getMessage());
    }
    assertTrue(!e.getMessage().contains("frame #"), e::getMessage);
  }
}
