package ai.dmt.generate;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.GenerationSession;
import ai.dmt.engine.TrainingEngine;
import ai.dmt.internal.text.Faults;
import ai.dmt.tokenizer.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Completes prompts that come at any time, from any thread, several at once: one that comes while
 * others are decoded joins them at the next token, one that ends leaves at once. What a request
 * gets does not depend on the others; it is what {@link TextGenerator} gives.
 *
 * <pre>{@code
 * try (ContinuousGenerator generator = new ContinuousGenerator(engine, tokenizer, 16, 2048, 100)) {
 *   CompletableFuture<Completion> completion = generator.submit(request, config, listener);
 *   System.out.println(completion.join().text());
 * }
 * }</pre>
 *
 * <p>A thread of its own decodes; the engine is that thread's until {@link #close}, or until
 * somebody closes the engine. Listeners are called there, and so are functions that depend on a
 * future: they must be quick, for all requests wait for them.
 *
 * @since 0.1
 */
public final class ContinuousGenerator implements AutoCloseable {
  /**
   * Prompts are read between two tokens of the requests that are being decoded, which wait
   * meanwhile: no more are let in at once than have so many tokens together, but always one.
   */
  private static final int PROMPT_TOKENS_AT_ONCE = 1024;

  private final TrainingEngine engine;
  private final Tokenizer tokenizer;
  private final List<String> adapters;
  private final int slots;
  private final int maxTokens;
  private final int queueLimit;
  private final Thread thread;
  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private final Map<Integer, Submitted> running = new HashMap<>(); // the thread's own
  private final AtomicLong generatedTokens = new AtomicLong();
  private final Object lock = new Object(); // guards what follows
  private final Deque<Submitted> waiting = new ArrayDeque<>();
  private int decoded; // requests that have a slot
  private long promptTokens;
  private boolean closed;

  /** A request that was handed in. */
  private record Submitted(
      GenerationRequest request,
      GenerationConfig config,
      GenerationListener listener,
      CompletableFuture<Completion> completion) {}

  /**
   * Begins to decode. Engine and tokenizer stay the caller's.
   *
   * @param engine with the model that completes, on one rank
   * @param tokenizer of that model
   * @param slots requests that are decoded at once
   * @param maxTokens tokens that a request may have, prompt and generated ones together; at most
   *     the model's positions
   * @param queueLimit requests that may wait for a slot
   * @throws ConfigException if a number is out of range, or the engine is one of several ranks
   * @throws IllegalStateException if another thread uses the engine
   * @throws ai.dmt.engine.EngineException if there is no memory for so many requests
   */
  public ContinuousGenerator(
      TrainingEngine engine, Tokenizer tokenizer, int slots, int maxTokens, int queueLimit) {
    int positions = engine.model().maxPositionEmbeddings();
    new Faults("continuous generation")
        .positive("slots", slots)
        .require(
            maxTokens >= 2 && maxTokens <= positions,
            "maxTokens must be in [2, %s], the model's positions, got %s"
                .formatted(positions, maxTokens))
        .notNegative("queueLimit", queueLimit)
        .require(
            engine.worldSize() == 1,
            "the engine is one of %s ranks, expected one alone".formatted(engine.worldSize()))
        .throwIfAny();
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.adapters = engine.adapters();
    this.slots = slots;
    this.maxTokens = maxTokens;
    this.queueLimit = queueLimit;
    this.thread = new Thread(this::run, "dmt-generation");
    thread.setDaemon(true);
    thread.start();
    try {
      begun.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException fault ? fault : e;
    }
  }

  /** {@return tokens that a request may have, prompt and generated ones together} */
  public int maxTokens() {
    return maxTokens;
  }

  /**
   * Hands in a request.
   *
   * @param request its own seed is used, that of the configuration is not
   * @param config what ends the completion and how tokens are chosen; its batch size is not used
   * @param listener sees the completion grow, as request 0; if it throws, its request fails
   * @return gives the completion, or throws what went wrong; once it is cancelled, the request
   *     leaves with the next token
   * @throws ConfigException if the prompt leaves no room for an answer, or is for an adapter that
   *     the engine did not have when this generator began
   * @throws RejectedExecutionException if as many requests wait as may
   * @throws IllegalStateException if this generator or its engine is closed
   */
  public CompletableFuture<Completion> submit(
      GenerationRequest request, GenerationConfig config, GenerationListener listener) {
    int length = request.prompt().length;
    if (length == 0 || length >= maxTokens) {
      throw new ConfigException(
          "prompt %s has %s tokens, expected 1 to %s: a request may have %s, and an answer needs one"
              .formatted(request.id(), length, maxTokens - 1, maxTokens));
    }
    request.demandAdapter(adapters);
    Submitted submitted = new Submitted(request, config, listener, new CompletableFuture<>());
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("the generator is closed, or its engine is");
      }
      waiting.removeIf(each -> each.completion().isDone());
      if (waiting.size() >= queueLimit + slots - decoded) {
        throw new RejectedExecutionException(
            "%s requests are being answered and %s wait, as many as may"
                .formatted(decoded, waiting.size()));
      }
      waiting.add(submitted);
      lock.notifyAll();
    }
    return submitted.completion();
  }

  /** {@return what is being done, and what was} */
  public GenerationLoad load() {
    synchronized (lock) {
      return new GenerationLoad(decoded, waiting.size(), promptTokens, generatedTokens.get());
    }
  }

  /**
   * Ends after the token that is being chosen. Requests that have not ended fail with an {@link
   * IllegalStateException}. Harmless to call twice.
   */
  @Override
  public void close() {
    stop();
    boolean interrupted = false;
    while (thread.isAlive() && thread != Thread.currentThread()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the engine is free once the thread has ended
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
  }

  private void run() {
    Throwable end = new IllegalStateException("the generation has ended before this request did");
    try {
      engine.during(
          "continuous generation",
          this::stop,
          () -> {
            try (GenerationSession session = engine.openSession(slots, maxTokens)) {
              begun.complete(null);
              decode(session);
            }
            return null;
          });
    } catch (RuntimeException | Error e) { // whoever waits for a future must not wait for ever
      begun.completeExceptionally(e);
      end = e;
    }
    stop();
    List<Submitted> left = new ArrayList<>(running.values());
    synchronized (lock) {
      left.addAll(waiting);
      waiting.clear();
      decoded = 0;
    }
    for (Submitted each : left) {
      each.completion().completeExceptionally(end);
    }
  }

  private void decode(GenerationSession session) {
    RunningBatch batch = new RunningBatch(session, tokenizer);
    int next = 0;
    while (awaitWork(batch.size())) {
      batch.removeIf(request -> isDone(request.number()));
      running.values().removeIf(each -> each.completion().isDone());
      for (Submitted submitted : admitted(batch)) {
        start(batch, next++, submitted);
      }
      if (batch.size() > 0) {
        step(batch);
      }
    }
  }

  /** Sleeps while there is nothing to do. @return false once this is closed */
  private boolean awaitWork(int active) {
    synchronized (lock) {
      decoded = active;
      while (!closed && active == 0 && waiting.isEmpty()) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          closed = true; // nobody interrupts this thread but to end it
        }
      }
      return !closed;
    }
  }

  /** Takes requests out of the queue for the slots that are free. */
  private List<Submitted> admitted(RunningBatch batch) {
    List<Submitted> admitted = new ArrayList<>();
    synchronized (lock) {
      long tokens = 0;
      while (admitted.size() < batch.free() && !waiting.isEmpty()) {
        Submitted first = waiting.getFirst();
        long more = first.request().prompt().length;
        if (tokens > 0 && tokens + more > PROMPT_TOKENS_AT_ONCE) {
          break;
        }
        waiting.removeFirst();
        if (!first.completion().isDone()) {
          tokens += more;
          admitted.add(first);
        }
      }
      decoded = batch.size() + admitted.size();
      promptTokens += tokens;
    }
    return admitted;
  }

  private void start(RunningBatch batch, int number, Submitted submitted) {
    running.put(number, submitted);
    try {
      batch.start(number, submitted.request(), submitted.config(), asRequestZero(submitted));
    } catch (RuntimeException e) { // such as of memory that its prompt takes: the others go on
      fail(number, e);
    }
  }

  private static GenerationListener asRequestZero(Submitted submitted) {
    return new GenerationListener() {
      @Override
      public void onText(int request, String text) {
        submitted.listener().onText(0, text);
      }

      @Override
      public void onCompletion(int request, Completion completion) {
        submitted.listener().onCompletion(0, completion);
      }
    };
  }

  private void step(RunningBatch batch) {
    try {
      batch.step(this::take);
    } catch (RuntimeException e) {
      if (isClosed()) {
        throw e;
      }
      // A model whose logits are not finite, say. Those that come later may fare better.
      batch.requests().forEach(request -> fail(request.number(), e));
      batch.removeIf(request -> true);
    }
  }

  private void take(ActiveRequest request, int token) {
    generatedTokens.incrementAndGet(); // before anybody learns that a request has ended
    if (isDone(request.number())) {
      return;
    }
    try {
      request.take(token);
    } catch (RuntimeException e) { // of its listener
      fail(request.number(), e);
      return;
    }
    if (request.finished()) {
      Submitted ended = running.remove(request.number());
      if (ended != null) {
        ended.completion().complete(request.completion());
      }
    }
  }

  private boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  /** Whether somebody has cancelled a request, or it has failed. */
  private boolean isDone(int number) {
    Submitted submitted = running.get(number);
    return submitted == null || submitted.completion().isDone();
  }

  private void fail(int number, RuntimeException e) {
    Submitted submitted = running.remove(number);
    if (submitted != null) {
      submitted.completion().completeExceptionally(e);
    }
  }
}
