package ai.dmt.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.FakeEngine;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.engine.TrainingEngine;
import ai.dmt.tokenizer.ByteTokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextGeneratorTest {
  /**
   * What the model has learnt by heart: each character is followed by the next, the last by the
   * end.
   */
  private static final String LEARNT = "abcdefgh \u00e9\u65e5!";

  private final ByteTokenizer tokenizer = new ByteTokenizer();
  private TrainingEngine engine;
  private TextGenerator generator;

  @BeforeEach
  void learn() {
    ModelConfig model =
        ModelConfig.llama(tokenizer.vocabSize(), 8, 8, 1, 2, 2, 64).withInitializerRange(0);
    engine = FakeEngine.create(model, 1, EngineConfig.defaults().withMaxGradientNorm(0));
    int[] ids = tokenizer.encode(LEARNT);
    int[] labels = new int[ids.length];
    System.arraycopy(ids, 1, labels, 0, ids.length - 1);
    labels[ids.length - 1] = tokenizer.eosId();
    for (int step = 0; step < 20; step++) {
      engine.accumulate(MicroBatch.of(ids, labels), 1.0 / ids.length);
      engine.apply(1);
    }
    generator = new TextGenerator(engine, tokenizer);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private GenerationConfig greedy(int maxNewTokens) {
    return GenerationConfig.greedy(maxNewTokens, tokenizer.eosId());
  }

  private Completion complete(String prompt, GenerationConfig config) {
    return generator.generate(List.of(tokenizer.encode(prompt)), config).get(0);
  }

  @Test
  void stopIdEndsTheTextAndIsNoPartOfIt() {
    Completion completion = complete("abc", greedy(50));
    assertEquals("defgh \u00e9\u65e5!", completion.text());
    assertEquals(FinishReason.STOP, completion.reason());
    assertArrayEquals(tokenizer.encode("defgh \u00e9\u65e5!"), completion.tokenIds());
    assertEquals("0", completion.id());
  }

  @Test
  void limitOfNewTokensEndsTheText() {
    Completion completion = complete("abc", greedy(2));
    assertEquals("de", completion.text());
    assertEquals(FinishReason.LENGTH, completion.reason());
  }

  @Test
  void characterCutByTheLimitBecomesAReplacement() {
    assertEquals("\ufffd", complete("\u00e9", greedy(2)).text());
    assertEquals("\u65e5", complete("\u00e9", greedy(3)).text());
  }

  @Test
  void stopStringEndsTheTextBeforeIt() {
    Completion completion = complete("a", greedy(50).withStopStrings(List.of("zz", "fgh")));
    assertEquals("bcde", completion.text());
    assertEquals(FinishReason.STOP, completion.reason());
    assertArrayEquals(tokenizer.encode("bcdefgh"), completion.tokenIds());
  }

  @Test
  void severalStopIdsAreKnown() {
    Completion completion =
        complete("a", greedy(50).withStopIds(Set.of(tokenizer.encode("e")[0], 2)));
    assertEquals("bcd", completion.text());
  }

  @Test
  void textIsStreamedWithoutWhatMayBecomeAStopString() {
    List<String> pieces = new ArrayList<>();
    List<Completion> ended = new ArrayList<>();
    GenerationListener listener =
        new GenerationListener() {
          @Override
          public void onText(int request, String text) {
            pieces.add(text);
          }

          @Override
          public void onCompletion(int request, Completion completion) {
            ended.add(completion);
          }
        };
    List<Completion> completions =
        generator.generate(
            List.of(new GenerationRequest("x", tokenizer.encode("d"), 0)),
            greedy(50).withStopStrings(List.of("gx", "\u65e5")),
            listener);
    assertEquals(List.of("e", "f", "gh", " ", "\u00e9"), pieces);
    assertEquals("efgh \u00e9", completions.get(0).text());
    assertEquals(completions.get(0).text(), ended.get(0).text());
    assertEquals("x", ended.get(0).id());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16})
  void resultsComeInTheOrderOfThePromptsForEveryBatchSize(int batchSize) {
    List<int[]> prompts = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0;
        i < 8;
        i++) { // of different lengths, so that slots become free at different times
      prompts.add(tokenizer.encode(LEARNT.substring(0, 8 - i)));
      expected.add(LEARNT.substring(8 - i));
    }
    List<Completion> completions = generator.generate(prompts, greedy(50).withBatchSize(batchSize));
    assertEquals(expected, completions.stream().map(Completion::text).toList());
    assertEquals(
        List.of("0", "1", "2", "3", "4", "5", "6", "7"),
        completions.stream().map(Completion::id).toList());
  }

  @Test
  void samplingDependsOnTheRequestAlone() {
    GenerationConfig config =
        new GenerationConfig(20, new SamplingConfig(50, 1, 7), List.of(), Set.of(), 4);
    List<int[]> prompts = List.of(tokenizer.encode("a"), tokenizer.encode("a"));
    List<Completion> together = generator.generate(prompts, config);
    List<Completion> apart = generator.generate(prompts, config.withBatchSize(1));
    for (int i = 0; i < 2; i++) {
      assertArrayEquals(apart.get(i).tokenIds(), together.get(i).tokenIds());
    }
    assertNotEquals(together.get(0).text(), together.get(1).text()); // seeds 7 and 8
    Completion alone =
        generator
            .generate(
                List.of(new GenerationRequest("b", prompts.get(1), 8)),
                config,
                new GenerationListener() {})
            .get(0);
    assertArrayEquals(together.get(1).tokenIds(), alone.tokenIds());
  }

  @Test
  void positionsOfTheModelEndTheText() {
    int[] prompt = new int[60];
    java.util.Arrays.fill(prompt, tokenizer.encode("a")[0]);
    Completion completion = generator.generate(List.of(prompt), greedy(50)).get(0);
    assertEquals("bcde", completion.text());
    assertEquals(FinishReason.LENGTH, completion.reason());
  }

  @Test
  void promptThatLeavesNoRoomIsNamed() {
    for (int length : new int[] {0, 64}) {
      ConfigException e =
          assertThrows(
              ConfigException.class,
              () -> generator.generate(List.of(new int[] {5}, new int[length]), greedy(5)));
      assertTrue(
          e.getMessage().startsWith("prompt 1 has %s tokens, expected 1 to 63".formatted(length)),
          e::getMessage);
    }
  }

  @Test
  void noPromptsGiveNoCompletions() {
    assertEquals(List.of(), generator.generate(List.of(), greedy(5)));
  }

  @Test
  void settingsOutsideTheirRangeAreAllNamed() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> new GenerationConfig(0, SamplingConfig.greedy(), List.of(""), Set.of(), 0));
    assertEquals(
        "generation: maxNewTokens must be positive, got 0; stopStrings must not hold an empty one;"
            + " batchSize must be positive, got 0",
        e.getMessage());
    assertThrows(ConfigException.class, () -> new SamplingConfig(-1, 1, 0));
    assertThrows(ConfigException.class, () -> new SamplingConfig(Double.NaN, 1, 0));
    assertThrows(ConfigException.class, () -> new SamplingConfig(1, 0, 0));
  }
}
