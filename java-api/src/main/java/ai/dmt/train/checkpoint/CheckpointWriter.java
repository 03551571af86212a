package ai.dmt.train.checkpoint;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.EngineState;
import ai.dmt.engine.StateMemory;
import ai.dmt.engine.TrainingEngine;
import ai.dmt.internal.files.Checksums;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.Sha256;
import ai.dmt.train.ControlState;
import ai.dmt.train.MixtureController;
import ai.dmt.train.Progress;
import ai.dmt.train.RunIdentity;
import ai.dmt.train.StateKeeper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes checkpoints of a run, one at a time. Each rank has one; all write to the same folder,
 * which is on a file system that they share.
 *
 * <p>A rank copies its state and goes on training while a thread writes the copy, flushes it and
 * computes its checksum. At the step at which all ranks are seen to be done, rank 0 writes the
 * checksums of all files, flushes them, gives the folder its name and deletes old checkpoints. So a
 * checkpoint that has its name is whole, whenever processes are killed.
 */
public final class CheckpointWriter implements StateKeeper {
  private static final int DIGEST_BYTES = 32;
  private static final long NONE = -1;

  private final TrainingEngine engine;
  private final CheckpointFolder folder;
  private final CheckpointConfig config;
  private final RunFacts run;
  private @Nullable MixtureController controller; // null: there are no decisions to keep
  private @Nullable InFlight current; // null: nothing is being written
  private long keptStep;
  private Consumer<Path> listener = checkpoint -> {};

  /**
   * What a checkpoint says of the run.
   *
   * @param identity must be the same when the run goes on
   * @param versions of what writes it
   * @param extras writes the files that belong to it, such as its recipe, on rank 0
   */
  public record RunFacts(
      RunIdentity identity, Map<String, String> versions, ModelFolder.Contents extras) {}

  /**
   * A checkpoint on its way.
   *
   * @param control decisions up to there
   * @param checksum of this rank's file, once that is on the disk
   * @param fault of what belongs to it; null if it is there
   */
  private record InFlight(
      Progress progress,
      ControlState control,
      FutureTask<byte[]> checksum,
      @Nullable Exception fault) {}

  /**
   * Makes a writer.
   *
   * @param engine whose state is written; stays the caller's
   * @param folder of the run, on a file system that all ranks share
   * @param config when to write, and how many to keep
   * @param run what each checkpoint says of the run
   * @param from where the run starts or goes on
   */
  public CheckpointWriter(
      TrainingEngine engine,
      CheckpointFolder folder,
      CheckpointConfig config,
      RunFacts run,
      Progress from) {
    this.engine = engine;
    this.folder = folder;
    this.config = config;
    this.run = run;
    this.keptStep = from.step();
  }

  /**
   * Has rank 0 tell of each checkpoint when it is whole, before older ones are deleted.
   *
   * @param told called with the checkpoint's folder, on the thread that trains; must not throw
   */
  public void onWhole(Consumer<Path> told) {
    listener = told;
  }

  /**
   * Has checkpoints hold a controller's state. Those that it may have to go back to are kept beyond
   * the limit.
   *
   * @param mixtures of the run, on this rank
   */
  public void controlWith(MixtureController mixtures) {
    controller = mixtures;
  }

  @Override
  public boolean isBusy() {
    return current != null && !current.checksum().isDone();
  }

  @Override
  public void keepIfDue(Progress progress) {
    if (config.saveSteps() > 0 && progress.step() % config.saveSteps() == 0) {
      keep(progress);
    }
  }

  @Override
  public void keepAtStop(Progress progress) {
    keep(progress);
    finish();
  }

  private void keep(Progress progress) {
    if (progress.step() == keptStep) {
      return;
    }
    finish();
    begin(progress);
    if (!config.async()) {
      finish();
    }
  }

  @Override
  public Progress goBack(long step) {
    finish();
    Progress then = new Resumption(engine, run.identity(), line -> {}).from(folder.of(step));
    agree(then, faultOnFirst(() -> folder.prune(step, Integer.MAX_VALUE, Set.of())));
    keptStep = NONE; // what is decided now is not in it
    return then;
  }

  @Override
  public void finish() {
    complete(); // waits for this rank's file
  }

  @Override
  public void abandon() {
    boolean interrupted = Thread.interrupted();
    while (current != null) {
      try {
        current.checksum().get();
        current = null;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        current = null; // the run has failed before, and says why
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void complete() {
    if (current == null) {
      return;
    }
    InFlight done = current;
    byte[][] own = {new byte[DIGEST_BYTES]};
    Exception fault = faultOf(() -> own[0] = await(done));
    current = null;
    double[] digests = sharedDigests(own[0]);
    agree(done.progress(), fault == null ? done.fault() : fault);
    agree(done.progress(), faultOnFirst(() -> publish(done, digests)));
  }

  private void begin(Progress progress) {
    Path saving = folder.saving(progress.step());
    agree(progress, faultOnFirst(() -> folder.begin(progress.step()))); // the folder is there
    EngineState state = engine.state(config.async() ? StateMemory.COPIED : StateMemory.SHARED);
    FutureTask<byte[]> task = new FutureTask<>(() -> write(state, saving));
    ControlState control = controller == null ? ControlState.NONE : controller.state();
    current = new InFlight(progress, control, task, null);
    keptStep = progress.step();
    if (config.async()) {
      Thread thread = new Thread(task, "checkpoint-" + progress.step());
      thread.setDaemon(true);
      thread.start();
    } else {
      task.run();
    }
    Exception fault = faultOnFirst(() -> run.extras().writeTo(saving));
    current = new InFlight(progress, control, task, fault);
  }

  /** Writes this rank's file. @return its checksum */
  private static byte[] write(EngineState state, Path saving) throws IOException {
    try (state) {
      return HexFormat.of().parseHex(Sha256.of(saving.resolve(state.write(saving))));
    }
  }

  private static byte[] await(InFlight done) throws IOException {
    try {
      return done.checksum().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while it was written", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause(); // write() throws no other
    }
  }

  /** The checksums of all ranks' files, end to end; a byte in each element. */
  private double[] sharedDigests(byte[] own) {
    double[] digests = new double[DIGEST_BYTES * engine.worldSize()];
    for (int i = 0; i < DIGEST_BYTES; i++) {
      digests[engine.rank() * DIGEST_BYTES + i] = own[i] & 0xff;
    }
    engine.sumOverRanks(digests);
    return digests;
  }

  private void publish(InFlight done, double[] digests) throws IOException {
    Progress progress = done.progress();
    Path saving = folder.saving(progress.step());
    List<String> names = EngineState.fileNames(engine.worldSize());
    FileOutput.write(
        saving.resolve(CheckpointManifest.NAME),
        new CheckpointManifest(progress, names, run.identity(), run.versions(), done.control())
            .toJson());
    Map<String, String> sums = new LinkedHashMap<>();
    for (int rank = 0; rank < names.size(); rank++) {
      if (!Files.isRegularFile(saving.resolve(names.get(rank)))) {
        throw new IOException(
            "%s of rank %s is not there; is the output on a file system that all ranks share?"
                .formatted(saving.resolve(names.get(rank)), rank));
      }
      sums.put(names.get(rank), hex(digests, rank));
    }
    try (Stream<Path> files = Files.list(saving)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!sums.containsKey(name)) {
          Disk.flush(file);
          sums.put(name, Sha256.of(file));
        }
      }
    }
    Path checksums = saving.resolve(Checksums.NAME);
    FileOutput.write(checksums, new Checksums(sums).toText());
    Disk.flush(checksums);
    folder.publish(progress.step());
    listener.accept(folder.of(progress.step()));
    folder.prune(
        progress.step(),
        config.saveTotalLimit(),
        controller == null ? Set.of() : controller.needed());
  }

  private static String hex(double[] digests, int rank) {
    byte[] bytes = new byte[DIGEST_BYTES];
    for (int i = 0; i < DIGEST_BYTES; i++) {
      bytes[i] = (byte) (int) digests[rank * DIGEST_BYTES + i];
    }
    return HexFormat.of().formatHex(bytes);
  }

  /** What may fail on one rank alone. */
  private interface FileWork {
    void run() throws IOException;
  }

  /** What goes wrong; null if nothing does. */
  private static @Nullable Exception faultOf(FileWork work) {
    try {
      work.run();
      return null;
    } catch (IOException | RuntimeException e) {
      return e;
    }
  }

  private @Nullable Exception faultOnFirst(FileWork work) {
    return engine.rank() == 0 ? faultOf(work) : null;
  }

  /**
   * Ends the run on all ranks if one has failed: they are still together, so that the model can be
   * saved.
   */
  private void agree(Progress progress, @Nullable Exception fault) {
    double[] faults = {fault == null ? 0 : 1};
    engine.sumOverRanks(faults);
    if (faults[0] > 0) {
      throw new UnwrittenCheckpointException(progress.step(), folder.root(), reason(fault), fault);
    }
  }

  private static String reason(@Nullable Exception fault) {
    if (fault == null) {
      return "another rank says why";
    }
    // The JDK's messages are often a path alone, so the type belongs to them.
    return fault instanceof EngineException failure ? failure.getMessage() : fault.toString();
  }
}
