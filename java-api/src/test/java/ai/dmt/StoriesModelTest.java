package ai.dmt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.SampleEncoder;
import ai.dmt.data.SampleLimits;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.Source;
import ai.dmt.data.SourcedSample;
import ai.dmt.data.Turn;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.NativeEngine;
import ai.dmt.generate.Completion;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.TextGenerator;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.BatchConfig;
import ai.dmt.train.Evaluation;
import ai.dmt.train.LearningRateConfig;
import ai.dmt.train.Progress;
import ai.dmt.train.TrainConfig;
import ai.dmt.train.Trainer;
import ai.dmt.train.TrainingListener;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** All parts together on real weights: a published model of 260 thousand parameters. */
@Tag("native")
class StoriesModelTest {
  private final Path model = SharedFiles.require("data/weights/stories260K-hf");
  private final JsonNode expected;

  StoriesModelTest() throws IOException {
    expected = new ObjectMapper().readTree(model.resolve("expected.json").toFile());
  }

  private static int[] ids(JsonNode array) {
    return new ObjectMapper().convertValue(array, int[].class);
  }

  @Test
  void greedyTextIsThatOfTransformers() {
    ChatTemplate none = ChatTemplate.byName("none");
    try (Tokenizer tokenizer = Tokenizer.load(model);
        NativeEngine engine = NativeEngine.open(model, EngineConfig.inference())) {
      List<int[]> prompts = new ArrayList<>();
      for (JsonNode story : expected.get("greedy")) {
        Conversation prompt = Conversation.of(Turn.user(story.get("prompt").textValue()));
        prompts.add(none.encodePrompt(prompt, tokenizer));
      }
      int tokens = expected.get("greedy").get(0).get("ids").size() - prompts.get(0).length;
      GenerationConfig config = GenerationConfig.greedy(tokens, 2).withStopIds(Set.of());
      List<Completion> completions = new TextGenerator(engine, tokenizer).generate(prompts, config);
      for (int s = 0; s < prompts.size(); s++) {
        JsonNode story = expected.get("greedy").get(s);
        int[] ids = ids(story.get("ids"));
        int[] continuation = Arrays.copyOfRange(ids, prompts.get(s).length, ids.length);
        int[] generated = completions.get(s).tokenIds();
        assertArrayEquals(continuation, Arrays.copyOf(generated, continuation.length));
        String text = story.get("prompt").textValue() + completions.get(s).text();
        assertTrue(text.startsWith(story.get("text").textValue()), text);
      }
    }
  }

  @Test
  void lossesAreThoseOfTransformers() {
    try (Tokenizer tokenizer = Tokenizer.load(model);
        NativeEngine engine = NativeEngine.open(model, EngineConfig.inference())) {
      for (JsonNode text : expected.get("loss")) {
        int[] ids = ids(text.get("ids"));
        Conversation whole = Conversation.of(Turn.user(text.get("text").textValue()));
        assertArrayEquals(ids, ChatTemplate.byName("none").encodePrompt(whole, tokenizer));
        boolean[] loss = new boolean[ids.length];
        Arrays.fill(loss, 1, ids.length, true);
        EncodedSample sample = new EncodedSample("text", Origin.UNKNOWN, ids, loss);
        List<MicroBatch> batches =
            new SequencePacker(512, 1).pack(List.of(new SourcedSample(sample, 0)));
        assertEquals(
            text.get("mean_nll").doubleValue(), engine.evaluate(batches).get(0).mean(), 1e-4);
      }
    }
  }

  @Test
  void realDataOfThreeKindsIsLearnt() {
    List<String> names = List.of("math", "code", "general");
    List<String> files =
        List.of(
            "gsm8k/train.jsonl",
            "codealpaca/code_alpaca_2k.json",
            "general/sharegpt_v3_en_1k.jsonl");
    List<Evaluation> evaluations = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(model);
        NativeEngine engine =
            NativeEngine.open(model, EngineConfig.defaults().withSources(names).withThreads(1))) {
      SampleEncoder encoder =
          new SampleEncoder(
              ChatTemplate.byName("vicuna_v1.1"), tokenizer, SampleLimits.truncateAt(256));
      List<Source> train = new ArrayList<>();
      List<Source> heldOut = new ArrayList<>();
      for (int s = 0; s < names.size(); s++) {
        Path file = SharedFiles.require("data/" + files.get(s));
        List<EncodedSample> samples = encoder.readSource(names.get(s), List.of(file), 20).samples();
        int half = samples.size() / 2;
        train.add(new Source(names.get(s), samples.subList(0, half)));
        heldOut.add(new Source(names.get(s), samples.subList(half, samples.size())));
      }
      Trainer trainer =
          new Trainer(
              engine,
              TrainConfig.defaults()
                  .withBatch(new BatchConfig(4, 512, 256))
                  .withLearningRate(LearningRateConfig.cosine(1e-3)));
      evaluations.add(new Evaluation(engine.evaluate(packed(heldOut))));
      trainer.addListener(
          new TrainingListener() {
            @Override
            public void onEvaluation(Progress progress, Evaluation evaluation) {
              evaluations.add(evaluation);
            }
          });
      assertTrue(trainer.train(train, heldOut).finished());
    }
    Evaluation first = evaluations.get(0);
    Evaluation last = evaluations.get(1);
    for (int s = 0; s < names.size(); s++) {
      double before = first.sources().get(s).mean();
      double after = last.sources().get(s).mean();
      assertTrue(after < before - 0.1, names.get(s) + ": " + before + " -> " + after);
    }
  }

  /** Sources in the order of the engine's. */
  private static List<MicroBatch> packed(List<Source> sources) {
    List<SourcedSample> samples = new ArrayList<>();
    for (int s = 0; s < sources.size(); s++) {
      for (EncodedSample sample : sources.get(s).samples()) {
        samples.add(new SourcedSample(sample, s));
      }
    }
    return new SequencePacker(512, 100).pack(samples);
  }
}
