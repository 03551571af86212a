package ai.dmt.internal.handle;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows the calls that are in flight on a native object, so that it is freed under none of them.
 *
 * <p>An <b>exclusive</b> object is for one thread at a time: while a thread is inside, or has
 * claimed it for several calls, the call of another throws {@link IllegalStateException} and names
 * both. The thread that is inside may call again. A <b>shared</b> object takes calls of all threads
 * at once.
 *
 * <p>{@link #close} lets nobody in any more, asks the claims that can be ended to end, waits for
 * what is in flight, and frees. On a thread that is inside itself it would wait for ever, and
 * throws instead. Closing twice is harmless; whoever closes second returns when the object is
 * freed.
 */
public final class HandleGuard {
  private enum State {
    OPEN,
    CLOSING,
    CLOSED
  }

  /** A call in flight; each is equal to itself alone. */
  private static final class Entry {
    private final String what;
    private final Thread thread = Thread.currentThread();
    private final @Nullable Runnable stop; // asks it to end; null where it ends by itself

    private Entry(String what, @Nullable Runnable stop) {
      this.what = what;
      this.stop = stop;
    }

    @Override
    public String toString() {
      return "%s (thread \"%s\")".formatted(what, thread.getName());
    }
  }

  /** How often a closing thread looks whether one that it waits for is ending the JVM. */
  private static final long LOOK_MILLIS = 50;

  private final String name;
  private final boolean exclusive;
  private final Deque<Entry> inside = new ArrayDeque<>(); // the outermost first
  private State state = State.OPEN;

  private HandleGuard(String name, boolean exclusive) {
    this.name = name;
    this.exclusive = exclusive;
  }

  /**
   * {@return a guard of an object for one thread at a time}
   *
   * @param name as messages say it, such as "the engine"
   */
  public static HandleGuard exclusive(String name) {
    return new HandleGuard(name, true);
  }

  /**
   * {@return a guard of an object for all threads at once}
   *
   * @param name as messages say it
   */
  public static HandleGuard shared(String name) {
    return new HandleGuard(name, false);
  }

  /**
   * Makes a call.
   *
   * @param <T> what the call gives
   * @param what its name, as messages say it
   * @param call runs in this thread, while the object cannot be freed
   * @return what the call gave
   * @throws IllegalStateException if the object is closed, or in use by another thread
   */
  public <T> T call(String what, Supplier<T> call) {
    return claim(what, null, call);
  }

  /**
   * Makes a call that gives nothing, see {@link #call}.
   *
   * @param what its name, as messages say it
   * @param call runs in this thread, while the object cannot be freed
   * @throws IllegalStateException as {@link #call}
   */
  public void run(String what, Runnable call) {
    claim(
        what,
        null,
        () -> {
          call.run();
          return null;
        });
  }

  /**
   * Makes several calls that belong together.
   *
   * @param <T> what the calls give
   * @param what their name, as messages say it
   * @param stop asks for an end soon, when another thread closes the object; called by that thread;
   *     null where they end by themselves
   * @param calls run in this thread, while the object cannot be freed
   * @return what the calls gave
   * @throws IllegalStateException as {@link #call}
   */
  public <T> T claim(String what, @Nullable Runnable stop, Supplier<T> calls) {
    Entry entry = enter(what, stop);
    try {
      if (stop != null && !isOpen()) {
        stop.run(); // another thread is closing already, and this one is inside
      }
      return calls.get();
    } finally {
      leave(entry);
    }
  }

  /**
   * Makes a call when the object is free, for calls that end something. If the object is closed, or
   * another thread is closing it, there is nothing left to end, and the call is not made.
   *
   * @param what its name, as messages say it
   * @param call runs in this thread, maybe not at all
   */
  public void runInTurn(String what, Runnable call) {
    Entry entry;
    synchronized (this) {
      awaitWhile(() -> state == State.OPEN && !inside.isEmpty() && !isInside());
      if (state == State.CLOSED || state == State.CLOSING && !isInside()) {
        return;
      }
      entry = enter(what, null);
    }
    try {
      call.run();
    } finally {
      leave(entry);
    }
  }

  private boolean isInside() {
    return !inside.isEmpty() && inside.peekFirst().thread == Thread.currentThread();
  }

  /**
   * Says that something uses the object until it is told otherwise, for objects that are shared.
   *
   * @param what its name, as messages say it
   * @return ends the use; harmless to run twice
   * @throws IllegalStateException if the object is closed
   */
  public Runnable retain(String what) {
    Entry entry = enter(what, null);
    return () -> leave(entry);
  }

  private synchronized Entry enter(String what, @Nullable Runnable stop) {
    Entry entry = new Entry(what, stop);
    boolean nested = exclusive && isInside();
    requireNotClosed();
    if (state == State.CLOSING && !nested) {
      throw new IllegalStateException("%s is being closed: %s cannot begin".formatted(name, entry));
    }
    if (exclusive && !inside.isEmpty() && !nested) {
      throw new IllegalStateException(
          "%s runs %s: %s cannot begin beside it; one thread at a time may use it"
              .formatted(name, inside.peekFirst(), entry));
    }
    inside.addLast(entry);
    return entry;
  }

  /** {@return whether calls can begin: nobody has closed the object or is closing it} */
  public synchronized boolean isOpen() {
    return state == State.OPEN;
  }

  /**
   * Throws unless the object is open, for what needs no native code.
   *
   * @throws IllegalStateException if it is closed
   */
  public synchronized void requireNotClosed() {
    if (state == State.CLOSED) {
      throw new IllegalStateException(name + " is closed");
    }
  }

  /**
   * Ends the object.
   *
   * @param free frees its memory; called once, when no call is in flight
   * @throws IllegalStateException if this thread has a call in flight: the object stays open
   */
  public void close(Runnable free) {
    List<Entry> running;
    synchronized (this) {
      refuseOn(Thread.currentThread());
      if (state != State.OPEN) {
        awaitWhile(() -> state != State.CLOSED);
        return;
      }
      state = State.CLOSING;
      running = List.copyOf(inside);
    }
    try {
      running.stream().filter(entry -> entry.stop != null).forEach(entry -> entry.stop.run());
    } finally {
      freeWhenUnused(free);
    }
  }

  private void freeWhenUnused(Runnable free) {
    synchronized (this) {
      awaitWhile(() -> inside.stream().anyMatch(entry -> !isEndingTheJvm(entry.thread)));
    }
    try {
      free.run();
    } finally {
      synchronized (this) {
        state = State.CLOSED;
        notifyAll();
      }
    }
  }

  /**
   * Ends the object, or refuses while calls are in flight that only their caller can end.
   *
   * @param free as in {@link #close}
   * @throws IllegalStateException if any thread has a call in flight: the object stays open
   */
  public void closeUnlessInUse(Runnable free) {
    synchronized (this) {
      if (state == State.OPEN && !inside.isEmpty()) {
        throw new IllegalStateException(
            "%s cannot be closed while %s is there; that must end first"
                .formatted(name, inside.peekFirst()));
      }
    }
    close(free);
  }

  private void refuseOn(Thread thread) {
    for (Entry entry : inside) {
      if (entry.thread == thread && state != State.CLOSED) {
        throw new IllegalStateException(
            "%s cannot be closed by the thread that runs %s; close it after that has returned"
                .formatted(name, entry));
      }
    }
  }

  private synchronized void leave(Entry entry) {
    if (inside.removeLastOccurrence(entry)) {
      notifyAll();
    }
  }

  /** Waits also if it is interrupted: what is half closed helps nobody. Called with the lock. */
  private void awaitWhile(BooleanSupplier condition) {
    boolean interrupted = false;
    while (condition.getAsBoolean()) {
      try {
        wait(LOOK_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whether a thread has called System.exit, from where it never returns: it waits for the shutdown
   * hooks, one of which may be waiting here for it. It is in no native code then.
   */
  private static boolean isEndingTheJvm(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals("java.lang.Shutdown"));
  }
}
