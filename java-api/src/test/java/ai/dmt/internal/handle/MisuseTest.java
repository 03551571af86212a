package ai.dmt.internal.handle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.Conversation;
import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.data.Source;
import ai.dmt.data.Turn;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.EngineState;
import ai.dmt.engine.GenerationSession;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.Pooling;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.engine.StateMemory;
import ai.dmt.engine.StepMetrics;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.TextGenerator;
import ai.dmt.tokenizer.ByteLevelFile;
import ai.dmt.tokenizer.ByteTokenizer;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.BatchConfig;
import ai.dmt.train.Progress;
import ai.dmt.train.TrainConfig;
import ai.dmt.train.Trainer;
import ai.dmt.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What native objects answer to misuse: a table of the misuse, the exception and its message. */
@Tag("native")
@Timeout(120)
class MisuseTest {
  private static final ModelConfig MODEL = ModelConfig.llama(258, 16, 24, 2, 4, 2, 64);
  private static final EngineConfig CONFIG = EngineConfig.defaults().withThreads(1);
  private static final MicroBatch BATCH =
      MicroBatch.of(new int[] {1, 2, 3, 4}, new int[] {2, 3, 4, 5});
  private static final SamplingConfig GREEDY = SamplingConfig.greedy();

  @TempDir private Path folder;
  private final NativeEngine engine = NativeEngine.create(MODEL, 1, CONFIG);
  private final Tokenizer bytes = new ByteTokenizer();

  /** What is done, and what it is answered with. */
  private record Misuse(
      String what, Class<? extends RuntimeException> exception, String message, Executable call) {
    static Misuse state(String what, String message, Executable call) {
      return new Misuse(what, IllegalStateException.class, message, call);
    }

    DynamicTest test() {
      return DynamicTest.dynamicTest(what, this::check);
    }

    void check() {
      String said = assertThrows(exception, call, what).getMessage();
      assertTrue(said.contains(message), () -> what + ": " + said);
    }
  }

  @AfterEach
  void close() {
    engine.close();
  }

  /** Every call of an engine, by its name. */
  private List<Misuse> allCalls(NativeEngine of, String message) {
    TextGenerator generator = new TextGenerator(of, bytes);
    return List.of(
        Misuse.state("accumulate", message, () -> of.accumulate(BATCH, 0.25)),
        Misuse.state("apply", message, () -> of.apply(0.1)),
        Misuse.state("resetOptimizer", message, of::resetOptimizer),
        Misuse.state("evaluate", message, () -> of.evaluate(List.of(BATCH))),
        Misuse.state("hiddenStates", message, () -> of.hiddenStates(BATCH, Pooling.LAST)),
        Misuse.state("logits", message, () -> of.logits(BATCH)),
        Misuse.state("sumOverRanks", message, () -> of.sumOverRanks(new double[1])),
        Misuse.state("save", message, () -> of.save(folder.resolve("saved"), DType.FLOAT32)),
        Misuse.state("state", message, () -> of.state(StateMemory.COPIED).close()),
        Misuse.state("restore", message, () -> of.restore(folder)),
        Misuse.state("openSession", message, () -> of.openSession(1, 8).close()),
        Misuse.state("tensorNames", message, of::tensorNames),
        Misuse.state("weight", message, () -> of.weight("model.norm.weight")),
        Misuse.state("gradient", message, () -> of.gradient("model.norm.weight")),
        Misuse.state("startClock", message, of::startClock),
        Misuse.state("stopClock", message, of::stopClock),
        Misuse.state("memory", message, of::memory),
        Misuse.state(
            "generate",
            message,
            () -> generator.generate(List.of(new int[] {1}), GenerationConfig.greedy(4, 257))),
        Misuse.state("train", message, () -> trainer(of).train(List.of(counting()), List.of())));
  }

  private static Trainer trainer(NativeEngine of) {
    return new Trainer(of, TrainConfig.defaults().withBatch(new BatchConfig(4, 64, 64)));
  }

  private static Source counting() {
    int[] tokens = IntStream.range(0, 8).toArray();
    boolean[] loss = new boolean[tokens.length];
    Arrays.fill(loss, 1, loss.length, true);
    return new Source(
        "data",
        IntStream.range(0, 400)
            .mapToObj(s -> new EncodedSample("s" + s, Origin.UNKNOWN, tokens, loss))
            .toList());
  }

  /** A training that stands still in a listener after its first step. */
  private final class Training implements TrainingListener {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch mayGoOn = new CountDownLatch(1);
    private final AtomicReference<Throwable> closedInListener = new AtomicReference<>();
    private final AtomicReference<Progress> end = new AtomicReference<>();
    private final Thread thread;

    Training() throws InterruptedException {
      Trainer trainer = trainer(engine);
      trainer.addListener(this);
      thread =
          new Thread(() -> end.set(trainer.train(List.of(counting()), List.of())), "the training");
      thread.start();
      assertTrue(inside.await(60, TimeUnit.SECONDS));
    }

    @Override
    public void onStep(Progress progress, StepMetrics metrics) {
      if (progress.step() == 1) {
        closedInListener.set(assertThrows(IllegalStateException.class, engine::close));
        inside.countDown();
        try {
          assertTrue(mayGoOn.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  @Test
  void besideATrainingEveryCallOfAnotherThreadIsRefused() throws InterruptedException {
    Training training = new Training();
    try {
      for (Misuse misuse : allCalls(engine, "runs train (thread \"the training\"): ")) {
        misuse.check();
      }
      assertEquals(MODEL, engine.model()); // what is constant may be asked for
      assertTrue(
          training
              .closedInListener
              .get()
              .getMessage()
              .contains("cannot be closed by the thread that runs train"));
    } finally {
      training.mayGoOn.countDown();
      training.thread.join();
    }
    assertTrue(training.end.get().finished());
  }

  @Test
  void closingBesideATrainingEndsItAfterItsStep() throws InterruptedException {
    Training training = new Training();
    Thread closing = new Thread(engine::close);
    closing.start();
    Misuse.state("a call meanwhile", "", () -> engine.apply(0)).check();
    training.mayGoOn.countDown();
    closing.join();
    training.thread.join();
    assertFalse(training.end.get().finished());
    assertTrue(training.end.get().step() >= 1);
  }

  @TestFactory
  Stream<DynamicTest> afterItsEndAnEngineRefusesEveryCall() {
    NativeEngine ended = NativeEngine.create(MODEL, 1, CONFIG);
    ended.close();
    ended.close(); // harmless
    return Stream.concat(
            allCalls(ended, "the engine made with seed 1 is closed").stream(),
            Stream.of(
                Misuse.state("model", "is closed", ended::model),
                Misuse.state("parameterCount", "is closed", ended::parameterCount)))
        .map(Misuse::test);
  }

  @Test
  void aGenerationEndsWhenItsEngineIsClosed() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    AtomicReference<Exception> failure = new AtomicReference<>();
    GenerationConfig endless = GenerationConfig.greedy(60, -1);
    List<int[]> prompts = IntStream.range(0, 20_000).mapToObj(i -> new int[] {i % 200}).toList();
    Thread thread =
        new Thread(
            () -> {
              inside.countDown();
              try {
                new TextGenerator(engine, bytes).generate(prompts, endless);
              } catch (IllegalStateException e) {
                failure.set(e);
              }
            });
    thread.start();
    assertTrue(inside.await(10, TimeUnit.SECONDS));
    Thread.sleep(100);
    engine.close();
    thread.join();
    assertTrue(failure.get().getMessage().contains("clos"), () -> failure.get().getMessage());
  }

  @TestFactory
  Stream<DynamicTest> sessionsAndStates() throws IOException {
    engine.accumulate(BATCH, 0.25);
    engine.apply(0.1);
    NativeEngine other = NativeEngine.create(MODEL, 1, CONFIG);
    GenerationSession orphan = other.openSession(1, 8);
    EngineState orphanCopy = other.state(StateMemory.COPIED);
    EngineState orphanShared = other.state(StateMemory.SHARED);
    other.close();
    Files.createDirectories(folder.resolve("copy"));
    orphanCopy.write(folder.resolve("copy")); // its memory is its own
    orphanCopy.close();
    orphanCopy.close();
    GenerationSession closed = engine.openSession(1, 8);
    closed.close();
    closed.close();
    orphan.close();
    GenerationSession session = engine.openSession(1, 8);
    EngineState shared = engine.state(StateMemory.SHARED);
    engine.accumulate(BATCH, 0.25);
    engine.apply(0.1);
    session.open(new int[] {1}, GREEDY);
    return Stream.of(
            Misuse.state("step of a closed session", "session is closed", closed::step),
            Misuse.state("step of a closed engine's session", "is closed", orphan::step),
            Misuse.state("write of a closed state", "is closed", () -> orphanCopy.write(folder)),
            Misuse.state(
                "write of a closed engine's shared state",
                "is closed",
                () -> orphanShared.write(folder)),
            Misuse.state(
                "write of a shared state after a step",
                "the weights have changed since this shared state was made",
                () -> shared.write(folder)),
            Misuse.state(
                "step of training under open requests",
                "apply would change the weights that 1 open requests are answered with",
                () -> {
                  engine.accumulate(BATCH, 0.25);
                  engine.apply(0.1);
                }),
            new Misuse(
                "more requests than slots",
                EngineException.class,
                "all 1 slots are taken",
                () -> session.open(new int[] {1}, GREEDY)),
            new Misuse(
                "a slot that is not open",
                EngineException.class,
                "slot 7 is not open",
                () -> session.close(7)))
        .map(Misuse::test);
  }

  @TestFactory
  Stream<DynamicTest> tokenizers() throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), ByteLevelFile.text());
    Tokenizer closed = Tokenizer.open(file);
    closed.close();
    closed.close();
    ChatTemplate template = ChatTemplate.byName("vicuna_v1.1");
    Conversation question = Conversation.of(Turn.user("?"));
    String message = "the tokenizer of " + file + " is closed";
    return Stream.of(
            Misuse.state("encode", message, () -> closed.encode("a")),
            Misuse.state("decode", message, () -> closed.decode(new int[] {1})),
            Misuse.state("encode of nothing", message, () -> closed.encode("")),
            Misuse.state(
                "a template's prompt", message, () -> template.encodePrompt(question, closed)))
        .map(Misuse::test);
  }

  @TestFactory
  Stream<DynamicTest> whatCannotFitIsRefusedBeforeItIsTaken() {
    ModelConfig large = ModelConfig.llama(32000, 8192, 28672, 80, 64, 8, 4096);
    int[] tokens = new int[3_000_000];
    MicroBatch huge = rowsOf64(tokens);
    NativeEngine wide =
        NativeEngine.create(ModelConfig.llama(258, 512, 16384, 1, 8, 8, 64), 1, CONFIG);
    return Stream.of(
            new Misuse(
                "a model of 70 billion weights",
                EngineException.class,
                "GiB before any activations (weights ",
                () -> NativeEngine.create(large, 1, CONFIG).close()),
            new Misuse(
                "a micro-batch of three million tokens",
                EngineException.class,
                "a micro-batch of 3000000 tokens needs ",
                () -> wide.evaluate(List.of(huge))),
            new Misuse(
                "caches of two billion requests",
                EngineException.class,
                "the key-value caches of 2000000000 requests of 64 tokens need ",
                () -> wide.openSession(2_000_000_000, 64).close()))
        .map(Misuse::test)
        .onClose(wide::close);
  }

  private static MicroBatch rowsOf64(int[] tokens) {
    int rows = tokens.length / 64;
    int[] offsets = IntStream.rangeClosed(0, rows).map(row -> row * 64).toArray();
    return new MicroBatch(tokens, new int[tokens.length], offsets, new int[rows]);
  }
}
