package ai.dmt.evaluators.judge;

import ai.dmt.internal.text.Printable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * Asks a model: from the cache where it can, otherwise with tries, waits and limits. Equal requests
 * of a run are sent once, also when several threads make them at the same time.
 */
final class ChatClient {
  private final ChatEndpoint endpoint;
  private final Secret key;
  private final ReplyCache cache;
  private final Pace pace;
  private final Backoff backoff;
  private final JudgeClock clock;
  private final JudgeListener listener;
  private final ConcurrentHashMap<String, CompletableFuture<Optional<Reply>>> asked =
      new ConcurrentHashMap<>();

  ChatClient(
      ChatEndpoint endpoint,
      Secret key,
      ReplyCache cache,
      Pace pace,
      Backoff backoff,
      JudgeClock clock,
      JudgeListener listener) {
    this.endpoint = endpoint;
    this.key = key;
    this.cache = cache;
    this.pace = pace;
    this.backoff = backoff;
    this.clock = clock;
    this.listener = listener;
  }

  /**
   * An answer.
   *
   * @param reply empty if all tries failed
   * @param fromCache whether it cost no request
   */
  record Answer(Optional<Reply> reply, boolean fromCache) {}

  /** Asks. @param repeat from 0 */
  Answer ask(ChatRequest request, int repeat) throws InterruptedException {
    CompletableFuture<Optional<Reply>> mine = new CompletableFuture<>();
    CompletableFuture<Optional<Reply>> others = asked.putIfAbsent(request.key(repeat), mine);
    if (others != null) {
      return new Answer(join(others), true);
    }
    try {
      Optional<Reply> kept = cache.find(request, repeat).map(this::withoutKey);
      Optional<Reply> reply = kept.isPresent() ? kept : send(request);
      if (kept.isEmpty() && reply.isPresent()) {
        cache.put(request, repeat, reply.get());
      }
      mine.complete(reply);
      return new Answer(reply, kept.isPresent());
    } catch (InterruptedException | RuntimeException e) {
      mine.completeExceptionally(e); // whoever waits for the same reply gives up too
      throw e;
    }
  }

  private Optional<Reply> send(ChatRequest request) throws InterruptedException {
    String body = request.body();
    for (int tried = 1; ; tried++) {
      pace.await();
      try {
        return Optional.of(withoutKey(new Reply(endpoint.send(body), clock.timestamp())));
      } catch (TransientFault e) {
        if (tried == backoff.maxTries()) {
          listener.onFailedTry(tried, backoff.maxTries(), Printable.reason(e), Duration.ZERO);
          return Optional.empty();
        }
        Duration wait = e.retryAfter().plus(backoff.after(tried));
        listener.onFailedTry(tried, backoff.maxTries(), Printable.reason(e), wait);
        pace.hold(e.retryAfter());
        clock.sleep(wait);
      }
    }
  }

  /** Some servers echo what they are sent; nothing of it may be kept or shown. */
  private Reply withoutKey(Reply reply) {
    String safe = key.masked(reply.text());
    if (safe.equals(reply.text())) {
      return reply;
    }
    listener.onKeyInReply();
    return new Reply(safe, reply.timestamp());
  }

  private static Optional<Reply> join(CompletableFuture<Optional<Reply>> reply)
      throws InterruptedException {
    try {
      return reply.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InterruptedException) {
        throw new InterruptedException("stopped");
      }
      throw (RuntimeException) e.getCause(); // ask() completes with nothing else
    }
  }
}
