package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("native")
class NativeEngineTest extends TrainingEngineContract {
  private static final MicroBatch BATCH =
      MicroBatch.of(new int[] {1, 2, 3, 4, 5}, new int[] {-100, 3, 4, 5, 6});

  @Override
  protected TrainingEngine create(ModelConfig model, long seed, EngineConfig config) {
    return NativeEngine.create(model, seed, config);
  }

  @Override
  protected TrainingEngine open(Path directory, EngineConfig config) {
    return NativeEngine.open(directory, config);
  }

  @Test
  void logitsGiveTheLossThatEvaluationReports() {
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, CONFIG)) {
      float[] logits = engine.logits(BATCH);
      assertEquals(5 * VOCABULARY, logits.length);
      double expected = 0;
      for (int t = 1; t < 5; t++) {
        double sum = 0;
        for (int v = 0; v < VOCABULARY; v++) {
          sum += Math.exp(logits[t * VOCABULARY + v]);
        }
        expected += Math.log(sum) - logits[t * VOCABULARY + BATCH.labels()[t]];
      }
      assertEquals(expected, engine.evaluate(List.of(BATCH)).get(0).lossSum(), 1e-4);
    }
  }

  @Test
  void gradientIsThereBetweenAccumulateAndApply() {
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, CONFIG)) {
      engine.accumulate(BATCH, 0.25);
      double squares = 0;
      for (String name : engine.tensorNames()) {
        for (float g : engine.gradient(name)) {
          squares += g * g;
        }
      }
      assertEquals(engine.apply(1e-3).gradientNorm(), Math.sqrt(squares), 1e-4);
      assertArrayEquals(new float[16], engine.gradient("model.norm.weight"));
    }
  }

  @Test
  void weightsAreThoseOfTheParameterCount() {
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, CONFIG)) {
      long weights = 0;
      for (String name : engine.tensorNames()) {
        weights += engine.weight(name).length;
      }
      assertEquals(engine.parameterCount(), weights);
      assertTrue(engine.tensorNames().contains("model.embed_tokens.weight"));
      assertTrue(engine.memory().weights() >= 4 * weights);
    }
  }

  @Test
  void tensorThatIsNotThereIsNamed() {
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, CONFIG)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> engine.weight("model.nothing"));
      assertTrue(e.getMessage().contains("model.nothing"), e::getMessage);
    }
  }

  @ParameterizedTest
  @EnumSource(Recompute.class)
  void recomputeChangesNoGradient(Recompute level) {
    try (NativeEngine plain = NativeEngine.create(MODEL, 1, CONFIG);
        NativeEngine saving = NativeEngine.create(MODEL, 1, CONFIG.withRecompute(level))) {
      plain.accumulate(BATCH, 0.25);
      saving.accumulate(BATCH, 0.25);
      for (String name : plain.tensorNames()) {
        assertArrayEquals(plain.gradient(name), saving.gradient(name), 1e-6f, name);
      }
    }
  }

  @Test
  void bfloat16LearnsToo() {
    EngineConfig config = CONFIG.withComputeDType(DType.BFLOAT16);
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, config)) {
      engine.accumulate(BATCH, 0.25);
      double first = engine.apply(1e-2).loss();
      double last = first;
      for (int step = 0; step < 60; step++) {
        engine.accumulate(BATCH, 0.25);
        last = engine.apply(1e-2).loss();
      }
      assertTrue(last < 0.5 * first, first + " -> " + last);
    }
  }

  @Test
  void ropeScalingAndTiedEmbeddingsReachTheEngineAndTheFile(@TempDir Path folder) {
    RopeConfig rope = RopeConfig.llama3(500000, 8, 8);
    ModelConfig model =
        new ModelConfig(VOCABULARY, 16, 24, 1, 4, 2, 4, POSITIONS, 1e-5, 0.1, true, rope);
    try (NativeEngine engine = NativeEngine.create(model, 1, CONFIG)) {
      assertEquals(model, engine.model());
      assertFalse(engine.tensorNames().contains("lm_head.weight"));
      engine.save(folder.resolve("m"), DType.BFLOAT16);
    }
    try (NativeEngine engine = NativeEngine.open(folder.resolve("m"), CONFIG)) {
      assertEquals(model, engine.model());
    }
  }

  @Test
  void truncatedWeightsAreRefusedWithTheirFile(@TempDir Path folder) throws Exception {
    Path saved = folder.resolve("m");
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, CONFIG)) {
      engine.save(saved, DType.FLOAT32);
    }
    Path weights = saved.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, bytes.length - 100));
    EngineException e = assertThrows(EngineException.class, () -> NativeEngine.open(saved, CONFIG));
    assertTrue(e.getMessage().contains("model.safetensors"), e::getMessage);
  }

  @Test
  void engineOutlivesThePointerScopeThatItWasMadeIn() {
    NativeEngine engine;
    try (PointerScope scope = new PointerScope()) {
      scope.attach(new org.bytedeco.javacpp.IntPointer(1));
      engine = NativeEngine.create(MODEL, 1, CONFIG);
    }
    try (engine) {
      assertEquals(4, engine.evaluate(List.of(BATCH)).get(0).labelTokens());
    }
  }

  @Test
  void twoThousandStepsLeaveNothingBehind() throws IOException {
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, CONFIG.withThreads(1))) {
      trainAndGenerate(engine, 500); // what is allocated once is there by now
      long pointers = Pointer.totalBytes();
      long resident = residentBytes();
      trainAndGenerate(engine, 2000);
      assertEquals(pointers, Pointer.totalBytes());
      long grown = residentBytes() - resident;
      // A kept micro-batch or activation would be 2000 times some hundred bytes or kilobytes; the
      // virtual machine's own heap moves by some megabytes.
      assertTrue(grown < 32L << 20, () -> "resident memory grew by " + grown + " bytes");
    }
    assertEquals(0, Pointer.totalBytes());
  }

  private static void trainAndGenerate(NativeEngine engine, int steps) {
    for (int step = 0; step < steps; step++) {
      engine.accumulate(BATCH, 0.25);
      engine.apply(1e-3);
      if (step % 100 == 0) {
        try (GenerationSession session = engine.openSession(1, 4)) {
          session.open(new int[] {1}, SamplingConfig.greedy());
          session.step();
        }
      }
    }
  }

  private static long residentBytes() throws IOException {
    String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
    return Long.parseLong(pages) * 4096;
  }

  @Test
  void errorsCarryNoBacktrace() {
    RuntimeException torch =
        new RuntimeException("sizes differ\nException raised from foo at bar.cpp:1\nframe #0");
    assertEquals("sizes differ", NativeCall.sentence(torch));
  }
}
