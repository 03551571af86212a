package ai.dmt.run;

import ai.dmt.config.ConfigException;
import ai.dmt.data.ModelExtras;
import ai.dmt.data.Source;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.EngineState;
import ai.dmt.engine.MemoryAccount;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.ModelSaving;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StateMemory;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.Sha256;
import ai.dmt.train.Progress;
import ai.dmt.train.Rank;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.StageProgress;
import ai.dmt.train.StepPart;
import ai.dmt.train.checkpoint.CheckpointConfig;
import ai.dmt.train.checkpoint.CheckpointFolder;
import ai.dmt.train.checkpoint.CheckpointWriter;
import ai.dmt.train.checkpoint.Resumption;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Does once, before a run, what would otherwise fail after hours: the longest step, an evaluation,
 * a checkpoint and a model written and read again, and the sum of what the disk must hold. All
 * ranks take part.
 *
 * <p>It has engines of its own, which are closed before the run's is opened. So nothing of it can
 * stay in weights, moments, random state or metrics, and no memory is held twice. What it writes is
 * in a hidden folder of the output, which goes at the end.
 */
final class Preflight {
  /** Of what it writes, in the output. */
  private static final String FOLDER = ".preflight";

  private final PreparedSchedule prepared;
  private final EngineConfig config;
  private final RunIdentity identity;
  private final ModelExtras extras;
  private final Path folder;

  /**
   * Prepares; nothing is loaded or written.
   *
   * @param prepared with a number of tokens of a micro-batch
   * @param config with the ranks
   * @param identity of the run
   * @param extras that belong to its models
   */
  Preflight(
      PreparedSchedule prepared, EngineConfig config, RunIdentity identity, ModelExtras extras) {
    this.prepared = prepared;
    this.config = config;
    this.identity = identity;
    this.extras = extras;
    this.folder = folder(prepared.output());
  }

  private static Path folder(Path output) {
    return output.resolve(FOLDER);
  }

  /** Deletes what one that was killed has left. */
  static void clear(Path output) throws IOException {
    Disk.delete(folder(output));
  }

  /** What is found by one engine and looked for by the next. */
  private record Written(
      MemoryAccount planned,
      MemoryAccount held,
      int tokens,
      long evaluated,
      Map<String, String> model,
      long modelBytes,
      long checkpointBytes) {}

  /**
   * Does all of it; all ranks call it.
   *
   * @return what was found
   * @throws ConfigException if the disk is too small
   * @throws EngineException if something else would fail
   */
  PreflightReport run() throws IOException {
    long began = System.nanoTime();
    boolean first = config.ranks().rank() == 0;
    try {
      if (first) {
        clear(prepared.output());
      }
      Written written;
      try (NativeEngine engine = NativeEngine.open(prepared.model().folder(), config)) {
        written = write(engine);
      }
      DiskDemand disk;
      try (NativeEngine engine = NativeEngine.open(model(), config)) {
        readAgain(engine, written);
        disk = demandSpace(engine, written.modelBytes(), written.checkpointBytes());
      }
      return new PreflightReport(
          written.tokens(),
          written.planned(),
          written.held(),
          written.evaluated(),
          written.checkpointBytes(),
          written.modelBytes(),
          disk,
          (System.nanoTime() - began) * 1e-9);
    } catch (EngineException | UncheckedIOException e) {
      throw new EngineException(
          "preflight: %s; nothing was trained, and %s is as it was"
              .formatted(e.getMessage(), prepared.output()),
          e);
    } finally {
      if (first) {
        clear(prepared.output());
      }
    }
  }

  private Path model() {
    return folder.resolve("model");
  }

  private Written write(NativeEngine engine) throws IOException {
    demandSpace(engine, prepared.modelBytes(), stateBytes(engine));
    int tokens = step(engine);
    long evaluated = evaluate(engine);
    MemoryAccount held = engine.memory();
    Path checkpoint = checkpoint(engine, "checkpoint", prepared.recipe().training().asyncSave());
    new ModelSaving(engine, prepared.saveDType(), extras::writeTo).save(model(), List.of());
    return new Written(
        prepared.plannedMemory(engine.model(), config),
        held,
        tokens,
        evaluated,
        weightSums(engine),
        Disk.occupied(List.of(model())),
        Disk.occupied(List.of(checkpoint)));
  }

  /** One micro-batch of each rank: more of them take time, and no memory. */
  private int step(NativeEngine engine) {
    engine.reserve(
        prepared
            .batches()
            .largestMicroBatch(
                engine.worldSize(), prepared.training().packing(), prepared.training().limits()));
    StepPart part =
        new LongestStep(prepared).of(new Rank(engine.rank(), engine.worldSize())).orElse(null);
    MicroBatch batch = part == null ? MicroBatch.NOTHING : part.microBatch();
    double[] labels = {batch.labelTokens()};
    engine.sumOverRanks(labels);
    engine.accumulate(batch, 1 / labels[0]); // as if they were all of a step
    StepMetrics metrics = engine.apply(prepared.recipe().training().learningRate());
    if (!Double.isFinite(metrics.loss())) {
      throw new EngineException(
          "the loss of the longest step is %s; look at the model's weights"
              .formatted(metrics.loss()));
    }
    return batch.tokens();
  }

  /** The largest micro-batch of held-out rows. @return its tokens */
  private long evaluate(NativeEngine engine) {
    List<Source> heldOut = PreparedSources.heldOut(prepared.sources());
    if (heldOut.isEmpty()) {
      return 0;
    }
    MicroBatch largest =
        PreparedSources.packed(
                engine, heldOut, prepared.training().batch().maxTokensPerMicroBatch())
            .stream()
            .max(Comparator.comparingInt(MicroBatch::tokens))
            .orElseThrow();
    for (SourceLoss loss : engine.evaluate(List.of(largest))) {
      if (!Double.isFinite(loss.lossSum())) {
        throw new EngineException(
            ("the held-out loss of source \"%s\" is %s; look at its held-out rows, the learning rate"
                    + " and the model's weights")
                .formatted(loss.source(), loss.lossSum()));
      }
    }
    return largest.tokens();
  }

  private CheckpointFolder checkpoints(String name) {
    return new CheckpointFolder(folder.resolve(name));
  }

  /** Writes one as the run will. */
  private Path checkpoint(NativeEngine engine, String name, boolean async) {
    CheckpointFolder checkpoints = checkpoints(name);
    CheckpointWriter writer =
        new CheckpointWriter(
            engine,
            checkpoints,
            new CheckpointConfig(0, 1, async),
            new CheckpointWriter.RunFacts(
                identity, Map.of("libtorch", NativeRuntime.torchVersion()), extras::writeTo),
            Progress.start(1));
    writer.keepAtStop(
        new Progress(
            1, 1, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, 0, StageProgress.NONE, Duration.ZERO));
    return checkpoints.of(1);
  }

  /** A fresh engine, as of a run that goes on, must hold and write the same bits. */
  private void readAgain(NativeEngine engine, Written written) throws IOException {
    removeTogether(engine, model());
    new ModelSaving(engine, prepared.saveDType(), extras::writeTo).save(model(), List.of());
    boolean model = weightSums(engine).equals(written.model());
    Path checkpoint = checkpoints("checkpoint").of(1);
    new Resumption(engine, identity, line -> {}).from(checkpoint);
    String read = tensorSum(engine, checkpoint);
    removeTogether(engine, checkpoint);
    Path again = checkpoint(engine, "again", false);
    boolean state = tensorSum(engine, again).equals(read);
    agree(
        engine,
        model && state
            ? null
            : new EngineException(
                "%s that was written to %s and read again is another one; the disk or its file system is"
                        .formatted(model ? "a checkpoint" : "a model", prepared.output())
                    + " not to be trusted"));
    removeTogether(engine, folder); // what is free is measured without it
  }

  /** Once no rank reads it any more. */
  private void removeTogether(NativeEngine engine, Path written) {
    agree(engine, null);
    @Nullable RuntimeException fault = null;
    if (engine.rank() == 0) {
      try {
        Disk.delete(written);
      } catch (IOException e) {
        fault =
            new EngineException("%s cannot be deleted: %s".formatted(written, Disk.reason(e)), e);
      }
    }
    agree(engine, fault);
  }

  /**
   * Of this rank's tensors. The header before them names the folder that the engine was opened
   * from, which differs between both.
   */
  private static String tensorSum(NativeEngine engine, Path checkpoint) throws IOException {
    Path file = checkpoint.resolve(EngineState.fileNames(engine.worldSize()).get(engine.rank()));
    MessageDigest digest = Sha256.digest();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20)) {
      byte[] length = in.readNBytes(Long.BYTES);
      in.skipNBytes(ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong());
      byte[] buffer = new byte[1 << 20];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Of the weights' files, on the rank that wrote them. */
  private Map<String, String> weightSums(NativeEngine engine) throws IOException {
    Map<String, String> sums = new TreeMap<>();
    if (engine.rank() == 0) {
      try (Stream<Path> files = Files.list(model())) {
        for (Path file : files.toList()) {
          if (file.getFileName().toString().endsWith(".safetensors")) {
            sums.put(file.getFileName().toString(), Sha256.of(file));
          }
        }
      }
    }
    return sums;
  }

  /** Of all ranks' files. */
  private static long stateBytes(NativeEngine engine) {
    try (EngineState state = engine.state(StateMemory.SHARED)) {
      double[] bytes = {state.bytes()};
      engine.sumOverRanks(bytes);
      return (long) bytes[0];
    }
  }

  private DiskDemand demandSpace(NativeEngine engine, long modelBytes, long checkpointBytes)
      throws IOException {
    DiskDemand demand = DiskDemand.of(prepared, modelBytes, checkpointBytes);
    @Nullable RuntimeException fault = null;
    if (engine.rank() == 0) {
      try {
        demand.check();
      } catch (ConfigException e) {
        fault = new ConfigException("preflight: " + e.getMessage(), e);
      }
    }
    agree(engine, fault);
    return demand;
  }

  /** Ends it on all ranks if one has failed, while they are still together. */
  private static void agree(NativeEngine engine, @Nullable RuntimeException fault) {
    double[] faults = {fault == null ? 0 : 1};
    engine.sumOverRanks(faults);
    if (fault != null) {
      throw fault;
    }
    if (faults[0] > 0) {
      throw new EngineException("another rank says why");
    }
  }
}
