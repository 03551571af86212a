package ai.dmt.generate;

import ai.dmt.tokenizer.IncrementalDecoder;
import ai.dmt.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request while it occupies a slot. */
final class ActiveRequest {
  private final int number;
  private final GenerationRequest request;
  private final GenerationConfig config;
  private final int maxNewTokens;
  private final GenerationListener listener;
  private final IncrementalDecoder decoder;
  private final StopMatcher stops;
  private final StringBuilder text = new StringBuilder();
  private int[] tokenIds = new int[16];
  private int size;
  private @Nullable FinishReason reason; // null until it has finished

  ActiveRequest(
      int number,
      GenerationRequest request,
      GenerationConfig config,
      int maxNewTokens,
      Tokenizer tokenizer,
      GenerationListener listener) {
    this.number = number;
    this.request = request;
    this.config = config;
    this.maxNewTokens = maxNewTokens;
    this.listener = listener;
    this.decoder = new IncrementalDecoder(tokenizer);
    this.stops = new StopMatcher(config.stopStrings());
  }

  int number() {
    return number;
  }

  /** Takes a token and tells the listener what it gives. */
  void take(int id) {
    String fresh = add(id);
    if (!fresh.isEmpty()) {
      listener.onText(number, fresh);
    }
    if (finished()) {
      listener.onCompletion(number, completion());
    }
  }

  /** Adds a token and returns the text that can be given out. */
  private String add(int id) {
    String fresh;
    if (config.stopIds().contains(id)) {
      reason = FinishReason.STOP;
      fresh = flush();
    } else {
      keep(id);
      fresh = stops.add(decoder.add(id));
      if (stops.stopped()) {
        reason = FinishReason.STOP;
      } else if (size >= maxNewTokens || !listener.wantsMore(number)) {
        reason = size >= maxNewTokens ? FinishReason.LENGTH : FinishReason.CANCELLED;
        fresh += flush();
      }
    }
    text.append(fresh);
    return fresh;
  }

  /** The end of the text; a stop string may still be completed by it. */
  private String flush() {
    String end = stops.add(decoder.finish());
    if (stops.stopped()) {
      reason = FinishReason.STOP;
    }
    return end + stops.finish();
  }

  boolean finished() {
    return reason != null;
  }

  /** What was said; asked for once it has finished. */
  Completion completion() {
    FinishReason end = Objects.requireNonNull(reason, "the request has not finished");
    return new Completion(request.id(), text.toString(), Arrays.copyOf(tokenIds, size), end);
  }

  private void keep(int id) {
    if (size == tokenIds.length) {
      tokenIds = Arrays.copyOf(tokenIds, 2 * size);
    }
    tokenIds[size++] = id;
  }
}
