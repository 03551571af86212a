package ai.dmt.serve;

import ai.dmt.data.ChatTemplate;
import ai.dmt.data.GrowingAnswer;
import ai.dmt.generate.Completion;
import ai.dmt.generate.ContinuousGenerator;
import ai.dmt.generate.FinishReason;
import ai.dmt.generate.GenerationConfig;
import ai.dmt.generate.GenerationListener;
import ai.dmt.generate.GenerationRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Has a call completed and tells its client, in the client's own thread. */
final class CompletionAnswerer {
  private final ContinuousGenerator generator;
  private final Duration timeLimit;
  private final ClientWatch watch;
  private final ServerMetrics metrics;

  CompletionAnswerer(
      ContinuousGenerator generator, Duration timeLimit, ClientWatch watch, ServerMetrics metrics) {
    this.generator = generator;
    this.timeLimit = timeLimit;
    this.watch = watch;
    this.metrics = metrics;
  }

  /** Answers a call; what is under way ends with this call, however it ends. */
  void answer(CompletionCall call, Connection connection)
      throws ApiException, IOException, InterruptedException {
    Answering answering = new Answering();
    List<CompletableFuture<Completion>> completions = new ArrayList<>();
    ClientWatch.Watched watched =
        watch.watch(
            answering, connection.local(), connection.remote(), connection.began(), timeLimit);
    try {
      submit(call, answering, completions);
      Reply reply = new Reply(call, connection, answering);
      reply.send();
      metrics.onCompletion(System.nanoTime() - connection.began());
    } catch (Answering.EndedException e) {
      metrics.onEnd(e.end());
      if (e.end() != Answering.End.TIME_LIMIT) {
        throw new IOException("the client has gone, or does not read", e);
      }
      cancel(completions);
      answering.beginLastWrite(); // a client that does not read must not hold its thread for ever
      try {
        connection.send(overTime());
      } finally {
        answering.endWrite();
      }
    } finally {
      cancel(completions);
      watched.close();
    }
  }

  private static void cancel(List<CompletableFuture<Completion>> completions) {
    completions.forEach(completion -> completion.cancel(true));
  }

  private ApiException overTime() {
    return ApiException.ofServer(
        504,
        "time_limit",
        "the answer is not complete after the %s s that a request may take"
            .formatted(timeLimit.toMillis() / 1000.0));
  }

  private void submit(
      CompletionCall call, Answering answering, List<CompletableFuture<Completion>> completions)
      throws ApiException {
    try {
      for (GenerationRequest request : call.requests()) {
        int choice = completions.size();
        CompletableFuture<Completion> completion =
            generator.submit(request, config(call, request), listener(answering, choice));
        completions.add(completion);
        answering.follow(choice, completion);
      }
    } catch (RejectedExecutionException e) {
      throw ApiException.overloaded("the server is busy: " + e.getMessage());
    } catch (IllegalStateException e) {
      throw ApiException.ofServer(503, "stopping", "the server is stopping");
    }
  }

  private static GenerationConfig config(CompletionCall call, GenerationRequest request) {
    GenerationConfig config = call.generation();
    return config.withSampling(config.sampling().withSeed(request.seed()));
  }

  private static GenerationListener listener(Answering answering, int choice) {
    return new GenerationListener() {
      @Override
      public void onText(int request, String text) {
        answering.onText(choice, text);
      }
    };
  }

  /** What one client is sent. */
  private final class Reply {
    private final CompletionCall call;
    private final Connection connection;
    private final Answering answering;
    private final ReplyJson json;
    private final List<GrowingAnswer> texts = new ArrayList<>();
    private final List<@Nullable Completion> ended;
    private final boolean[] begun;
    private boolean anyText;

    Reply(CompletionCall call, Connection connection, Answering answering) {
      this.call = call;
      this.connection = connection;
      this.answering = answering;
      this.json =
          new ReplyJson(
              call,
              UUID.randomUUID().toString().replace("-", ""),
              System.currentTimeMillis() / 1000);
      ChatTemplate template = call.template();
      call.requests().forEach(request -> texts.add(new GrowingAnswer(template)));
      this.ended = new ArrayList<>(Collections.nCopies(texts.size(), null));
      this.begun = new boolean[texts.size()];
    }

    /** Sends all of it. */
    void send() throws Answering.EndedException, InterruptedException {
      for (int open = texts.size(); open > 0; ) {
        Answering.News news = answering.next();
        if (!news.text().isEmpty() && !anyText) {
          anyText = true;
          metrics.onFirstText(System.nanoTime() - connection.began());
        }
        String fresh = texts.get(news.choice()).add(news.text());
        if (news.completion() != null) {
          ended.set(news.choice(), news.completion());
          open--;
        }
        if (call.streamed()) {
          write(() -> stream(news, fresh));
        }
      }
      write(call.streamed() ? this::endStream : this::whole);
    }

    private void stream(Answering.News news, String fresh) throws IOException {
      int choice = news.choice();
      if (call.chat() && !begun[choice]) {
        begun[choice] = true;
        connection.event(json.begin(choice));
      }
      if (!fresh.isEmpty()) {
        connection.event(json.piece(choice, fresh, null));
      }
      if (news.completion() != null) {
        connection.event(json.piece(choice, "", news.completion().reason()));
      }
    }

    private void endStream() throws IOException {
      if (call.withUsage()) {
        connection.event(json.usage(completionTokens()));
      }
      connection.event("[DONE]");
      connection.endEvents();
    }

    private void whole() throws IOException {
      List<FinishReason> reasons = new ArrayList<>();
      for (Completion completion : ended) {
        reasons.add(completion == null ? FinishReason.STOP : completion.reason());
      }
      connection.send(
          200,
          json.whole(
              texts.stream().map(GrowingAnswer::text).toList(), reasons, completionTokens()));
    }

    private int completionTokens() {
      int tokens = 0;
      for (Completion completion : ended) {
        tokens += completion == null ? 0 : completion.tokenIds().length;
      }
      return tokens;
    }

    /** Writes where the watch can break it off. */
    private void write(Writing writing) throws Answering.EndedException {
      answering.beginWrite();
      try {
        writing.write();
      } catch (IOException e) {
        throw answering.ended(Answering.End.CLIENT_GONE); // unless the watch has broken it off
      } finally {
        answering.endWrite();
      }
    }
  }

  /** Sends something. */
  private interface Writing {
    void write() throws IOException;
  }
}
