package ai.dmt.evaluators.sandbox;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pool of workers that run Python programs which nobody trusts.
 *
 * <p>Every program has a sandbox of its own, made by bubblewrap in some 20 ms: namespaces without
 * network and without other processes; of the file system only the system's programs and the
 * interpreter, read-only, and a private /tmp; a cleared environment; no privileges and no way to
 * new ones; limits on time, memory, processes, output and files. When the program has ended or its
 * time is up, the kernel ends every process of the sandbox. So no program can reach the next one.
 *
 * <p>The verdict is the supervisor's, a process that the program cannot signal, trace or write to.
 * A program passes only by running to its end: exits of any kind, output, forged reports, caught
 * exceptions and processes left behind fail. The program and its tests share one interpreter, as in
 * every harness, so a program written against its tests, or against this supervisor's source, can
 * make them pass. A program that passed its tests therefore runs once more, in another sandbox,
 * with tests that were made false in one place after the other; what passes there, too, is reported
 * as forged. Not excluded: a program that knows the tests by heart, and one that forges by chance
 * and is lucky. Nor are faults of the kernel.
 *
 * <p>For one thread at a time.
 */
public final class Sandbox implements AutoCloseable {
  /** Times the limit of one program; supervisor.py bounds what it runs with decoys by less. */
  private static final int TIMES_WITH_DECOYS = 20;

  private static final long SECONDS_TO_END = 10;

  private static final PythonProgram TRIAL = PythonProgram.of("assert 1 + 1 == 2");

  private final SandboxSettings settings;
  private final PythonInterpreter python;
  private final Isolation isolation;
  private final List<String> interpreterArguments;
  private final ExecutorService workers;
  private final ScheduledExecutorService watchdog = Executors.newScheduledThreadPool(1);
  private final Set<Process> running = ConcurrentHashMap.newKeySet();
  private final @Nullable UserIds uids; // null where programs run as this user

  private Sandbox(
      SandboxSettings settings, PythonInterpreter python, String supervisor, Isolation isolation) {
    this.settings = settings;
    this.python = python;
    this.isolation = isolation;
    // Isolated from the user's settings, no site module, nothing written beside the sources
    interpreterArguments = List.of("-I", "-S", "-B", "-c", supervisor);
    uids = isolation.changesUser() ? new UserIds(settings.workers() + 1) : null;
    workers = Executors.newFixedThreadPool(settings.workers());
  }

  /**
   * Makes the workers, and tries a program before any untrusted one.
   *
   * @param settings interpreter, workers, limits, and whether there is a sandbox at all
   * @return a pool that is ready; the caller closes it
   * @throws ConfigException if Python or bubblewrap is missing, or the system refuses namespaces;
   *     there is no silent way around
   */
  public static Sandbox open(SandboxSettings settings) {
    PythonInterpreter python = PythonInterpreter.find(settings.python());
    String supervisor = python.compiled(text("decoys.py") + text("supervisor.py"));
    List<Isolation> ways = settings.unsafe() ? List.of(new NoIsolation()) : Bubblewrap.find();
    StringBuilder faults = new StringBuilder();
    for (Isolation way : ways) {
      Sandbox sandbox = new Sandbox(settings, python, supervisor, way);
      String fault = sandbox.fault();
      if (fault == null) {
        return sandbox;
      }
      sandbox.close();
      faults.append("\n  %s: %s".formatted(way.description(), fault));
    }
    try (Sandbox none = new Sandbox(settings, python, supervisor, new NoIsolation())) {
      String fault = none.fault();
      if (fault != null) {
        throw new ConfigException(
            "%s does not run programs, in a sandbox or without: %s"
                .formatted(settings.python(), fault));
      }
    }
    if (ways.stream().anyMatch(Isolation::works)) {
      throw new ConfigException(
          "%s runs programs, but not in a sandbox, which shows only what lies in its prefix:%s"
              .formatted(settings.python(), faults));
    }
    throw new ConfigException(
        "no sandbox: this system does not let bubblewrap make one (in a container, allow user"
            + " namespaces or run it privileged):"
            + faults);
  }

  /** Why programs cannot run; null if they can. */
  private @Nullable String fault() {
    try {
      ProgramOutcome outcome = start(TRIAL, false);
      return outcome.passed() ? null : "a trial " + outcome.text();
    } catch (IOException e) {
      return Printable.reason(e);
    }
  }

  /** {@return what isolates the programs, for people} */
  public String description() {
    return isolation.description();
  }

  /**
   * Runs programs, as many at a time as there are workers. Those whose time was up run once more,
   * each alone, so that a busy machine does not decide.
   *
   * @param programs that nobody trusts
   * @param done called after each program that has its final outcome, with how many have
   * @return in the order of the programs
   * @throws InterruptedException if the thread is interrupted; the programs are ended
   */
  public List<ProgramOutcome> runAll(List<PythonProgram> programs, IntConsumer done)
      throws InterruptedException {
    List<Future<ProgramOutcome>> futures = new ArrayList<>();
    for (PythonProgram program : programs) {
      futures.add(workers.submit(() -> runOnce(program)));
    }
    List<ProgramOutcome> outcomes = new ArrayList<>();
    List<Integer> again = new ArrayList<>();
    int finished = 0;
    try {
      for (int i = 0; i < futures.size(); i++) {
        ProgramOutcome outcome = futures.get(i).get();
        outcomes.add(outcome);
        if (outcome.status() == ProgramOutcome.Status.TIMED_OUT) {
          again.add(i);
        } else {
          done.accept(++finished);
        }
      }
      for (int index : again) {
        Future<ProgramOutcome> alone = workers.submit(() -> runOnce(programs.get(index)));
        futures.add(alone);
        outcomes.set(index, alone.get());
        done.accept(++finished);
      }
      return outcomes;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a program could not be run", e.getCause());
    } finally {
      // First the workers learn of it, so that none starts a process after these have ended.
      futures.forEach(future -> future.cancel(true));
      running.forEach(Process::destroyForcibly);
    }
  }

  /**
   * Runs one program, once more if its time was up.
   *
   * @param program that nobody trusts
   * @return how it ended
   * @throws InterruptedException if the thread is interrupted; the program is ended
   */
  public ProgramOutcome run(PythonProgram program) throws InterruptedException {
    return runAll(List.of(program), done -> {}).get(0);
  }

  /** A sandbox that breaks down counts as the program's doing: it worked before. */
  private ProgramOutcome runOnce(PythonProgram program) {
    try {
      ProgramOutcome outcome = start(program, false);
      return outcome.passed() && program.tests() != null ? start(program, true) : outcome;
    } catch (IOException e) {
      return ProgramOutcome.failed("broke its sandbox: " + e.getMessage());
    }
  }

  private ProgramOutcome start(PythonProgram program, boolean decoys) throws IOException {
    if (uids == null) {
      return start(program, decoys, null);
    }
    int uid;
    try {
      uid = uids.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    try {
      return start(program, decoys, uid);
    } finally {
      uids.giveBack(uid);
    }
  }

  private ProgramOutcome start(PythonProgram program, boolean decoys, @Nullable Integer uid)
      throws IOException {
    SandboxLimits limits = settings.limits();
    List<String> command = isolation.command(python, limits, interpreterArguments);
    String request = SupervisorMessages.request(program, decoys, limits, python, uid);
    Duration limit = limits.wallClock().multipliedBy(decoys ? TIMES_WITH_DECOYS : 1);
    SupervisedRun run = new SupervisedRun(watchdog, running);
    if (isolation.hasOwnFiles()) {
      return run.run(command, request, limit, Path.of("/tmp"));
    }
    Path folder = Files.createTempDirectory("dmt-program-");
    try {
      return run.run(command, request, limit, folder);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static String text(String resource) {
    try (InputStream in = Sandbox.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends all programs that still run, and waits for their ends. */
  @Override
  public void close() {
    workers.shutdownNow();
    running.forEach(Process::destroyForcibly);
    try {
      workers.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watchdog.shutdownNow();
    if (uids != null) {
      uids.close();
    }
  }
}
