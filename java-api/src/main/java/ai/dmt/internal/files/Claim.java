package ai.dmt.internal.files;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second process from the same work, on this machine or on any other that sees the same
 * files. What a dead process holds can be taken.
 *
 * <p>It stands on one promise of file systems: if two processes create a file of one name, one of
 * them fails. A claim is such a file, with a number and its owner's name in it. Locks of the system
 * are not asked: on some network file systems they hold on one machine alone, and on others those
 * of a lost node stay. Nor are times of files, which are other clocks' and are cached.
 *
 * <ul>
 *   <li>An owner of this machine is dead when its process is gone.
 *   <li>An owner elsewhere counts in its file, every {@value #BEAT_MILLISECONDS} ms; it is dead
 *       when another process has looked for {@value #DEAD_MILLISECONDS} ms of its own time and the
 *       count has stood. Looks far apart count as if they were close: where the file system itself
 *       stands still, nobody dies.
 *   <li>Who finds all claims dead creates the next number. Only one can, since names are created
 *       once; should a number be free again meanwhile, whoever finds a claim beside its own that it
 *       has not judged gives its own up.
 *   <li>An owner that was thought dead, such as a process that stood still, finds that out by
 *       {@link #demandHeld}, which comes before anything is published.
 * </ul>
 */
public final class Claim implements AutoCloseable {
  static final int BEAT_MILLISECONDS = 3_000;
  static final int DEAD_MILLISECONDS = 30_000;

  private static final int POLL_MILLISECONDS = 200;

  private static final ScheduledExecutorService BEATS =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "claims");
            thread.setDaemon(true);
            return thread;
          });

  /** This process's own, by what they are of. */
  private static final Map<Path, Claim> HELD = new ConcurrentHashMap<>();

  private final Path work;
  private final Path file;
  private final ClaimOwner owner;
  private @Nullable ScheduledFuture<?> beating; // null until it beats
  private long beats;
  private boolean lost;

  private Claim(Path work, int number, ClaimOwner owner) {
    this.work = work;
    this.file = ClaimFiles.file(work, number);
    this.owner = owner;
  }

  /**
   * Claims some work.
   *
   * @param work names it; claims are files beside it of longer names. Its folder is there
   * @return the claim; empty if another process holds one, or may do so
   * @throws IOException if files cannot be read or made
   */
  public static Optional<Claim> tryAcquire(Path work) throws IOException {
    return tryAt(ClaimFiles.place(work));
  }

  private static Optional<Claim> tryAt(Path work) throws IOException {
    SortedMap<Integer, Path> others = ClaimFiles.claims(work);
    Map<Path, String> dead = new HashMap<>();
    for (Path other : others.values()) {
      if (ClaimState.of(other, dead) != ClaimState.DEAD) {
        return Optional.empty();
      }
    }
    int number = others.isEmpty() ? 1 : others.lastKey() + 1;
    Claim claim = new Claim(work, number, ClaimOwner.self());
    if (!claim.create() || !claim.isAlone(dead)) {
      return Optional.empty();
    }
    for (Path other : dead.keySet()) {
      Files.deleteIfExists(other);
    }
    HELD.put(work, claim);
    claim.beginToBeat();
    return Optional.of(claim);
  }

  /**
   * Claims some work, waiting for others that hold it.
   *
   * @param work as of {@link #tryAcquire}
   * @return the claim
   * @throws IOException if files cannot be read or made, or the thread is interrupted
   */
  public static Claim acquire(Path work) throws IOException {
    Optional<Claim> claim = tryAcquire(work);
    while (claim.isEmpty()) {
      pause();
      claim = tryAcquire(work);
    }
    return claim.get();
  }

  /**
   * Claims some work unless somebody is seen to be at it; waits until that is decided, for a claim
   * of another machine may be a dead one's.
   *
   * @param work as of {@link #tryAcquire}
   * @return the claim; empty if a process holds one
   * @throws IOException if files cannot be read or made, or the thread is interrupted
   */
  public static Optional<Claim> acquireUnlessHeld(Path work) throws IOException {
    while (true) {
      Optional<Claim> claim = tryAcquire(work);
      if (claim.isPresent()) {
        return claim;
      }
      for (Path other : ClaimFiles.claims(work).values()) {
        if (ClaimState.of(other, new HashMap<>()) == ClaimState.LIVES) {
          return Optional.empty();
        }
      }
      pause();
    }
  }

  /**
   * {@return whether a process, this one too, holds a claim, or may do so for all that is known}
   *
   * @param work as of {@link #tryAcquire}
   * @throws IOException if files cannot be read
   */
  public static boolean isHeld(Path work) throws IOException {
    for (Path claim : ClaimFiles.claims(work).values()) {
      if (ClaimState.of(claim, new HashMap<>()) != ClaimState.DEAD) {
        return true;
      }
    }
    return false;
  }

  /**
   * {@return the process of this machine that holds a claim, for those who watch; empty if none
   * does, or none that is known}
   *
   * @param work as of {@link #tryAcquire}
   */
  public static OptionalLong process(Path work) {
    try {
      for (Path claim : ClaimFiles.claims(work).values()) {
        Optional<ClaimOwner> owner = ClaimFiles.owner(claim);
        if (owner.isPresent() && owner.get().isVisible() && owner.get().lives()) {
          return OptionalLong.of(owner.get().process());
        }
      }
    } catch (IOException e) {
      return OptionalLong.empty(); // the folder cannot be read now
    }
    return OptionalLong.empty();
  }

  /**
   * Checks that this process was not thought dead.
   *
   * @throws IOException if it was, and another one may be at the work
   */
  public synchronized void demandHeld() throws IOException {
    if (lost || !owner.id().equals(ClaimFiles.id(file))) {
      lost = true;
      throw new IOException(
          "%s is another process's now: this one had stood still for more than %s s"
              .formatted(file, DEAD_MILLISECONDS / 1000));
    }
  }

  /**
   * {@return whether this process holds a claim}
   *
   * @param work as of {@link #tryAcquire}
   */
  public static boolean isOwn(Path work) {
    return HELD.containsKey(ClaimFiles.place(work));
  }

  /**
   * As {@link #demandHeld()}, of the claim that this process has.
   *
   * @param work as of {@link #tryAcquire}; nothing is checked if this process never claimed it
   * @throws IOException as there
   */
  public static void demandHeld(Path work) throws IOException {
    Claim claim = HELD.get(ClaimFiles.place(work));
    if (claim != null) {
      claim.demandHeld();
    }
  }

  /** {@return whether this process was thought dead, see {@link #demandHeld()}} */
  public boolean isLost() {
    try {
      demandHeld();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Gives the claim back; harmless to call twice. */
  @Override
  public synchronized void close() throws IOException {
    if (beating != null) {
      beating.cancel(false);
    }
    HELD.remove(work, this);
    if (!lost && owner.id().equals(ClaimFiles.id(file))) {
      Files.deleteIfExists(file);
    }
    lost = true;
  }

  /** Whether no other process was faster. */
  private boolean create() throws IOException {
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    try {
      write();
      return true;
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Whether all claims beside this one are those that were judged. If not, this one goes. */
  private boolean isAlone(Map<Path, String> dead) throws IOException {
    for (Path other : ClaimFiles.claims(work).values()) {
      if (!other.equals(file) && !ClaimFiles.id(other).equals(dead.get(other))) {
        Files.deleteIfExists(file);
        return false;
      }
    }
    return true;
  }

  private void beginToBeat() {
    beating =
        BEATS.scheduleWithFixedDelay(
            this::beat, BEAT_MILLISECONDS, BEAT_MILLISECONDS, TimeUnit.MILLISECONDS);
  }

  private synchronized void beat() {
    try {
      if (!lost && owner.id().equals(ClaimFiles.id(file))) {
        beats++;
        write();
      }
    } catch (IOException e) {
      return; // the disk may be full, the server away: the next beat tries again
    }
  }

  /** As long each time, so that a full disk has room for it. */
  private void write() throws IOException {
    String text = String.format(Locale.ROOT, "%s%n%019d%n", owner.toText(), beats);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(POLL_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for another process");
    }
  }
}
