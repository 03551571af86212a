package ai.dmt.internal.handle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HandleGuardTest {
  private final HandleGuard engine = HandleGuard.exclusive("the engine");
  private final HandleGuard tokenizer = HandleGuard.shared("the tokenizer");
  private final AtomicInteger freed = new AtomicInteger();
  private final CountDownLatch inside = new CountDownLatch(1);
  private final CountDownLatch mayLeave = new CountDownLatch(1);

  /** A thread in a call, until it may leave. */
  private Thread runs(HandleGuard guard, String what) throws InterruptedException {
    return start("worker", () -> guard.run(what, this::stay));
  }

  private void stay() {
    inside.countDown();
    awaitQuietly(mayLeave);
  }

  private Thread start(String name, Runnable work) throws InterruptedException {
    Thread thread = new Thread(work, name);
    thread.start();
    assertTrue(inside.await(10, TimeUnit.SECONDS));
    return thread;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Thread closing(HandleGuard guard) throws InterruptedException {
    Thread thread = new Thread(() -> guard.close(freed::incrementAndGet), "closing");
    thread.start();
    while (guard.isOpen()) {
      Thread.sleep(1);
    }
    return thread;
  }

  private static String refusal(Runnable call) {
    return assertThrows(IllegalStateException.class, call::run).getMessage();
  }

  @Test
  void aCallBesideAnotherNamesBothAndTheirThreads() throws InterruptedException {
    Thread worker = runs(engine, "train");
    Thread.currentThread().setName("main");
    assertEquals(
        "the engine runs train (thread \"worker\"): generate (thread \"main\") cannot begin beside"
            + " it; one thread at a time may use it",
        refusal(() -> engine.run("generate", () -> {})));
    mayLeave.countDown();
    worker.join();
    assertEquals(7, engine.call("generate", () -> 7));
  }

  @Test
  void theThreadThatIsInsideMayCallAgain() {
    assertEquals(3, engine.call("train", () -> 1 + engine.call("apply", () -> 2)));
  }

  @Test
  void aCallThatThrowsHasEnded() throws InterruptedException {
    assertThrows(
        ArithmeticException.class,
        () ->
            engine.run(
                "apply",
                () -> {
                  throw new ArithmeticException();
                }));
    runs(engine, "apply");
    mayLeave.countDown();
  }

  @Test
  void closingWaitsForTheCallInFlightAndLetsNoOtherBegin() throws InterruptedException {
    Thread worker = runs(engine, "accumulate");
    Thread closing = closing(engine);
    assertTrue(
        refusal(() -> engine.run("apply", () -> {}))
            .startsWith("the engine is being closed: apply"));
    closing.interrupt(); // it waits all the same
    closing.join(100);
    assertTrue(closing.isAlive());
    assertEquals(0, freed.get());
    mayLeave.countDown();
    closing.join();
    worker.join();
    assertEquals(1, freed.get());
    assertEquals("the engine is closed", refusal(() -> engine.run("apply", () -> {})));
    assertEquals("the engine is closed", refusal(engine::requireNotClosed));
    engine.close(freed::incrementAndGet);
    assertEquals(1, freed.get());
  }

  @Test
  void closingAsksAClaimToEndWhoseThreadMayStillCall() throws InterruptedException {
    AtomicBoolean cancelled = new AtomicBoolean();
    AtomicInteger callsAfter = new AtomicInteger();
    Thread worker =
        start(
            "worker",
            () ->
                engine.claim(
                    "train",
                    () -> cancelled.set(true),
                    () -> {
                      inside.countDown();
                      while (!cancelled.get()) {
                        engine.run("apply", () -> {});
                      }
                      engine.run("save", callsAfter::incrementAndGet);
                      return null;
                    }));
    engine.close(freed::incrementAndGet);
    worker.join();
    assertEquals(1, callsAfter.get());
    assertEquals(1, freed.get());
  }

  @Test
  void whoeverIsInsideCannotCloseAndLosesNothing() {
    engine.run(
        "train",
        () ->
            assertTrue(
                refusal(() -> engine.close(freed::incrementAndGet))
                    .startsWith("the engine cannot be closed by the thread that runs train")));
    assertTrue(engine.isOpen());
    assertEquals(0, freed.get());
    engine.close(freed::incrementAndGet);
    assertEquals(1, freed.get());
  }

  @Test
  void whoClosesSecondReturnsWhenItIsFreed() throws InterruptedException {
    runs(engine, "accumulate");
    Thread first = closing(engine);
    Thread second = new Thread(() -> engine.close(freed::incrementAndGet));
    second.start();
    second.join(100);
    assertTrue(second.isAlive());
    mayLeave.countDown();
    first.join();
    second.join();
    assertEquals(1, freed.get());
  }

  @Test
  void aFailureToFreeLeavesItClosed() {
    assertThrows(
        ArithmeticException.class,
        () ->
            engine.close(
                () -> {
                  throw new ArithmeticException();
                }));
    engine.close(freed::incrementAndGet);
    assertEquals(0, freed.get());
    assertFalse(engine.isOpen());
  }

  @Test
  void aSharedObjectTakesAllThreadsAndClosesAfterTheLast() throws InterruptedException {
    Thread worker = runs(tokenizer, "encode");
    assertEquals(1, tokenizer.call("encode", () -> 1));
    Thread closing = closing(tokenizer);
    assertEquals(0, freed.get());
    mayLeave.countDown();
    closing.join();
    worker.join();
    assertEquals(1, freed.get());
  }

  @Test
  void whatIsRetainedRefusesToBeClosed() {
    NativeAddresses.register(4711, tokenizer);
    Runnable release = NativeAddresses.retain(4711, "the engine for llama");
    assertTrue(
        refusal(() -> tokenizer.closeUnlessInUse(freed::incrementAndGet))
            .startsWith("the tokenizer cannot be closed while the engine for llama (thread"));
    release.run();
    release.run();
    tokenizer.closeUnlessInUse(freed::incrementAndGet);
    assertEquals(1, freed.get());
    assertEquals(
        "the tokenizer is closed", refusal(() -> NativeAddresses.retain(4711, "the engine")));
    NativeAddresses.retain(0, "the engine").run(); // none
  }

  @Test
  void whatEndsSomethingTakesItsTurnOrHasNothingToDo() throws InterruptedException {
    AtomicInteger ended = new AtomicInteger();
    runs(engine, "step");
    Thread ending = new Thread(() -> engine.runInTurn("close", ended::incrementAndGet));
    ending.start();
    ending.join(100);
    assertTrue(ending.isAlive());
    mayLeave.countDown();
    ending.join();
    engine.close(freed::incrementAndGet);
    engine.runInTurn("close", ended::incrementAndGet);
    assertEquals(1, ended.get());
  }
}
