package ai.dmt.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.adapter.AdapterTarget;
import ai.dmt.config.ConfigException;
import ai.dmt.engine.BaseWeights;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.tokenizer.ByteTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Adapters of several shapes on one base, whose requests share a batch. */
@Tag("native")
@Timeout(60)
class AdapterGenerationTest {
  private static final int POSITIONS = 128;
  private static final int REQUESTS = 48;
  private static final List<String> NAMES = List.of("qv", "all", "head");

  private final ByteTokenizer tokenizer = new ByteTokenizer();
  @TempDir private Path folder;
  private Path base;

  @BeforeEach
  void train() {
    base = folder.resolve("base");
    ModelConfig model = ModelConfig.llama(tokenizer.vocabSize(), 32, 64, 2, 4, 2, POSITIONS);
    try (NativeEngine engine = NativeEngine.create(model, 7, EngineConfig.inference())) {
      engine.save(base, DType.FLOAT32);
    }
    train("qv", AdapterConfig.lora(2, 8, AdapterTarget.Q_PROJ, AdapterTarget.V_PROJ));
    train("all", AdapterConfig.lora(5, 10));
    train(
        "head",
        AdapterConfig.lora(
            3, 6, AdapterTarget.EMBED_TOKENS, AdapterTarget.LM_HEAD, AdapterTarget.DOWN_PROJ));
  }

  private void train(String name, AdapterConfig adapter) {
    EngineConfig config = EngineConfig.defaults().withAdapter(adapter.withSeed(name.length()));
    int[] row = new Random(name.hashCode()).ints(40, 3, tokenizer.vocabSize()).toArray();
    int[] labels = Arrays.copyOfRange(row, 1, row.length + 1);
    labels[row.length - 1] = MicroBatch.IGNORE_INDEX;
    try (NativeEngine engine = NativeEngine.open(base, config)) {
      for (int step = 0; step < 20; step++) {
        engine.accumulate(MicroBatch.of(row, labels), 1.0 / (row.length - 1));
        engine.apply(2e-2);
      }
      engine.save(folder.resolve(name), DType.FLOAT32);
    }
  }

  private NativeEngine engine(BaseWeights weights) {
    NativeEngine engine =
        NativeEngine.open(base, EngineConfig.inference().withBaseWeights(weights));
    for (String name : NAMES) {
      engine.addAdapter(name, AdapterFolder.read(folder.resolve(name)));
    }
    return engine;
  }

  /** Prompts of all adapters and of the model, in turn. */
  private List<GenerationRequest> requests() {
    Random random = new Random(5);
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      int[] prompt = tokenizer.encode("x".repeat(1 + random.nextInt(60)) + i / 4);
      int choice = i % (NAMES.size() + 1);
      GenerationRequest request = new GenerationRequest(Integer.toString(i), prompt, i);
      requests.add(choice == 0 ? request : request.withAdapter(NAMES.get(choice - 1)));
    }
    return requests;
  }

  private static GenerationConfig config(int request) {
    SamplingConfig sampling =
        request % 8 < 4 ? SamplingConfig.greedy() : new SamplingConfig(1, 0.9, -1);
    return new GenerationConfig(4 + request % 23, sampling, List.of(), Set.of(), 5);
  }

  private static GenerationListener nobody() {
    return new GenerationListener() {};
  }

  @ParameterizedTest
  @EnumSource(BaseWeights.class)
  void requestsOfAllAdaptersShareABatchAndGetWhatEachGetsAlone(BaseWeights weights) {
    List<GenerationRequest> requests = requests();
    try (NativeEngine engine = engine(weights)) {
      TextGenerator single = new TextGenerator(engine, tokenizer);
      List<Completion> alone = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        alone.addAll(single.generate(List.of(requests.get(i)), config(i), nobody()));
      }
      Set<List<Integer>> distinct = new HashSet<>();
      for (int i = 0; i <= NAMES.size(); i++) { // greedy, and of equal prompts but for the length
        int[] ids = Arrays.copyOf(alone.get(i).tokenIds(), 4);
        distinct.add(Arrays.stream(ids).boxed().toList());
      }
      assertTrue(distinct.size() > NAMES.size() - 1, distinct::toString);
      List<CompletableFuture<Completion>> handedIn = new ArrayList<>();
      try (ContinuousGenerator generator =
          new ContinuousGenerator(engine, tokenizer, 5, POSITIONS, 100)) {
        for (int i = 0; i < REQUESTS; i++) {
          handedIn.add(generator.submit(requests.get(i), config(i), nobody()));
        }
        for (int i = 0; i < REQUESTS; i++) {
          assertArrayEquals(
              alone.get(i).tokenIds(), handedIn.get(i).join().tokenIds(), "request " + i);
        }
      }
      GenerationConfig greedy = config(0);
      List<Completion> together = single.generate(requests, greedy, nobody());
      for (int i = 0; i < REQUESTS; i += 7) {
        assertArrayEquals(
            single.generate(List.of(requests.get(i)), greedy, nobody()).get(0).tokenIds(),
            together.get(i).tokenIds());
      }
    }
  }

  /** What the adapter says on an engine that has no other. */
  @Test
  void anAdapterAmongOthersSaysWhatItSaysByItself() {
    int[] prompt = tokenizer.encode("what?");
    try (NativeEngine engine = engine(BaseWeights.COMPUTE)) {
      for (String name : NAMES) {
        GenerationRequest request = new GenerationRequest("a", prompt, 0);
        int[] expected;
        try (NativeEngine own = NativeEngine.open(folder.resolve(name), EngineConfig.inference())) {
          expected = tokens(own, request);
        }
        assertArrayEquals(expected, tokens(engine, request.withAdapter(name)), name);
      }
    }
  }

  private int[] tokens(NativeEngine engine, GenerationRequest request) {
    return new TextGenerator(engine, tokenizer)
        .generate(List.of(request), GenerationConfig.greedy(16), nobody())
        .get(0)
        .tokenIds();
  }

  @Test
  void adapterThatIsNotThereIsRefusedBeforeAnythingIsDecoded() {
    GenerationRequest request =
        new GenerationRequest("7", tokenizer.encode("a"), 0, Optional.of("code"));
    String expected = "prompt 7 is for the adapter \"code\", expected one of qv, all, head";
    try (NativeEngine engine = engine(BaseWeights.COMPUTE);
        ContinuousGenerator generator = new ContinuousGenerator(engine, tokenizer, 2, 16, 9)) {
      ConfigException e =
          assertThrows(
              ConfigException.class,
              () -> generator.submit(request, GenerationConfig.greedy(3), nobody()));
      assertEquals(expected, e.getMessage());
      assertEquals(0, generator.load().promptTokens());
    }
    try (NativeEngine engine = NativeEngine.open(base, EngineConfig.inference())) {
      ConfigException e = assertThrows(ConfigException.class, () -> tokens(engine, request));
      assertTrue(e.getMessage().endsWith("the model was opened without adapters"), e::getMessage);
    }
  }
}
