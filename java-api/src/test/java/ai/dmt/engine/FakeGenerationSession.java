package ai.dmt.engine;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** Decoding with a table of bigrams: the next token depends on the last alone. */
final class FakeGenerationSession implements GenerationSession {
  private final FakeEngine engine;
  private final int maxTokens;
  private final Request[] requests; // [slots], null where no request is open
  private boolean closed;

  private static final class Request {
    private final SamplingConfig sampling;
    private final Random random;
    private int lastToken;
    private int length;

    private Request(int[] prompt, SamplingConfig sampling) {
      this.sampling = sampling;
      this.random = new Random(sampling.seed());
      this.lastToken = prompt[prompt.length - 1];
      this.length = prompt.length;
    }
  }

  FakeGenerationSession(FakeEngine engine, int slots, int maxTokens) {
    this.engine = engine;
    this.maxTokens = maxTokens;
    this.requests = new Request[slots];
  }

  @Override
  public int slots() {
    return requests.length;
  }

  @Override
  public int maxTokens() {
    return maxTokens;
  }

  @Override
  public int open(int[] prompt, SamplingConfig sampling, Optional<String> adapter) {
    checkOpen();
    FakeEngine.check(adapter.isEmpty(), "there is no adapter \"%s\"".formatted(adapter.orElse("")));
    FakeEngine.check(
        prompt.length >= 1 && prompt.length <= maxTokens,
        "a prompt must have between 1 and %s tokens, this one has %s"
            .formatted(maxTokens, prompt.length));
    for (int id : prompt) {
      FakeEngine.check(
          id >= 0 && id < engine.model().vocabSize(),
          "token id %s is outside the vocabulary of %s".formatted(id, engine.model().vocabSize()));
    }
    int slot = Arrays.asList(requests).indexOf(null);
    FakeEngine.check(slot >= 0, "all %s slots are taken".formatted(requests.length));
    requests[slot] = new Request(prompt, sampling);
    return slot;
  }

  @Override
  public void takePart() {
    checkOpen();
  }

  @Override
  public int[] step() {
    checkOpen();
    int[] tokens = new int[requests.length];
    for (int slot = 0; slot < requests.length; slot++) {
      tokens[slot] = requests[slot] == null ? -1 : next(requests[slot], slot);
    }
    return tokens;
  }

  @Override
  public void close(int slot) {
    checkOpen();
    FakeEngine.check(
        slot >= 0 && slot < requests.length && requests[slot] != null,
        "slot " + slot + " is not open");
    requests[slot] = null;
  }

  @Override
  public void close() {
    closed = true;
    Arrays.fill(requests, null);
  }

  int openRequests() {
    return (int) Arrays.stream(requests).filter(request -> request != null).count();
  }

  private int next(Request request, int slot) {
    FakeEngine.check(
        request.length <= maxTokens,
        "slot %s has used all of its %s tokens".formatted(slot, maxTokens));
    request.length++;
    float[] logits = engine.logitsAfter(request.lastToken);
    request.lastToken =
        request.sampling.temperature() == 0 ? largest(logits) : sample(logits, request);
    return request.lastToken;
  }

  private static int largest(float[] logits) {
    int best = 0;
    for (int v = 1; v < logits.length; v++) {
      best = logits[v] > logits[best] ? v : best;
    }
    return best;
  }

  private static int sample(float[] logits, Request request) {
    double[] probabilities = FakeEngine.softmax(logits, request.sampling.temperature());
    int[] likeliestFirst =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble(v -> -probabilities[v]))
            .mapToInt(v -> v)
            .toArray();
    int kept = 0;
    double mass = 0;
    while (kept < likeliestFirst.length && mass < request.sampling.topP()) {
      mass += probabilities[likeliestFirst[kept++]];
    }
    double at = request.random.nextDouble() * mass;
    int chosen = 0;
    while (chosen < kept - 1 && at >= probabilities[likeliestFirst[chosen]]) {
      at -= probabilities[likeliestFirst[chosen++]];
    }
    return likeliestFirst[chosen];
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the generation session is closed, or its engine is");
    }
  }
}
