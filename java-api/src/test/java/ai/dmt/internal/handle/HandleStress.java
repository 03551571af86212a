package ai.dmt.internal.handle;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.SampleEncoder;
import ai.dmt.data.SampleLimits;
import ai.dmt.data.Source;
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
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.TextGenerator;
import ai.dmt.tokenizer.ByteLevelFile;
import ai.dmt.tokenizer.Tokenizer;
import ai.dmt.train.BatchConfig;
import ai.dmt.train.TrainConfig;
import ai.dmt.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Many threads call, close and read whatever they like. Each outcome must be the right result or an
 * exception that the documentation promises. Needs no test framework: scripts/stress.sh runs it
 * alone.
 */
final class HandleStress {
  private static final int THREADS = 6;
  private static final int LONG_RUN = 5000; // calls among which everything comes to pass
  private static final int ENGINES = 3; // the first one's weights never change
  private static final ModelConfig MODEL = ModelConfig.llama(258, 16, 24, 2, 4, 2, 256);
  private static final EngineConfig CONFIG = EngineConfig.defaults().withThreads(1);
  private static final MicroBatch BATCH =
      MicroBatch.of(new int[] {1, 2, 3, 4}, new int[] {2, 3, 4, 5});
  private static final String TEXT = "Two and two make \u00e9four\u00e9.";
  private static final List<int[]> PROMPTS =
      List.of(new int[] {1, 2}, new int[] {7}, new int[] {9});

  /** What IllegalStateException says, and what EngineException says of calls in a wrong order. */
  private static final Pattern PROMISED =
      Pattern.compile(
          "(is|engine is) closed$|is being closed|cannot begin beside|cannot be closed by the thread"
              + "|have changed since this shared state|would change the weights|open requests"
              + "|within a step|the label tokens of the step weigh|at least one accumulate"
              + "|slots are taken|is not open|has used all of its|no clock runs|clock runs already"
              + "|session is closed");

  private final Path folder;
  private final long seed;
  private final AtomicReferenceArray<NativeEngine> engines = new AtomicReferenceArray<>(ENGINES);
  private final AtomicReference<Tokenizer> tokenizer = new AtomicReference<>();
  private final AtomicReference<GenerationSession> session = new AtomicReference<>();
  private final AtomicReference<EngineState> state = new AtomicReference<>();
  private final Map<String, AtomicInteger> done = new ConcurrentSkipListMap<>();
  private final Map<String, AtomicInteger> refused = new ConcurrentSkipListMap<>();
  private final AtomicReference<Throwable> fault = new AtomicReference<>();

  private int[] ids;
  private List<String> answers;
  private double loss;
  private float[] logits;
  private Path data;
  private Source samples;

  /** Something that a thread may do. */
  private record Operation(String name, int weight, Call call) {}

  private interface Call {
    void run(Random random) throws IOException;
  }

  private final List<Operation> operations =
      List.of(
          new Operation("encode", 20, random -> encode()),
          new Operation("generate", 10, random -> generate()),
          new Operation("evaluate", 10, random -> evaluate()),
          new Operation("logits", 5, random -> logits()),
          new Operation("train", 5, this::train),
          new Operation("step", 10, this::step),
          new Operation("stray", 1, random -> any(random).accumulate(BATCH, 0.25)),
          new Operation("read", 5, this::read),
          new Operation("read in own tokenizer", 5, this::readInOwnTokenizer),
          new Operation(
              "hidden states", 5, random -> any(random).hiddenStates(BATCH, Pooling.MEAN)),
          new Operation("weight", 5, random -> any(random).weight("model.norm.weight")),
          new Operation("memory", 5, random -> any(random).memory()),
          new Operation("clock", 2, this::clock),
          new Operation("save", 2, this::save),
          new Operation("new state", 3, this::newState),
          new Operation("write state", 3, random -> writeState()),
          new Operation("close state", 2, random -> state.get().close()),
          new Operation("new session", 5, this::newSession),
          new Operation("open request", 10, this::openRequest),
          new Operation("session step", 15, random -> session.get().step()),
          new Operation("close request", 5, random -> session.get().close(random.nextInt(3))),
          new Operation("close session", 2, random -> session.get().close()),
          new Operation("close engine", 3, random -> any(random).close()),
          new Operation("new engine", 6, random -> replace(random.nextInt(ENGINES))),
          new Operation("new tokenizer", 3, random -> replaceTokenizer()));

  /** Makes one. @param folder for files @param seed another one is another course */
  HandleStress(Path folder, long seed) {
    this.folder = folder;
    this.seed = seed;
  }

  /** Runs for so many seconds of a seed, in a folder: {@code HandleStress FOLDER SEED SECONDS}. */
  public static void main(String[] args) throws Exception {
    System.out.println(
        new HandleStress(Path.of(args[0]), Long.parseLong(args[1])).run(Integer.parseInt(args[2])));
  }

  /**
   * Runs.
   *
   * @return how often each operation was done, and how often it was refused
   * @throws AssertionError if an outcome was neither right nor promised
   */
  String run(int seconds) throws IOException, InterruptedException {
    prepare();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      Random random = new Random(seed * THREADS + t);
      Thread thread = new Thread(() -> work(random, end), "stress-" + t);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    session.get().close();
    state.get().close();
    tokenizer.get().close();
    for (int e = 0; e < ENGINES; e++) {
      engines.get(e).close();
    }
    String counts = "seed %s: done %s, refused %s".formatted(seed, done, refused);
    if (fault.get() != null) {
      throw new AssertionError(counts, fault.get());
    }
    int calls =
        Stream.of(done, refused)
            .flatMap(counted -> counted.values().stream())
            .mapToInt(AtomicInteger::get)
            .sum();
    for (Operation operation : calls < LONG_RUN ? List.<Operation>of() : operations) {
      require(
          done.containsKey(operation.name()), "never done: " + operation.name() + "; " + counts);
    }
    require(refused.size() > 5, "the threads hardly met; " + counts);
    return counts;
  }

  private static void require(boolean right, String otherwise) {
    if (!right) {
      throw new AssertionError(otherwise);
    }
  }

  private static void requireEqual(Object expected, Object actual) {
    require(expected.equals(actual), "expected %s, got %s".formatted(expected, actual));
  }

  private void prepare() throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), ByteLevelFile.text());
    data = folder.resolve("data.jsonl");
    Files.writeString(
        data, "{\"question\": \"What is 2+2?\", \"answer\": \"It is 4.\"}\n".repeat(1000));
    replaceTokenizer();
    for (int e = 0; e < ENGINES; e++) {
      replace(e);
    }
    ids = tokenizer.get().encode(TEXT);
    answers = answersOf(engines.get(0));
    loss = engines.get(0).evaluate(List.of(BATCH)).get(0).lossSum();
    logits = engines.get(0).logits(BATCH);
    samples = encoder(tokenizer.get()).readSource("data", List.of(data), 60);
    session.set(engines.get(0).openSession(3, 32));
    state.set(engines.get(1).state(StateMemory.COPIED));
  }

  private void work(Random random, long end) {
    int weights = operations.stream().mapToInt(Operation::weight).sum();
    while (System.nanoTime() < end && fault.get() == null) {
      int at = random.nextInt(weights);
      int next = 0;
      while (at >= operations.get(next).weight()) {
        at -= operations.get(next++).weight();
      }
      attempt(operations.get(next), random);
    }
  }

  private void attempt(Operation operation, Random random) {
    try {
      operation.call().run(random);
      count(done, operation.name());
    } catch (IllegalStateException | EngineException e) {
      count(refused, operation.name());
      if (!PROMISED.matcher(String.valueOf(e.getMessage())).find()) {
        fault.compareAndSet(null, new AssertionError(operation.name(), e));
      }
    } catch (IOException | RuntimeException | Error e) {
      fault.compareAndSet(null, new AssertionError(operation.name(), e));
    }
  }

  private static void count(Map<String, AtomicInteger> counts, String name) {
    counts.computeIfAbsent(name, key -> new AtomicInteger()).incrementAndGet();
  }

  private NativeEngine any(Random random) {
    return engines.get(random.nextInt(ENGINES));
  }

  private NativeEngine trainable(Random random) {
    return engines.get(1 + random.nextInt(ENGINES - 1));
  }

  private void replace(int place) {
    EngineConfig config =
        switch (place) {
          case 0 -> CONFIG.withThreads(2);
          case 1 -> CONFIG;
          default -> CONFIG.withComputeDType(DType.BFLOAT16).withThreads(3);
        };
    NativeEngine old = engines.getAndSet(place, NativeEngine.create(MODEL, 1, config));
    if (old != null) {
      old.close();
    }
  }

  private void replaceTokenizer() {
    Tokenizer old = tokenizer.getAndSet(Tokenizer.load(folder));
    if (old != null) {
      old.close();
    }
  }

  private void encode() {
    requireEqual(box(ids), box(tokenizer.get().encode(TEXT)));
  }

  private static List<Integer> box(int[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private List<String> answersOf(NativeEngine engine) {
    GenerationConfig config = GenerationConfig.greedy(12, -1).withBatchSize(2);
    return new TextGenerator(engine, tokenizer.get())
        .generate(PROMPTS, config).stream()
            .map(answer -> box(answer.tokenIds()).toString())
            .toList();
  }

  private void generate() {
    requireEqual(answers, answersOf(engines.get(0)));
  }

  private void evaluate() {
    requireEqual(loss, engines.get(0).evaluate(List.of(BATCH)).get(0).lossSum());
  }

  private void logits() {
    require(Arrays.equals(logits, engines.get(0).logits(BATCH)), "other logits");
  }

  private void train(Random random) {
    BatchConfig batch = new BatchConfig(4, 512, 256);
    TrainConfig config =
        TrainConfig.defaults().withBatch(batch).withMaxSteps(1 + random.nextInt(8));
    Trainer trainer = new Trainer(trainable(random), config);
    if (random.nextInt(4) == 0) {
      trainer.cancel();
    }
    trainer.train(List.of(samples), List.of());
  }

  private void step(Random random) {
    NativeEngine engine = trainable(random);
    engine.during(
        "a step",
        null,
        () -> {
          engine.accumulate(BATCH, 0.25);
          require(Double.isFinite(engine.apply(1e-4).loss()), "a loss that is not finite");
          return null;
        });
  }

  private static SampleEncoder encoder(Tokenizer with) {
    return new SampleEncoder(
        ChatTemplate.byName("vicuna_v1.1"), with, SampleLimits.truncateAt(256));
  }

  private void read(Random random) {
    int limit = 1 + random.nextInt(300);
    Source read = encoder(tokenizer.get()).readSource("data", List.of(data), limit);
    requireEqual(limit, read.samples().size());
  }

  private void readInOwnTokenizer(Random random) {
    try (Tokenizer own = Tokenizer.load(folder)) {
      Source read = encoder(own).readSource("data", List.of(data), 200);
      requireEqual(200, read.samples().size());
    }
  }

  private void clock(Random random) {
    NativeEngine engine = any(random);
    engine.during(
        "a clock",
        null,
        () -> {
          engine.startClock();
          return engine.stopClock();
        });
  }

  private void save(Random random) {
    Path to = folder.resolve("saved-" + Thread.currentThread().getName());
    any(random).save(to, DType.FLOAT32);
  }

  private void newState(Random random) {
    StateMemory memory = random.nextBoolean() ? StateMemory.COPIED : StateMemory.SHARED;
    EngineState old = state.getAndSet(trainable(random).state(memory));
    old.close();
  }

  private void writeState() throws IOException {
    Path to = folder.resolve("state-" + Thread.currentThread().getName());
    state.get().write(Files.createDirectories(to));
  }

  private void newSession(Random random) {
    GenerationSession old = session.getAndSet(any(random).openSession(3, 32));
    old.close();
  }

  private void openRequest(Random random) {
    session.get().open(PROMPTS.get(random.nextInt(3)), SamplingConfig.greedy());
  }
}
