package ai.dmt.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.tokenizer.ByteTokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("native")
@Timeout(60)
class ContinuousGeneratorTest {
  private static final int POSITIONS = 128;

  private final ByteTokenizer tokenizer = new ByteTokenizer();
  private NativeEngine engine;

  @BeforeEach
  void create() {
    ModelConfig model = ModelConfig.llama(tokenizer.vocabSize(), 32, 64, 2, 4, 2, POSITIONS);
    engine = NativeEngine.create(model, 7, EngineConfig.inference());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private ContinuousGenerator generator(int slots, int queueLimit) {
    return new ContinuousGenerator(engine, tokenizer, slots, POSITIONS, queueLimit);
  }

  private GenerationRequest request(String prompt, long seed) {
    return new GenerationRequest(prompt, tokenizer.encode(prompt), seed);
  }

  private static GenerationConfig greedy(int maxNewTokens) {
    return GenerationConfig.greedy(maxNewTokens);
  }

  private static GenerationListener nobody() {
    return new GenerationListener() {};
  }

  /** Holds the decoding thread in its first text until it is let go. */
  private static final class Holder implements GenerationListener {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    @Override
    public void onText(int request, String text) {
      reached.countDown();
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Holder held(ContinuousGenerator generator, int maxNewTokens) throws Exception {
    Holder holder = new Holder();
    generator.submit(request("hold", 0), greedy(maxNewTokens), holder);
    holder.reached.await();
    return holder;
  }

  @Test
  void requestsOfManyThreadsGetWhatEachGetsAlone() {
    Random random = new Random(5);
    List<GenerationRequest> requests = new ArrayList<>();
    List<GenerationConfig> configs = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      requests.add(request("x".repeat(1 + random.nextInt(60)) + i, i));
      SamplingConfig sampling =
          i % 2 == 0 ? SamplingConfig.greedy() : new SamplingConfig(1, 0.9, -1);
      configs.add(
          new GenerationConfig(
              1 + random.nextInt(30),
              sampling,
              i % 3 == 0 ? List.of("a") : List.of(),
              Set.of(),
              1));
    }
    List<Completion> alone = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      alone.addAll(
          new TextGenerator(engine, tokenizer)
              .generate(List.of(requests.get(i)), configs.get(i), nobody()));
    }
    List<StringBuilder> texts =
        Collections.nCopies(requests.size(), "").stream().map(StringBuilder::new).toList();
    try (ContinuousGenerator generator = generator(5, 100)) {
      List<CompletableFuture<CompletableFuture<Completion>>> handedIn = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        int number = i;
        GenerationListener listener =
            new GenerationListener() {
              @Override
              public void onText(int request, String text) {
                assertEquals(0, request);
                texts.get(number).append(text);
              }
            };
        handedIn.add(
            CompletableFuture.supplyAsync(
                () -> generator.submit(requests.get(number), configs.get(number), listener)));
      }
      for (int i = 0; i < requests.size(); i++) {
        Completion completion = handedIn.get(i).join().join();
        assertArrayEquals(alone.get(i).tokenIds(), completion.tokenIds(), "request " + i);
        assertEquals(alone.get(i).text(), completion.text());
        assertEquals(alone.get(i).text(), texts.get(i).toString());
        assertEquals(alone.get(i).reason(), completion.reason());
        assertEquals(requests.get(i).id(), completion.id());
      }
      GenerationLoad load = generator.load();
      assertEquals(0, load.waiting());
      assertEquals(
          requests.stream().mapToLong(each -> each.prompt().length).sum(), load.promptTokens());
      assertEquals(
          alone.stream().mapToLong(each -> each.tokenIds().length).sum(), load.generatedTokens());
    }
  }

  @Test
  void aRequestJoinsWhileAnotherIsDecodedAndLeavesBeforeIt() throws Exception {
    try (ContinuousGenerator generator = generator(2, 0)) {
      Holder holder = new Holder();
      CompletableFuture<Completion> longer =
          generator.submit(request("long", 0), greedy(100), holder);
      holder.reached.await();
      CompletableFuture<Boolean> longerHadEnded = new CompletableFuture<>();
      generator
          .submit(request("short", 0), greedy(3), nobody())
          .thenAccept(completion -> longerHadEnded.complete(longer.isDone()));
      assertEquals(1, generator.load().waiting());
      holder.go.countDown();
      assertEquals(false, longerHadEnded.join());
      assertEquals(100, longer.join().tokenIds().length);
    }
  }

  @Test
  void aCancelledRequestLeavesItsSlot() throws Exception {
    try (ContinuousGenerator generator = generator(1, 5)) {
      Holder holder = new Holder();
      CompletableFuture<Completion> first = generator.submit(request("a", 0), greedy(100), holder);
      CompletableFuture<Completion> waiting =
          generator.submit(request("b", 0), greedy(9), nobody());
      CompletableFuture<Completion> last = generator.submit(request("c", 0), greedy(2), nobody());
      holder.reached.await();
      first.cancel(true);
      waiting.cancel(true);
      holder.go.countDown();
      assertEquals(2, last.join().tokenIds().length);
      assertTrue(generator.load().generatedTokens() < 10, () -> generator.load().toString());
    }
  }

  @Test
  void queueTakesSoManyAndNoMore() throws Exception {
    try (ContinuousGenerator generator = generator(1, 2)) {
      Holder holder = held(generator, 50);
      generator.submit(request("b", 0), greedy(2), nobody());
      CompletableFuture<Completion> third = generator.submit(request("c", 0), greedy(2), nobody());
      RejectedExecutionException e =
          assertThrows(
              RejectedExecutionException.class,
              () -> generator.submit(request("d", 0), greedy(2), nobody()));
      assertEquals("1 requests are being answered and 2 wait, as many as may", e.getMessage());
      third.cancel(true);
      CompletableFuture<Completion> fourth = generator.submit(request("d", 0), greedy(2), nobody());
      holder.go.countDown();
      assertEquals(2, fourth.join().tokenIds().length);
    }
  }

  @Test
  void aListenerThatThrowsFailsItsRequestAlone() {
    try (ContinuousGenerator generator = generator(2, 5)) {
      GenerationListener broken =
          new GenerationListener() {
            @Override
            public void onText(int request, String text) {
              throw new IllegalArgumentException("broken");
            }
          };
      CompletableFuture<Completion> fails = generator.submit(request("a", 0), greedy(9), broken);
      CompletableFuture<Completion> goesOn =
          generator.submit(request("b", 0), greedy(20), nobody());
      assertEquals(20, goesOn.join().tokenIds().length);
      CompletionException e = assertThrows(CompletionException.class, fails::join);
      assertEquals("broken", e.getCause().getMessage());
    }
  }

  @Test
  void closingEndsWhatIsUnderWayAndFreesTheEngine() throws Exception {
    ContinuousGenerator generator = generator(1, 5);
    Holder holder = new Holder();
    CompletableFuture<Completion> running = generator.submit(request("a", 0), greedy(100), holder);
    CompletableFuture<Completion> waiting = generator.submit(request("b", 0), greedy(2), nobody());
    holder.reached.await();
    IllegalStateException used =
        assertThrows(
            IllegalStateException.class,
            () -> new TextGenerator(engine, tokenizer).generate(List.of(new int[] {5}), greedy(1)));
    assertTrue(used.getMessage().contains("continuous generation"), used::getMessage);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(generator::close);
    while (true) { // until it takes no more
      try {
        generator.submit(request("c", 0), greedy(1), nobody()).cancel(true);
        Thread.sleep(1);
      } catch (IllegalStateException e) {
        break;
      }
    }
    holder.go.countDown();
    closing.get(20, TimeUnit.SECONDS);
    assertThrows(CompletionException.class, running::join);
    assertThrows(CompletionException.class, waiting::join);
    generator.close();
    assertEquals(
        1,
        new TextGenerator(engine, tokenizer)
            .generate(List.of(new int[] {5}), greedy(1))
            .get(0)
            .tokenIds()
            .length);
  }

  @Test
  void closingTheEngineEndsIt() throws Exception {
    ContinuousGenerator generator = generator(1, 5);
    CompletableFuture<Completion> idle = generator.submit(request("a", 0), greedy(2), nobody());
    idle.join();
    engine.close();
    assertThrows(
        IllegalStateException.class, () -> generator.submit(request("b", 0), greedy(2), nobody()));
    generator.close();
  }

  @Test
  void whatCannotBeIsSaidAtOnce() {
    ConfigException range = assertThrows(ConfigException.class, () -> generator(0, -1));
    assertEquals(
        "continuous generation: slots must be positive, got 0; queueLimit must not be negative,"
            + " got -1",
        range.getMessage());
    try (ContinuousGenerator generator = generator(1, 0)) {
      ConfigException e =
          assertThrows(
              ConfigException.class,
              () -> generator.submit(request("x".repeat(200), 0), greedy(1), nobody()));
      assertTrue(e.getMessage().contains("has 200 tokens, expected 1 to 127"), e::getMessage);
    }
  }
}
