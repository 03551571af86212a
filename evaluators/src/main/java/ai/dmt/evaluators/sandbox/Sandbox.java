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
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pool of workers that run Python programs which nobody trusts.
 *
 * <p>A program has a sandbox of its own, made by bubblewrap in some 20 ms: namespaces without
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
 * <p>Solutions with tests that are plain share a sandbox, each as a process of its own: functions
 * over numbers, texts and collections that call nothing but some functions and methods of these
 * types (plain.py). They have no way to a file, a process, the interpreter or a type of their own,
 * so they cannot reach each other, and cannot forge.
 *
 * <p>For one thread at a time.
 */
public final class Sandbox implements AutoCloseable {
  /** Times the limit of one program; supervisor.py bounds what it runs with decoys by less. */
  private static final int TIMES_WITH_DECOYS = 20;

  private static final long SECONDS_TO_END = 10;

  /** Plain programs in a sandbox: a worker waits for no other for long, and a start is shared. */
  private static final int TOGETHER = 16;

  private static final PythonProgram TRIAL = PythonProgram.of("assert 1 + 1 == 2");

  /** What worked, by interpreter: to find it takes several processes, to try it again one. */
  private static final Map<String, Way> KNOWN = new ConcurrentHashMap<>();

  private record Way(PythonInterpreter python, String supervisor, Isolation isolation) {}

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
    Way known = KNOWN.get(settings.python() + settings.unsafe());
    if (known != null) {
      Sandbox sandbox =
          new Sandbox(settings, known.python(), known.supervisor(), known.isolation());
      if (sandbox.fault() == null) {
        return sandbox;
      }
      sandbox.close(); // the interpreter is another one by now
    }
    PythonInterpreter python = PythonInterpreter.find(settings.python());
    String supervisor =
        python.compiled(text("decoys.py") + text("plain.py") + text("supervisor.py"));
    List<Isolation> ways = settings.unsafe() ? List.of(new NoIsolation()) : Bubblewrap.find();
    StringBuilder faults = new StringBuilder();
    for (Isolation way : ways) {
      Sandbox sandbox = new Sandbox(settings, python, supervisor, way);
      String fault = sandbox.fault();
      if (fault == null) {
        KNOWN.put(settings.python() + settings.unsafe(), new Way(python, supervisor, way));
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
    List<Future<?>> futures = new ArrayList<>();
    Map<Integer, ProgramOutcome> outcomes = new TreeMap<>();
    try {
      runTogether(programs, outcomes, futures);
      if (!outcomes.isEmpty()) {
        done.accept(outcomes.size());
      }
      List<Integer> own =
          IntStream.range(0, programs.size())
              .filter(i -> !outcomes.containsKey(i))
              .boxed()
              .toList();
      List<Future<ProgramOutcome>> alone = new ArrayList<>();
      for (int index : own) {
        alone.add(submit(() -> runOnce(programs.get(index)), futures));
      }
      List<Integer> again = new ArrayList<>();
      for (int i = 0; i < own.size(); i++) {
        ProgramOutcome outcome = alone.get(i).get();
        if (outcome.status() == ProgramOutcome.Status.TIMED_OUT) {
          again.add(own.get(i));
        } else {
          outcomes.put(own.get(i), outcome);
          done.accept(outcomes.size());
        }
      }
      for (int index : again) {
        outcomes.put(index, submit(() -> runOnce(programs.get(index)), futures).get());
        done.accept(outcomes.size());
      }
      return List.copyOf(outcomes.values());
    } catch (ExecutionException e) {
      throw new IllegalStateException("a program could not be run", e.getCause());
    } finally {
      // First the workers learn of it, so that none starts a process after these have ended.
      futures.forEach(future -> future.cancel(true));
      running.forEach(Process::destroyForcibly);
    }
  }

  private <T> Future<T> submit(Callable<T> work, List<Future<?>> futures) {
    Future<T> future = workers.submit(work);
    futures.add(future);
    return future;
  }

  /** Outcomes of those that are plain and were in time, by number. */
  private void runTogether(
      List<PythonProgram> programs, Map<Integer, ProgramOutcome> outcomes, List<Future<?>> futures)
      throws ExecutionException, InterruptedException {
    List<Integer> tested =
        IntStream.range(0, programs.size())
            .filter(i -> programs.get(i).tests() != null && programs.get(i).function() == null)
            .boxed()
            .toList();
    if (tested.size() < 2) {
      return;
    }
    // Programs of a group run one after the other: no worker is idle while another has several.
    int share = (tested.size() + settings.workers() - 1) / settings.workers();
    int together = Math.min(TOGETHER, share);
    List<List<Integer>> groups = new ArrayList<>();
    List<Future<List<Optional<ProgramOutcome>>>> ends = new ArrayList<>();
    for (int from = 0; from < tested.size(); from += together) {
      List<Integer> group = tested.subList(from, Math.min(from + together, tested.size()));
      groups.add(group);
      ends.add(submit(() -> runEach(group.stream().map(programs::get).toList()), futures));
    }
    for (int g = 0; g < groups.size(); g++) {
      List<Optional<ProgramOutcome>> group = ends.get(g).get();
      for (int i = 0; i < group.size(); i++) {
        int index = groups.get(g).get(i);
        group
            .get(i)
            .filter(outcome -> outcome.status() != ProgramOutcome.Status.TIMED_OUT)
            .ifPresent(outcome -> outcomes.put(index, outcome));
      }
    }
  }

  /** Empty for each that needs a sandbox of its own: for all, where theirs breaks down. */
  List<Optional<ProgramOutcome>> runEach(List<PythonProgram> programs) {
    try {
      return withUid(
          uid -> {
            String request = SupervisorMessages.request(programs, settings.limits(), python, uid);
            Duration limit = settings.limits().wallClock().multipliedBy(programs.size());
            return supervise(
                request, limit, text -> SupervisorMessages.outcomes(text, programs.size()));
          });
    } catch (IOException e) {
      return Collections.nCopies(programs.size(), Optional.empty());
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
    return withUid(
        uid -> {
          SandboxLimits limits = settings.limits();
          String request = SupervisorMessages.request(program, decoys, limits, python, uid);
          Duration limit = limits.wallClock().multipliedBy(decoys ? TIMES_WITH_DECOYS : 1);
          return supervise(request, limit, SupervisorMessages::outcome);
        });
  }

  /** Work under a user of its own; null is this process's user. */
  private interface AsUser<T> {
    T run(@Nullable Integer uid) throws IOException;
  }

  private <T> T withUid(AsUser<T> work) throws IOException {
    if (uids == null) {
      return work.run(null);
    }
    int uid;
    try {
      uid = uids.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    try {
      return work.run(uid);
    } finally {
      uids.giveBack(uid);
    }
  }

  /** Sends a request to a new supervisor, in a new sandbox, and reads its answer. */
  private <T> T supervise(String request, Duration limit, Function<String, @Nullable T> answer)
      throws IOException {
    List<String> command = isolation.command(python, settings.limits(), interpreterArguments);
    SupervisedRun run = new SupervisedRun(watchdog, running);
    if (isolation.hasOwnFiles()) {
      return run.run(command, request, limit, Path.of("/tmp"), answer);
    }
    Path folder = Files.createTempDirectory("dmt-program-");
    try {
      return run.run(command, request, limit, folder, answer);
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
