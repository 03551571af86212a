package ai.dmt.engine;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.adapter.AdapterFolder;
import ai.dmt.bindings.DmtEngine;
import ai.dmt.bindings.Engine;
import ai.dmt.bindings.Generation;
import ai.dmt.bindings.GradientSet;
import ai.dmt.bindings.TrainingState;
import ai.dmt.checkpoint.ModelDigest;
import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.handle.HandleGuard;
import ai.dmt.internal.handle.NativeAddresses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The engine over libtorch. Its memory is native and freed by {@link #close}, never by the
 * collector. An engine that the machine, or a control group that the process is in, has no memory
 * for is refused before any is taken, and so is a micro-batch or a generation.
 */
public final class NativeEngine implements TrainingEngine {
  private final List<String> sources;
  private final RankGroups ranks;
  private final int threads; // 0 for the default
  private final ModelConfig model;
  private final long parameterCount;
  private final long trainedParameterCount;
  private final long keptGradientBytes;
  private final Optional<AdapterConfig> adapter;
  private final @Nullable SavedBase base; // null without an adapter that can be saved
  private final Map<String, Integer> addedAdapters = // numbers in native code, in their order
      Collections.synchronizedMap(new LinkedHashMap<>());
  private final List<NativeGenerationSession> sessions = new ArrayList<>(); // behind the guard
  private final HandleGuard guard;
  private final List<Runnable> releaseGroups;
  private final Engine engine; // used behind the guard alone
  private long changes; // of the weights and moments, behind the guard

  /** The model beside whose weights an adapter stands, as an adapter's folder tells of it. */
  private record SavedBase(AdapterConfig adapter, Path folder, String digest) {}

  private NativeEngine(
      String name,
      EngineConfig config,
      @Nullable SavedBase base,
      Engine engine,
      List<Runnable> releaseGroups) {
    this.adapter = config.adapter();
    this.base = base;
    this.guard = HandleGuard.exclusive(name);
    this.releaseGroups = releaseGroups;
    this.sources = config.sources();
    this.ranks = config.ranks();
    this.threads = config.threads();
    this.engine = engine;
    this.model = NativeCall.get(() -> NativeConfigs.of(engine.model_config()));
    this.parameterCount = engine.parameter_count();
    this.trainedParameterCount = engine.trained_parameter_count();
    this.keptGradientBytes = MemoryAccount.keptGradient(model, config);
  }

  /**
   * Loads a Hugging Face folder: config.json with model.safetensors, or shards and their index; or
   * PEFT's folder of an adapter, see {@link #open(AdapterFolder, EngineConfig)}.
   *
   * @param modelDirectory the folder
   * @param config how the engine computes; the groups of its ranks must outlive it
   * @return an engine with the weights of the files, to be closed by the caller
   * @throws ModelFileException if there is no such model, or its files are broken or of a kind or
   *     shape that is not supported
   * @throws EngineException if the engine cannot be made for another reason
   */
  public static NativeEngine open(Path modelDirectory, EngineConfig config) {
    if (!AdapterFolder.isAdapter(modelDirectory)) {
      return openModel(modelDirectory, config);
    }
    try {
      return open(AdapterFolder.read(modelDirectory), config);
    } catch (ConfigException e) {
      throw new ModelFileException(e.getMessage(), e);
    }
  }

  /**
   * Loads an adapter and the model that it stands beside.
   *
   * @param adapter the adapter's folder and its base
   * @param config an engine that trains has the adapter's settings, but for dropout and seed: it
   *     trains it on. One that does not need not have them
   * @return an engine with both, to be closed by the caller
   * @throws ModelFileException if files are missing or broken, or the adapter is another base's
   * @throws EngineException if the settings are not the adapter's, or the engine cannot be made for
   *     another reason
   */
  public static NativeEngine open(AdapterFolder adapter, EngineConfig config) {
    if (config.trainable() && config.adapter().isEmpty()) {
      throw new EngineException(
          ("%s holds an adapter, and all weights are to be trained; merge it into its base first (dmt"
                  + " export --merge), or train the adapter on (EngineConfig.withAdapter, or a"
                  + " recipe's section adapter)")
              .formatted(adapter.folder()));
    }
    AdapterConfig settings = config.adapter().orElse(adapter.config());
    List<String> differences = adapter.config().differences(settings, "this engine");
    if (!differences.isEmpty()) {
      throw new EngineException(
          "%s holds another adapter: %s"
              .formatted(adapter.folder(), String.join("; ", differences)));
    }
    try {
      ModelFolder.demandRegularFiles(adapter.folder());
      adapter.check();
    } catch (IOException e) {
      throw new ModelFileException(Disk.reason(e), e);
    } catch (ConfigException e) {
      throw new ModelFileException(e.getMessage(), e);
    }
    NativeEngine engine = openModel(adapter.base(), config.withAdapter(settings));
    try {
      engine.loadAdapter(adapter.weights());
      return engine;
    } catch (RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  private static NativeEngine openModel(Path modelDirectory, EngineConfig config) {
    String folder = modelDirectory.toString();
    try {
      ModelFolder.demandRegularFiles(modelDirectory);
      return make(
          "the engine for " + folder,
          config,
          savedBase(modelDirectory, config),
          () -> new Engine(folder, NativeConfigs.of(config)));
    } catch (IOException e) {
      throw new ModelFileException(Disk.reason(e), e);
    } catch (EngineException e) {
      throw ofFiles(e, modelDirectory);
    }
  }

  /** A message on a file begins with the file. */
  private static EngineException ofFiles(EngineException e, Path... places) {
    String message = e.getMessage();
    boolean ofFiles =
        message.startsWith("no such model: ")
            || Arrays.stream(places).map(Path::toString).anyMatch(message::startsWith);
    return ofFiles ? new ModelFileException(message, e) : e;
  }

  /** Read when the engine is made: the base may be gone when the adapter is saved. */
  private static @Nullable SavedBase savedBase(Path folder, EngineConfig config)
      throws IOException {
    boolean saves = config.trainable() && config.ranks().rank() == 0;
    return config.adapter().isEmpty() || !saves || !Files.isDirectory(folder)
        ? null
        : new SavedBase(config.adapter().get(), folder, ModelDigest.of(folder));
  }

  /**
   * Makes a model with fresh weights, normal with deviation {@link ModelConfig#initializerRange()};
   * norms are 1.
   *
   * @param model its shape
   * @param seed the same seed gives the same weights everywhere
   * @param config how the engine computes; the groups of its ranks must outlive it
   * @return an engine at step 0, to be closed by the caller
   * @throws EngineException if the engine cannot be made, such as for lack of memory
   */
  public static NativeEngine create(ModelConfig model, long seed, EngineConfig config) {
    return make(
        "the engine made with seed " + seed,
        config,
        null,
        () -> new Engine(NativeConfigs.of(model), seed, NativeConfigs.of(config)));
  }

  private static NativeEngine make(
      String name, EngineConfig config, @Nullable SavedBase base, Supplier<Engine> maker) {
    load();
    List<Runnable> releases = new ArrayList<>();
    try {
      for (long group : config.ranks().groups()) {
        releases.add(NativeAddresses.retain(group, name));
      }
      return new NativeEngine(name, config, base, NativeCall.make(maker), releases);
    } catch (RuntimeException | Error e) {
      releases.forEach(Runnable::run);
      throw e;
    }
  }

  private static void load() {
    try {
      NativeLibraries.load();
    } catch (LinkageError e) {
      throw new EngineException(
          "the native library cannot be loaded: %s; \"dmt doctor\" says which part is missing"
              .formatted(e.getMessage()),
          e);
    }
  }

  @Override
  public ModelConfig model() {
    guard.requireNotClosed();
    return model;
  }

  @Override
  public long parameterCount() {
    guard.requireNotClosed();
    return parameterCount;
  }

  @Override
  public long trainedParameterCount() {
    guard.requireNotClosed();
    return trainedParameterCount;
  }

  @Override
  public long keptGradientBytes() {
    guard.requireNotClosed();
    return keptGradientBytes;
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
    run("sumOverRanks", () -> engine.sum_over_ranks(values, values.length));
  }

  @Override
  public void reserve(long microBatchTokens) {
    run("reserve", () -> engine.reserve(microBatchTokens));
  }

  @Override
  public void accumulate(MicroBatch batch, double tokenWeight) {
    run("accumulate", () -> engine.accumulate(NativeConfigs.of(batch), tokenWeight));
  }

  @Override
  public StepMetrics apply(double learningRate) {
    return call(
        "apply",
        () -> {
          beginChange("apply");
          var metrics = engine.apply(learningRate);
          double[] lossSums = new double[sources.size()];
          long[] labelTokens = new long[sources.size()];
          engine.step_source_losses(lossSums, labelTokens);
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
    run(
        "resetOptimizer",
        () -> {
          changes++;
          engine.reset_optimizer();
        });
  }

  @Override
  public List<SourceLoss> evaluate(List<MicroBatch> batches) {
    return guard.call("evaluate", () -> lossesOf(batches, engine::evaluate));
  }

  @Override
  public List<SourceLoss> evaluateWithout(AttentionHead head, List<MicroBatch> batches) {
    return guard.call(
        "evaluateWithout", () -> lossesOf(batches, NativeAttention.without(engine, head)));
  }

  private List<SourceLoss> lossesOf(List<MicroBatch> batches, NativeAttention.LossCall call) {
    double[] lossSums = new double[sources.size()];
    long[] labelTokens = new long[sources.size()];
    for (int first = 0; first < batches.size(); first += ranks.worldSize()) {
      int own = first + ranks.rank();
      MicroBatch batch = own < batches.size() ? batches.get(own) : MicroBatch.NOTHING;
      NativeCall.run(() -> call.add(NativeConfigs.of(batch), lossSums, labelTokens));
    }
    double[] counts = LongStream.of(labelTokens).asDoubleStream().toArray(); // exact up to 2^53
    sumOverRanks(lossSums);
    sumOverRanks(counts);
    return losses(lossSums, DoubleStream.of(counts).mapToLong(count -> (long) count).toArray());
  }

  @Override
  public float[][][] hiddenStates(MicroBatch batch, Pooling pooling) {
    int size = model().hiddenSize();
    float[][][] states = new float[model().layers() + 1][batch.documents()][size];
    float[] flat = new float[Math.multiplyExact(states.length * batch.documents(), size)];
    run(
        "hiddenStates",
        () -> engine.hidden_states(NativeConfigs.of(batch), NativeConfigs.of(pooling), flat));
    for (int layer = 0; layer < states.length; layer++) {
      for (int d = 0; d < batch.documents(); d++) {
        System.arraycopy(flat, (layer * batch.documents() + d) * size, states[layer][d], 0, size);
      }
    }
    return states;
  }

  @Override
  public GradientProducts gradientProducts(List<List<MicroBatch>> sets) {
    return guard.call(
        "gradientProducts",
        () -> {
          try (GradientSet kept = NativeCall.make(() -> new GradientSet(engine))) {
            return NativeGradients.products(this, kept, sets);
          }
        });
  }

  @Override
  public AttentionMeasures[][][] attention(MicroBatch batch, TrainingEngine before) {
    if (!(before instanceof NativeEngine other)) {
      throw new IllegalArgumentException(
          "expected another native engine, got " + before.getClass());
    }
    return other.guard.call(
        "attention",
        () ->
            guard.call("attention", () -> NativeAttention.of(engine, other.engine, model, batch)));
  }

  @Override
  public void writeModel(Path folder, DType dtype) {
    if (adapter.isEmpty()) {
      run("save", () -> engine.save(folder.toString(), NativeConfigs.of(dtype)));
      return;
    }
    run("save", () -> engine.save_adapter(folder.toString(), NativeConfigs.of(dtype)));
    if (ranks.rank() == 0) {
      writeAdapterConfig(folder);
    }
  }

  /**
   * Writes what belongs beside an adapter's weights: PEFT's settings, and the base's digest.
   * Nothing of an engine without an adapter. For rank 0.
   *
   * @param folder that is there
   * @throws EngineException if it cannot be written, or the base is in no folder
   */
  public void writeAdapterConfig(Path folder) {
    if (adapter.isEmpty()) {
      return;
    }
    if (base == null) {
      throw new EngineException(
          "an adapter is saved by an engine that trains it and was opened from the folder of its base");
    }
    try {
      AdapterFolder.write(
          folder,
          base.adapter(),
          base.folder().toAbsolutePath().normalize().toString(),
          base.digest());
    } catch (IOException e) {
      throw new EngineException("cannot save to %s: %s".formatted(folder, Disk.reason(e)), e);
    }
  }

  /** {@return the adapter beside the model's weights; empty if there is none} */
  public Optional<AdapterConfig> adapter() {
    return adapter;
  }

  /**
   * Fills the adapter of the engine's settings, which is fresh before.
   *
   * @param file adapter_model.safetensors, with PEFT's names
   * @throws ModelFileException if the file is not of such an adapter
   * @throws EngineException if a step has been begun
   */
  public void loadAdapter(Path file) {
    try {
      run(
          "loadAdapter",
          () -> {
            beginChange("loadAdapter");
            engine.load_adapter(file.toString());
          });
    } catch (EngineException e) {
      throw ofFiles(e, file);
    }
  }

  /**
   * Adds an adapter for requests of a generation to choose, beside that of the engine's settings,
   * if it has one. Among several ranks all add the same ones.
   *
   * @param name that requests call it by
   * @param other its folder; its base is the folder that this engine was opened from
   * @throws EngineException if the engine is trainable, or has an adapter of this name
   * @throws ModelFileException if the file is not of such an adapter, or the adapter was trained on
   *     another base, as far as its folder tells
   */
  public void addAdapter(String name, AdapterFolder other) {
    try {
      other.check();
    } catch (ConfigException e) {
      throw new ModelFileException(e.getMessage(), e);
    }
    try {
      run("addAdapter", () -> add(name, other));
    } catch (EngineException e) {
      throw ofFiles(e, other.weights());
    }
  }

  private void add(String name, AdapterFolder other) {
    if (addedAdapters.containsKey(name)) {
      throw new EngineException(
          "there is an adapter \"%s\" already, %s needs another name"
              .formatted(name, other.folder()));
    }
    int number = engine.add_adapter(NativeConfigs.of(other.config()), other.weights().toString());
    addedAdapters.put(name, number);
  }

  @Override
  public List<String> adapters() {
    guard.requireNotClosed();
    synchronized (addedAdapters) {
      return List.copyOf(addedAdapters.keySet());
    }
  }

  /** The number of an adapter in native code; -1 for the model alone. */
  private int adapterNumber(Optional<String> name) {
    if (name.isEmpty()) {
      return adapter.isPresent() ? 0 : -1;
    }
    Integer number = addedAdapters.get(name.get());
    if (number == null) {
      throw new EngineException(
          "there is no adapter \"%s\", the engine has %s".formatted(name.get(), adapters()));
    }
    return number;
  }

  /**
   * Writes a model that computes without an adapter what its base does with it. Neither needs an
   * engine, and memory does not grow with the model.
   *
   * @param adapter the adapter's folder and its base
   * @param directory to make, or to replace what is there
   * @param dtype type of the weights in the file
   * @param beside writes files that appear together with the model, such as its tokenizer's
   * @throws ModelFileException if files are missing or broken, or do not belong together
   * @throws EngineException if the folder cannot be written; an older model is then as it was
   */
  public static void merge(
      AdapterFolder adapter, Path directory, DType dtype, ModelFolder.Contents beside) {
    load();
    try {
      adapter.check();
      ModelFolder.write(
          directory,
          folder -> {
            NativeCall.run(
                () ->
                    DmtEngine.merge_adapter(
                        adapter.base().toString(),
                        NativeConfigs.of(adapter.config()),
                        adapter.weights().toString(),
                        folder.toString(),
                        NativeConfigs.of(dtype)));
            beside.writeTo(folder);
          });
    } catch (ConfigException e) {
      throw new ModelFileException(e.getMessage(), e);
    } catch (EngineException e) {
      throw ofFiles(e, adapter.base(), adapter.weights());
    } catch (IOException e) {
      throw new EngineException("cannot merge to %s: %s".formatted(directory, Disk.reason(e)), e);
    }
  }

  @Override
  public EngineState state(StateMemory memory) {
    return guard.call(
        "state",
        () ->
            new NativeEngineState(
                NativeCall.make(() -> new TrainingState(engine, NativeConfigs.of(memory))),
                memory == StateMemory.SHARED ? writing(changes) : Supplier::get));
  }

  /** Writes what lies in the engine's own memory: as a call of the engine, if it is as it was. */
  private NativeEngineState.Writing writing(long changesThen) {
    return write ->
        guard.call(
            "the writing of a shared state",
            () -> {
              if (changes != changesThen) {
                throw new IllegalStateException(
                    "the weights have changed since this shared state was made; make a new one");
              }
              return write.get();
            });
  }

  @Override
  public void restore(Path folder) {
    run(
        "restore",
        () -> {
          beginChange("restore");
          engine.restore(folder.toString());
        });
  }

  /**
   * Writes the weights of the states in a folder as {@link #save} would, of an adapter's without
   * its settings; without an engine and in memory that does not grow with the model.
   *
   * @param states folder that all ranks of a run wrote their {@link EngineState} to
   * @param directory to make, or to replace what is there
   * @param dtype type of the weights in the file
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
      throw new EngineException("cannot export to %s: %s".formatted(directory, Disk.reason(e)), e);
    }
  }

  @Override
  public GenerationSession openSession(int slots, int maxTokens) {
    return guard.call(
        "openSession",
        () -> {
          Generation generation = NativeCall.make(() -> new Generation(engine, slots, maxTokens));
          NativeGenerationSession session =
              new NativeGenerationSession(
                  guard, generation, slots, maxTokens, this::adapterNumber, sessions::remove);
          sessions.add(session);
          return session;
        });
  }

  /**
   * Forward pass only.
   *
   * @param batch one micro-batch; its labels are checked, and change nothing
   * @return [tokens, vocabSize], row-major
   */
  public float[] logits(MicroBatch batch) {
    float[] logits = new float[Math.multiplyExact(batch.tokens(), model.vocabSize())];
    run("logits", () -> engine.logits(NativeConfigs.of(batch), logits));
    return logits;
  }

  /**
   * {@return the Hugging Face names of the tensors, such as "model.norm.weight", in the order of
   * the file; of an engine with an adapter PEFT's of the adapter's tensors}
   */
  public List<String> tensorNames() {
    return call(
        "tensorNames",
        () -> {
          List<String> names = new ArrayList<>();
          for (int tensor = 0; tensor < engine.tensor_count(); tensor++) {
            names.add(engine.tensor_name(tensor).getString(StandardCharsets.UTF_8));
          }
          return names;
        });
  }

  /**
   * Copies a weight.
   *
   * @param tensorName one of {@link #tensorNames()}
   * @return its elements in float32, row-major
   * @throws IllegalArgumentException if there is no tensor of this name
   */
  public float[] weight(String tensorName) {
    return call(
        "weight",
        () -> {
          int tensor = tensor(tensorName);
          float[] values = new float[Math.toIntExact(engine.tensor_size(tensor))];
          engine.read_weight(tensor, values);
          return values;
        });
  }

  /**
   * Copies what {@link #accumulate} has added up since the last {@link #apply}, over all ranks.
   *
   * @param tensorName one of {@link #tensorNames()}
   * @return [elements of the weight], row-major
   * @throws IllegalArgumentException if there is no tensor of this name
   */
  public float[] gradient(String tensorName) {
    return call(
        "gradient",
        () -> {
          int tensor = tensor(tensorName);
          float[] values = new float[Math.toIntExact(engine.tensor_size(tensor))];
          engine.read_gradient(tensor, values);
          return values;
        });
  }

  /** {@return what has computed attention since the engine was made} */
  public AttentionCalls attentionCalls() {
    return call(
        "attentionCalls",
        () -> {
          var calls = engine.attention_calls();
          return new AttentionCalls(calls.cudnn(), calls.flash(), calls.plain());
        });
  }

  /**
   * From here on {@link #accumulate} and {@link #apply} note what the device's time goes into,
   * which costs two time stamps per operation.
   */
  @Override
  public void startClock() {
    run("startClock", engine::start_clock);
  }

  /**
   * Stops the clock.
   *
   * @return what the time went into since {@link #startClock}
   * @throws EngineException if no clock runs, or the device has failed
   */
  @Override
  public WorkSeconds stopClock() {
    return call("stopClock", () -> NativeConfigs.of(engine.stop_clock()));
  }

  /** {@return how many CPU threads it computes with, whatever other engines have} */
  public int threads() {
    return threads > 0 ? threads : NativeRuntime.threads();
  }

  /** {@return the native memory of this rank by purpose, in bytes} */
  public MemoryAccount memory() {
    return call(
        "memory",
        () -> {
          var account = engine.memory_account();
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
  public <T> T during(String what, @Nullable Runnable stop, Supplier<T> calls) {
    return guard.claim(what, stop, calls);
  }

  @Override
  public void close() {
    guard.close(
        () -> {
          sessions.forEach(NativeGenerationSession::free);
          engine.close();
          releaseGroups.forEach(Runnable::run);
        });
  }

  /** One call into native code, behind the guard. */
  private <T> T call(String what, Supplier<T> call) {
    return guard.call(what, () -> NativeCall.get(call));
  }

  private void run(String what, Runnable call) {
    guard.run(what, () -> NativeCall.run(call));
  }

  /** Requests that are being answered would go on with half of each of two models. */
  private void beginChange(String what) {
    int open = sessions.stream().mapToInt(NativeGenerationSession::openRequests).sum();
    if (open > 0) {
      throw new IllegalStateException(
          "%s would change the weights that %s open requests are answered with; close them first"
              .formatted(what, open));
    }
    changes++;
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
