package ai.dmt.internal.work;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Does the same work on many items on all cores. Results and faults come in the order of the items,
 * whatever the number of threads; only a few items per thread are held at a time.
 */
public final class OrderedWorkers {
  /** Weight of the items that go to a thread together, so that handing over costs little. */
  private static final int CHUNK = 1 << 15;

  private static final int CHUNKS_PER_THREAD = 4;
  private static final long FOREVER = Long.MAX_VALUE;

  private final int threads;

  /** As many threads as the machine has cores. */
  public OrderedWorkers() {
    this(Runtime.getRuntime().availableProcessors());
  }

  /**
   * With that many threads.
   *
   * @param threads at least 1
   */
  public OrderedWorkers(int threads) {
    this.threads = threads;
  }

  /** What became of an item: a result, or a fault. */
  private record Outcome<R>(@Nullable R result, @Nullable RuntimeException fault) {}

  /**
   * Goes through the items until there are no more or a result is refused. However it ends, no work
   * goes on after it: what the work uses may be closed then.
   *
   * @param <T> type of the items
   * @param <R> type of what is made of them
   * @param items read by the calling thread, ahead of the work
   * @param weight of an item, such as its characters
   * @param work done by several threads at once
   * @param accept called by the calling thread for each result in turn; false ends the work
   * @throws RuntimeException the first fault in the order of the items, unless the work ended
   *     before it; also one of reading items
   */
  public <T, R> void run(
      Iterator<T> items, ToIntFunction<T> weight, Function<T, R> work, Predicate<R> accept) {
    ExecutorService pool = Executors.newFixedThreadPool(threads, OrderedWorkers::daemon);
    AtomicBoolean ended = new AtomicBoolean();
    try {
      Deque<Future<List<Outcome<R>>>> pending = new ArrayDeque<>();
      Chunks<T> chunks = new Chunks<>(items, weight);
      while (true) {
        while (pending.size() < threads * CHUNKS_PER_THREAD && chunks.hasNext()) {
          List<T> chunk = chunks.next();
          pending.add(pool.submit(() -> outcomes(chunk, work, ended)));
        }
        if (pending.isEmpty()) {
          break;
        }
        for (Outcome<R> outcome : join(pending.remove())) {
          if (outcome.fault() != null) {
            throw outcome.fault();
          }
          if (!accept.test(outcome.result())) {
            return;
          }
        }
      }
      if (chunks.fault != null) {
        throw chunks.fault;
      }
    } finally {
      ended.set(true);
      pool.shutdownNow();
      awaitEnd(pool);
    }
  }

  private static <T, R> List<Outcome<R>> outcomes(
      List<T> chunk, Function<T, R> work, AtomicBoolean ended) {
    return chunk.stream()
        .takeWhile(item -> !ended.get()) // nobody asks for the rest
        .map(item -> attempt(work, item))
        .toList();
  }

  /** Waits also if it is interrupted: the caller may free what the work uses. */
  private static void awaitEnd(ExecutorService pool) {
    boolean interrupted = Thread.interrupted();
    while (!pool.isTerminated()) {
      try {
        pool.awaitTermination(FOREVER, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static <T, R> Outcome<R> attempt(Function<T, R> work, T item) {
    try {
      return new Outcome<>(work.apply(item), null);
    } catch (RuntimeException e) {
      return new Outcome<>(null, e);
    }
  }

  private static <R> R join(Future<R> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while data is read", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error; // such as a full heap
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "dmt-data");
    thread.setDaemon(true);
    return thread;
  }

  /** Items in chunks; a fault of reading them ends them and is kept for later. */
  private static final class Chunks<T> {
    private final Iterator<T> items;
    private final ToIntFunction<T> weight;
    private @Nullable RuntimeException fault; // null until there is one

    Chunks(Iterator<T> items, ToIntFunction<T> weight) {
      this.items = items;
      this.weight = weight;
    }

    boolean hasNext() {
      try {
        return fault == null && items.hasNext();
      } catch (RuntimeException e) {
        fault = e;
        return false;
      }
    }

    List<T> next() {
      List<T> chunk = new ArrayList<>();
      int weights = 0;
      while (weights < CHUNK && hasNext()) {
        T item = items.next();
        weights += 1 + weight.applyAsInt(item);
        chunk.add(item);
      }
      return chunk;
    }
  }
}
