package ai.dmt;

// example
import ai.dmt.data.*;
import ai.dmt.engine.*;
import ai.dmt.generate.*;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.*;
import java.nio.file.Path;
import java.util.List;

class FineTuneExample {
  public static void main(String[] args) {
    Path model = Path.of(args[0]), data = Path.of(args[1]), output = Path.of(args[2]);
    ChatTemplate template = ChatTemplate.byName("vicuna_v1.1");
    EngineConfig config = EngineConfig.defaults().withSources(List.of("math"));
    try (Tokenizer tokenizer = Tokenizer.load(model);
        TrainingEngine engine = NativeEngine.open(model, config)) {
      SampleLimits limits = SampleLimits.truncateAt(engine.model().maxPositionEmbeddings());
      Source math =
          new SampleEncoder(template, tokenizer, limits)
              .readSource("math", List.of(data), Long.MAX_VALUE);
      TrainConfig training =
          TrainConfig.defaults()
              .withBatch(new BatchConfig(8, 4096, limits.sequenceLength()))
              .withLearningRate(LearningRateConfig.cosine(2e-3));
      new Trainer(engine, training).train(List.of(math), List.of());
      engine.save(output, DType.FLOAT32, model);
      int[] prompt = template.encodePrompt(Conversation.of(Turn.user("What is 2+2?")), tokenizer);
      Completion completion =
          new TextGenerator(engine, tokenizer)
              .generate(List.of(prompt), GenerationConfig.greedy(64, tokenizer.eosId()))
              .get(0);
      System.out.println(template.answer(completion.text()));
    }
  }
}
