package ai.dmt.serve;

import ai.dmt.generate.Completion;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said to one client: the decoding thread puts it here, and never waits; the thread
 * of the client takes it, and waits alone where the client reads slowly.
 */
final class Answering {
  /** Characters that a client may leave unread. */
  private static final int LONGEST_BACKLOG = 1 << 18;

  /** Characters up to which text that waits is joined. */
  private static final int LONGEST_PIECE = 4096;

  /** Why an answer ends before its time. */
  enum End {
    CLIENT_GONE,
    CLIENT_SLOW,
    TIME_LIMIT
  }

  /**
   * News of a choice.
   *
   * @param text that is new; may be empty
   * @param completion null until the choice has ended
   */
  record News(int choice, String text, @Nullable Completion completion) {}

  /** Thrown where an answer has ended before its time. */
  static final class EndedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final End end;

    EndedException(End end) {
      super(end.name());
      this.end = end;
    }

    End end() {
      return end;
    }
  }

  private final Thread client = Thread.currentThread();
  private final Deque<News> news = new ArrayDeque<>();
  private int backlog; // characters
  private @Nullable Throwable failure;
  private long writingSince = -1; // by the clock of System.nanoTime; -1 while nothing is written

  /** Adds text that a choice has grown by. */
  synchronized void onText(int choice, String text) {
    News last = news.peekLast();
    boolean joins = last != null && last.choice() == choice && last.completion() == null;
    if (joins && last.text().length() < LONGEST_PIECE) {
      news.removeLast();
      news.add(new News(choice, last.text() + text, null));
    } else {
      news.add(new News(choice, text, null));
    }
    backlog += text.length();
    if (backlog > LONGEST_BACKLOG) {
      end(End.CLIENT_SLOW);
    }
    notifyAll();
  }

  /** Adds a choice's end. @param completion of the generator */
  void follow(int choice, CompletableFuture<Completion> completion) {
    completion.whenComplete(
        (whole, fault) -> {
          synchronized (this) {
            if (fault == null) {
              news.add(new News(choice, "", whole));
            } else if (failure == null) {
              failure = fault instanceof CompletionException ? fault.getCause() : fault;
            }
            notifyAll();
          }
        });
  }

  /** Ends the answer; the first reason stays. A write to nobody that reads is broken off. */
  synchronized void end(End end) {
    if (failure == null) {
      failure = new EndedException(end);
    }
    if (writingSince >= 0 && end != End.TIME_LIMIT) {
      client.interrupt(); // closes the connection: it is a channel of java.nio
    }
    notifyAll();
  }

  /** Ends the answer, and gives why: the first reason that there was. */
  synchronized EndedException ended(End end) {
    end(end);
    return failure instanceof EndedException first ? first : new EndedException(end);
  }

  /** Waits for news. */
  synchronized News next() throws EndedException, InterruptedException {
    while (failure == null && news.isEmpty()) {
      wait();
    }
    if (failure instanceof EndedException ended) {
      throw ended;
    }
    if (failure != null && news.isEmpty()) { // what was said before a failure is still sent
      throw failure instanceof RuntimeException fault ? fault : new IllegalStateException(failure);
    }
    News first = Objects.requireNonNull(news.poll());
    backlog -= first.text().length();
    return first;
  }

  /** Something is written to the client from now on. */
  synchronized void beginWrite() throws EndedException {
    if (failure instanceof EndedException ended) {
      throw ended;
    }
    beginLastWrite();
  }

  /** The same, of what is said after the answer's end. */
  synchronized void beginLastWrite() {
    writingSince = System.nanoTime();
  }

  /** Nothing is written any more. */
  synchronized void endWrite() {
    writingSince = -1;
    Thread.interrupted(); // it was meant for the write
  }

  /** How long a write has been under way; 0 if none is. */
  synchronized long writingNanos() {
    return writingSince < 0 ? 0 : System.nanoTime() - writingSince;
  }
}
