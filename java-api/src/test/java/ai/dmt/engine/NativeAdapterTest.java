package ai.dmt.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.adapter.AdapterTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("native")
class NativeAdapterTest {
  private static final ModelConfig MODEL = ModelConfig.llama(17, 16, 24, 2, 4, 2, 12);
  private static final AdapterConfig ADAPTER =
      AdapterConfig.lora(3, 6, List.of(AdapterTarget.values())).withSeed(5);
  private static final EngineConfig CONFIG = EngineConfig.defaults().withAdapter(ADAPTER);
  private static final MicroBatch BATCH =
      MicroBatch.of(new int[] {1, 2, 3, 4, 5}, new int[] {-100, 3, 4, 5, 6});

  @TempDir private Path folder;
  private Path base;

  @BeforeEach
  void makeBase() {
    base = folder.resolve("base");
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, EngineConfig.inference())) {
      engine.save(base, DType.FLOAT32);
    }
  }

  private static double train(NativeEngine engine, int steps) {
    double loss = 0;
    for (int s = 0; s < steps; s++) {
      engine.accumulate(BATCH, 0.25);
      loss = engine.apply(1e-2).loss();
    }
    return loss;
  }

  private Path trained(String name) {
    Path saved = folder.resolve(name);
    try (NativeEngine engine = NativeEngine.open(base, CONFIG)) {
      train(engine, 5);
      engine.save(saved, DType.FLOAT32);
    }
    return saved;
  }

  @Test
  void adapterAloneIsTrainedAndCounted() {
    try (NativeEngine plain = NativeEngine.open(base, EngineConfig.inference());
        NativeEngine engine = NativeEngine.open(base, CONFIG)) {
      assertEquals(MODEL.parameters(), engine.parameterCount());
      assertEquals(AdapterShapes.parameters(MODEL, ADAPTER), engine.trainedParameterCount());
      assertEquals(plain.parameterCount(), plain.trainedParameterCount());
      assertEquals(
          AdapterShapes.tensors(MODEL, ADAPTER).keySet(), Set.copyOf(engine.tensorNames()));
      assertArrayEquals(plain.logits(BATCH), engine.logits(BATCH), 1e-6f, "fresh ones do nothing");
      double first = train(engine, 1);
      assertTrue(train(engine, 20) < first - 0.1);
    }
  }

  @Test
  void savedAdapterIsPeftsFolderAndComputesTheSame() throws IOException {
    Path saved = folder.resolve("saved");
    float[] expected;
    try (NativeEngine engine = NativeEngine.open(base, CONFIG)) {
      train(engine, 5);
      expected = engine.logits(BATCH);
      engine.save(saved, DType.FLOAT32);
    }
    assertTrue(AdapterFolder.isAdapter(saved));
    assertFalse(Files.exists(saved.resolve("model.safetensors")));
    AdapterFolder read = AdapterFolder.read(saved);
    assertEquals(base, read.base());
    assertEquals(List.of(), ADAPTER.differences(read.config(), "the folder"));
    try (NativeEngine opened = NativeEngine.open(saved, EngineConfig.inference())) {
      assertArrayEquals(expected, opened.logits(BATCH));
    }
    try (NativeEngine opened = NativeEngine.open(saved, CONFIG)) {
      assertArrayEquals(expected, opened.logits(BATCH), "trained on from there");
    }
  }

  @Test
  void mergedModelComputesTheSame() {
    Path saved = trained("saved");
    Path merged = folder.resolve("merged");
    NativeEngine.merge(
        AdapterFolder.read(saved),
        merged,
        DType.FLOAT32,
        beside -> Files.writeString(beside.resolve("tokenizer.json"), "{}"));
    assertTrue(Files.exists(merged.resolve("tokenizer.json")));
    try (NativeEngine with = NativeEngine.open(saved, EngineConfig.inference());
        NativeEngine whole = NativeEngine.open(merged, EngineConfig.inference())) {
      assertArrayEquals(with.logits(BATCH), whole.logits(BATCH), 1e-4f);
    }
  }

  @Test
  void stateIsRestoredToTheBitAndExported() throws IOException {
    Path states = Files.createDirectories(folder.resolve("states"));
    double expected;
    float[] logits;
    try (NativeEngine engine = NativeEngine.open(base, CONFIG)) {
      train(engine, 3);
      logits = engine.logits(BATCH);
      try (EngineState state = engine.state(StateMemory.COPIED)) {
        state.write(states);
      }
      engine.writeAdapterConfig(states);
      expected = train(engine, 2);
    }
    try (NativeEngine engine = NativeEngine.open(base, CONFIG)) {
      engine.restore(states);
      assertEquals(expected, train(engine, 2));
    }
    Path exported = folder.resolve("exported");
    NativeEngine.export(states, exported, DType.FLOAT32);
    AdapterFolder.copySettings(states, exported);
    try (NativeEngine engine = NativeEngine.open(exported, EngineConfig.inference())) {
      assertArrayEquals(logits, engine.logits(BATCH));
    }
  }

  @Test
  void allWeightsAreNotTrainedFromAnAdapter() {
    Path saved = trained("saved");
    assertFails(() -> NativeEngine.open(saved, EngineConfig.defaults()), "merge it", "saved");
  }

  @Test
  void adapterOfAnotherRankIsNotTrainedOn() {
    Path saved = trained("saved");
    EngineConfig other =
        EngineConfig.defaults().withAdapter(ADAPTER.withTarget(AdapterTarget.Q_PROJ, 4, 8));
    assertFails(
        () -> NativeEngine.open(saved, other), "saved", "q_proj has rank 3, this engine rank 4");
  }

  @Test
  void adapterOfAnotherBaseIsRefused() {
    Path saved = trained("saved");
    try (NativeEngine engine = NativeEngine.create(MODEL, 2, EngineConfig.inference())) {
      engine.save(base, DType.FLOAT32);
    }
    assertFails(() -> NativeEngine.open(saved, EngineConfig.inference()), "another base");
  }

  @Test
  void rankAboveTheMatrixIsRefused() {
    EngineConfig config =
        EngineConfig.defaults().withAdapter(AdapterConfig.lora(9, 9, AdapterTarget.K_PROJ));
    assertFails(() -> NativeEngine.open(base, config), "9", "8");
  }

  @Test
  void adapterOfAFreshModelHasNoBaseToBeSavedWith() {
    try (NativeEngine engine = NativeEngine.create(MODEL, 1, CONFIG)) {
      assertFails(() -> engine.save(folder.resolve("saved"), DType.FLOAT32), "base");
    }
    assertFalse(Files.exists(folder.resolve("saved")));
  }

  @Test
  void otherAdaptersAreAddedToAnEngineThatDoesNotTrain() {
    AdapterFolder saved = AdapterFolder.read(trained("saved"));
    try (NativeEngine engine = NativeEngine.open(base, EngineConfig.inference())) {
      assertEquals(List.of(), engine.adapters());
      engine.addAdapter("math", saved);
      engine.addAdapter("code", saved);
      assertEquals(List.of("math", "code"), engine.adapters());
      assertFails(() -> engine.addAdapter("code", saved), "\"code\" already", "saved");
    }
    try (NativeEngine engine = NativeEngine.open(base, EngineConfig.defaults())) {
      assertFails(() -> engine.addAdapter("math", saved), "add_adapter", "inference");
      assertEquals(List.of(), engine.adapters());
    }
  }

  @Test
  void adapterOfAnotherBaseIsNotAdded() {
    Path saved = trained("saved");
    Path other = folder.resolve("other");
    try (NativeEngine engine = NativeEngine.create(MODEL, 2, EngineConfig.inference())) {
      engine.save(other, DType.FLOAT32);
    }
    AdapterFolder beside = AdapterFolder.read(saved, other);
    try (NativeEngine engine = NativeEngine.open(other, EngineConfig.inference())) {
      assertFails(
          () -> engine.addAdapter("math", beside),
          saved + " was trained on another base, " + base,
          other.toString());
    }
  }

  @Test
  void requestWithoutAChoiceTakesTheModelOrTheAdapterThatItWasOpenedWith() {
    Path saved = trained("saved");
    int[] prompt = {1, 2, 3};
    AdapterFolder adapter = AdapterFolder.read(saved);
    int[] ofModel;
    int[] ofAdapter;
    try (NativeEngine engine = NativeEngine.open(base, EngineConfig.inference())) {
      ofModel = tokens(engine, prompt, Optional.empty());
      engine.addAdapter("saved", adapter);
      assertArrayEquals(ofModel, tokens(engine, prompt, Optional.empty()));
      ofAdapter = tokens(engine, prompt, Optional.of("saved"));
      assertFails(
          () -> tokens(engine, prompt, Optional.of("sav")),
          "no adapter \"sav\", the engine has [saved]");
    }
    assertFalse(Arrays.equals(ofModel, ofAdapter));
    try (NativeEngine engine = NativeEngine.open(saved, EngineConfig.inference())) {
      assertArrayEquals(ofAdapter, tokens(engine, prompt, Optional.empty()));
    }
  }

  private static int[] tokens(NativeEngine engine, int[] prompt, Optional<String> adapter) {
    int[] tokens = new int[8];
    try (GenerationSession session = engine.openSession(1, 12)) {
      int slot = session.open(prompt, SamplingConfig.greedy(), adapter);
      for (int t = 0; t < tokens.length; t++) {
        tokens[t] = session.step()[slot];
      }
    }
    return tokens;
  }

  private static void assertFails(Runnable call, String... words) {
    EngineException e = assertThrows(EngineException.class, call::run);
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e::getMessage);
    }
  }
}
