package ai.dmt.generate;

import ai.dmt.engine.GenerationSession;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are being decoded, each in a slot of a session. One may begin before any step, and
 * leaves its slot with the step that ends it.
 */
final class RunningBatch {
  private final GenerationSession session;
  private final Tokenizer tokenizer;
  private final @Nullable ActiveRequest[] active; // [slots], null where no request is open
  private int size;

  /** Starts without requests. The session stays the caller's. */
  RunningBatch(GenerationSession session, Tokenizer tokenizer) {
    this.session = session;
    this.tokenizer = tokenizer;
    this.active = new ActiveRequest[session.slots()];
  }

  /** Requests that have not ended. */
  int size() {
    return size;
  }

  /** Requests that can begin. */
  int free() {
    return active.length - size;
  }

  /** Opens a request, whose prompt the next step reads. */
  void start(
      int number, GenerationRequest request, GenerationConfig config, GenerationListener listener) {
    SamplingConfig sampling = config.sampling().withSeed(request.seed());
    int slot = session.open(request.prompt(), sampling, request.adapter());
    active[slot] = request(number, request, config, listener);
    size++;
  }

  /** A request with the room that the session leaves it, in no slot yet. */
  ActiveRequest request(
      int number, GenerationRequest request, GenerationConfig config, GenerationListener listener) {
    int room = session.maxTokens() - request.prompt().length;
    int maxNewTokens = Math.min(config.maxNewTokens(), room);
    return new ActiveRequest(number, request, config, maxNewTokens, tokenizer, listener);
  }

  /** Chooses a token for each request; those that it ends leave. @param taker gives it to them */
  void step(ObjIntConsumer<ActiveRequest> taker) {
    int[] tokens = session.step();
    for (int slot = 0; slot < active.length; slot++) {
      ActiveRequest request = active[slot];
      if (request != null) {
        taker.accept(request, tokens[slot]);
        if (request.finished()) {
          leave(slot);
        }
      }
    }
  }

  /** Ends requests before they are finished. */
  void removeIf(Predicate<ActiveRequest> unwanted) {
    for (int slot = 0; slot < active.length; slot++) {
      ActiveRequest request = active[slot];
      if (request != null && unwanted.test(request)) {
        leave(slot);
      }
    }
  }

  /** The requests that have not ended. */
  List<ActiveRequest> requests() {
    return Arrays.stream(active).filter(Objects::nonNull).toList();
  }

  private void leave(int slot) {
    active[slot] = null;
    size--;
    session.close(slot);
  }
}
