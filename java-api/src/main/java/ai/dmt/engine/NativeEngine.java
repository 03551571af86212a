package ai.dmt.engine;

import ai.dmt.bindings.DmtEngine;
import ai.dmt.bindings.Engine;
import ai.dmt.bindings.Generation;
import ai.dmt.bindings.Interconnect;
import ai.dmt.bindings.NativeLoader;
import ai.dmt.bindings.TrainingState;
import ai.dmt.checkpoint.ModelFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * The engine over libtorch. Its memory is native and freed by {@link #close}, never by the
 * collector.
 */
public final class NativeEngine implements TrainingEngine {
  private final String name;
  private final List<String> sources;
  private final RankGroups ranks;
  private final ModelConfig model;
  private final long parameterCount;
  private final List<NativeGenerationSession> sessions = new ArrayList<>();
  private Engine engine; // null once closed

  private NativeEngine(String name, EngineConfig config, Engine engine) {
    this.name = name;
    this.sources = config.sources();
    this.ranks = config.ranks();
    this.engine = engine;
    this.model = NativeCall.get(() -> NativeConfigs.of(engine.model_config()));
    this.parameterCount = engine.parameter_count();
  }

  /**
   * Loads a Hugging Face folder: config.json with model.safetensors, or shards and their index.
   *
   * @throws EngineException if there is no such model, or it is of a kind or shape that is not
   *     supported
   */
  public static NativeEngine open(Path modelDirectory, EngineConfig config) {
    String folder = modelDirectory.toString();
    return make(
        "the engine for " + folder, config, () -> new Engine(folder, NativeConfigs.of(config)));
  }

  /**
   * A model with fresh weights, normal with deviation {@link ModelConfig#initializerRange()}; norms
   * are 1.
   *
   * @param seed the same seed gives the same weights everywhere
   */
  public static NativeEngine create(ModelConfig model, long seed, EngineConfig config) {
    return make(
        "the engine made with seed " + seed,
        config,
        () -> new Engine(NativeConfigs.of(model), seed, NativeConfigs.of(config)));
  }

  private static NativeEngine make(String name, EngineConfig config, Supplier<Engine> maker) {
    load();
    return new NativeEngine(name, config, NativeCall.make(maker));
  }

  private static void load() {
    try {
      NativeLoader.load();
    } catch (LinkageError e) {
      throw new EngineException(
          "the native library cannot be loaded: %s; \"dmt doctor\" says which part is missing"
              .formatted(e.getMessage()),
          e);
    }
  }

  @Override
  public ModelConfig model() {
    engine();
    return model;
  }

  @Override
  public long parameterCount() {
    engine();
    return parameterCount;
  }

  @Override
  public List<String> sources() {
    return sources;
  }

  @Override
  public int rank() {
    return ranks.rank();
  }

  @Override
  public int worldSize() {
    return ranks.worldSize();
  }

  @Override
  public void sumOverRanks(double[] values) {
    Engine open = engine();
    NativeCall.run(() -> open.sum_over_ranks(values, values.length));
  }

  @Override
  public void accumulate(MicroBatch batch, double tokenWeight) {
    Engine open = engine();
    NativeCall.run(() -> open.accumulate(NativeConfigs.of(batch), tokenWeight));
  }

  @Override
  public StepMetrics apply(double learningRate) {
    Engine open = engine();
    return NativeCall.get(
        () -> {
          var metrics = open.apply(learningRate);
          double[] lossSums = new double[sources.size()];
          long[] labelTokens = new long[sources.size()];
          open.step_source_losses(lossSums, labelTokens);
          return new StepMetrics(
              metrics.step(),
              metrics.loss(),
              metrics.gradient_norm(),
              metrics.label_tokens(),
              metrics.tokens(),
              losses(lossSums, labelTokens));
        });
  }

  @Override
  public void resetOptimizer() {
    Engine open = engine();
    NativeCall.run(open::reset_optimizer);
  }

  @Override
  public List<SourceLoss> evaluate(List<MicroBatch> batches) {
    Engine open = engine();
    double[] lossSums = new double[sources.size()];
    long[] labelTokens = new long[sources.size()];
    for (int first = 0; first < batches.size(); first += ranks.worldSize()) {
      int own = first + ranks.rank();
      MicroBatch batch = own < batches.size() ? batches.get(own) : MicroBatch.NOTHING;
      NativeCall.run(() -> open.evaluate(NativeConfigs.of(batch), lossSums, labelTokens));
    }
    double[] counts = LongStream.of(labelTokens).asDoubleStream().toArray(); // exact up to 2^53
    sumOverRanks(lossSums);
    sumOverRanks(counts);
    return losses(lossSums, DoubleStream.of(counts).mapToLong(count -> (long) count).toArray());
  }

  @Override
  public float[][][] hiddenStates(MicroBatch batch, Pooling pooling) {
    Engine open = engine();
    int size = model().hiddenSize();
    float[][][] states = new float[model().layers() + 1][batch.documents()][size];
    float[] flat = new float[Math.multiplyExact(states.length * batch.documents(), size)];
    NativeCall.run(
        () -> open.hidden_states(NativeConfigs.of(batch), NativeConfigs.of(pooling), flat));
    for (int layer = 0; layer < states.length; layer++) {
      for (int d = 0; d < batch.documents(); d++) {
        System.arraycopy(flat, (layer * batch.documents() + d) * size, states[layer][d], 0, size);
      }
    }
    return states;
  }

  @Override
  public void save(Path directory, DType dtype) {
    Engine open = engine();
    if (ranks.rank() != 0) {
      NativeCall.run(() -> open.save("", NativeConfigs.of(dtype)));
      return;
    }
    try {
      ModelFolder.write(
          directory,
          folder -> NativeCall.run(() -> open.save(folder.toString(), NativeConfigs.of(dtype))));
    } catch (IOException e) {
      throw new EngineException("cannot save to %s: %s".formatted(directory, e), e);
    }
  }

  @Override
  public EngineState state(StateMemory memory) {
    Engine open = engine();
    return new NativeEngineState(
        NativeCall.make(() -> new TrainingState(open, NativeConfigs.of(memory))));
  }

  @Override
  public void restore(Path folder) {
    Engine open = engine();
    NativeCall.run(() -> open.restore(folder.toString()));
  }

  /**
   * Writes the weights of the states in a folder as {@link #save} would, without an engine and in
   * memory that does not grow with the model.
   *
   * @param states folder that all ranks of a run wrote their {@link EngineState} to
   * @throws EngineException if a state is missing, or the folder cannot be written; an older model
   *     is then as it was
   */
  public static void export(Path states, Path directory, DType dtype) {
    load();
    try {
      ModelFolder.write(
          directory,
          folder ->
              NativeCall.run(
                  () ->
                      DmtEngine.export_model(
                          states.toString(), folder.toString(), NativeConfigs.of(dtype))));
    } catch (IOException e) {
      throw new EngineException("cannot export to %s: %s".formatted(directory, e), e);
    }
  }

  @Override
  public GenerationSession openSession(int slots, int maxTokens) {
    Engine open = engine();
    Generation generation = NativeCall.make(() -> new Generation(open, slots, maxTokens));
    NativeGenerationSession[] session = new NativeGenerationSession[1];
    session[0] =
        new NativeGenerationSession(
            generation, slots, maxTokens, () -> sessions.remove(session[0]));
    sessions.add(session[0]);
    return session[0];
  }

  /**
   * Forward pass only.
   *
   * @return [tokens, vocabSize], row-major
   */
  public float[] logits(MicroBatch batch) {
    Engine open = engine();
    float[] logits = new float[Math.multiplyExact(batch.tokens(), model.vocabSize())];
    NativeCall.run(() -> open.logits(NativeConfigs.of(batch), logits));
    return logits;
  }

  /** Hugging Face names of the tensors, such as "model.norm.weight", in the order of the file. */
  public List<String> tensorNames() {
    Engine open = engine();
    return NativeCall.get(
        () -> {
          List<String> names = new ArrayList<>();
          for (int tensor = 0; tensor < open.tensor_count(); tensor++) {
            names.add(open.tensor_name(tensor).getString(StandardCharsets.UTF_8));
          }
          return names;
        });
  }

  /**
   * A copy of a weight in float32, row-major.
   *
   * @throws IllegalArgumentException if there is no tensor of this name
   */
  public float[] weight(String tensorName) {
    Engine open = engine();
    int tensor = tensor(tensorName);
    float[] values = new float[Math.toIntExact(open.tensor_size(tensor))];
    NativeCall.run(() -> open.read_weight(tensor, values));
    return values;
  }

  /**
   * A copy of what {@link #accumulate} has added up since the last {@link #apply}, row-major.
   *
   * @throws IllegalArgumentException if there is no tensor of this name
   */
  public float[] gradient(String tensorName) {
    Engine open = engine();
    int tensor = tensor(tensorName);
    float[] values = new float[Math.toIntExact(open.tensor_size(tensor))];
    NativeCall.run(() -> open.read_gradient(tensor, values));
    return values;
  }

  /**
   * From here on {@link #accumulate} and {@link #apply} note what the device's time goes into,
   * which costs two time stamps per operation.
   */
  public void startClock() {
    Engine open = engine();
    NativeCall.run(open::start_clock);
  }

  /**
   * What the time went into since {@link #startClock}.
   *
   * @throws EngineException if no clock runs, or the device has failed
   */
  public WorkSeconds stopClock() {
    Engine open = engine();
    return NativeCall.get(() -> NativeConfigs.of(open.stop_clock()));
  }

  /**
   * Floating-point operations of a training step for each token of a sequence of this length,
   * forward and backward, nothing computed twice, causal attention.
   */
  public double trainingFlopsPerToken(long length) {
    engine();
    return NativeCall.get(
        () -> DmtEngine.training_flops_per_token(NativeConfigs.of(model), length));
  }

  /** Native memory by purpose. */
  public MemoryAccount memory() {
    Engine open = engine();
    return account(open::memory_account);
  }

  /** What {@link #memory} of such an engine says before its first step; nothing is allocated. */
  public static MemoryAccount plannedMemory(ModelConfig model, EngineConfig config) {
    return plannedMemory(model, config, 0);
  }

  /**
   * What {@link #memory} of such an engine says after its first step; nothing is allocated.
   *
   * @param microBatchTokens of the largest micro-batch, all of them labels; 0 for no step
   */
  public static MemoryAccount plannedMemory(
      ModelConfig model, EngineConfig config, long microBatchTokens) {
    load();
    return account(
        () ->
            DmtEngine.planned_memory(
                NativeConfigs.of(model), NativeConfigs.of(config), microBatchTokens));
  }

  /**
   * The step of a rank among real ones over NVLink, from that of a simulated one. What is assumed,
   * and where the bandwidths are from, is said in dmt/engine.h ({@code predict_step}, {@code
   * Interconnect}).
   *
   * @param config of the simulated rank, with full or grad_op sharding
   * @param step what one step of it took
   * @param microBatches of that step
   * @throws EngineException if the sharding is another one
   */
  public static StepPrediction predictedStep(
      ModelConfig model, EngineConfig config, WorkSeconds step, int microBatches) {
    load();
    return NativeCall.get(
        () -> {
          var prediction =
              DmtEngine.predict_step(
                  NativeConfigs.of(model),
                  NativeConfigs.of(config),
                  NativeConfigs.of(step),
                  microBatches,
                  new Interconnect());
          return new StepPrediction(
              prediction.seconds(),
              prediction.computation(),
              prediction.slow_down(),
              prediction.exposed(),
              prediction.communication());
        });
  }

  private static MemoryAccount account(Supplier<ai.dmt.bindings.MemoryAccount> call) {
    return NativeCall.get(
        () -> {
          var account = call.get();
          return new MemoryAccount(
              account.weights(),
              account.master_weights(),
              account.gradients(),
              account.optimizer_states(),
              account.buffers(),
              account.activations_peak());
        });
  }

  @Override
  public void close() {
    List.copyOf(sessions).forEach(NativeGenerationSession::close);
    if (engine != null) {
      engine.close();
      engine = null;
    }
  }

  private Engine engine() {
    if (engine == null) {
      throw new IllegalStateException(name + " is closed");
    }
    return engine;
  }

  private int tensor(String tensorName) {
    int tensor = tensorNames().indexOf(tensorName);
    if (tensor < 0) {
      throw new IllegalArgumentException(
          "there is no tensor \"%s\"; the model has %s".formatted(tensorName, tensorNames()));
    }
    return tensor;
  }

  private List<SourceLoss> losses(double[] lossSums, long[] labelTokens) {
    List<SourceLoss> losses = new ArrayList<>();
    for (int s = 0; s < sources.size(); s++) {
      losses.add(new SourceLoss(sources.get(s), lossSums[s], labelTokens[s]));
    }
    return losses;
  }
}
