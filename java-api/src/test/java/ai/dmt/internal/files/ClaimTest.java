package ai.dmt.internal.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Owners of other machines are files that are written here. */
@Timeout(60)
class ClaimTest {
  private static final int SECONDS_TO_DIE = Claim.DEAD_MILLISECONDS / 1000;

  @TempDir private Path folder;
  private Path work;
  private long seconds;

  @BeforeEach
  void setClock() {
    work = folder.resolve("x.lock");
    ClaimState.clock = () -> TimeUnit.SECONDS.toNanos(seconds);
  }

  @AfterEach
  void resetClock() {
    ClaimState.clock = System::nanoTime;
  }

  private Path claim(int number) {
    return folder.resolve("x.lock.claim-" + number);
  }

  private static ClaimOwner elsewhere() {
    ClaimOwner self = ClaimOwner.self();
    return new ClaimOwner(self.id(), "node7", "another boot", self.process(), self.started());
  }

  private void write(int number, ClaimOwner owner, long beats) throws IOException {
    Files.writeString(claim(number), owner.toText() + "\n" + beats + "\n");
  }

  /** Looks once in two seconds. @return after how many the claim was had */
  private int looksUntilTaken() throws IOException {
    for (int looks = 1; ; looks++) {
      seconds += 2;
      Optional<Claim> claim = Claim.tryAcquire(work);
      if (claim.isPresent()) {
        claim.get().close();
        return looks;
      }
      assertTrue(looks < 100, "never taken");
    }
  }

  @Test
  void oneAtATimeHasIt() throws IOException {
    Claim first = Claim.tryAcquire(work).orElseThrow();
    assertTrue(Claim.isHeld(work));
    assertTrue(Claim.isOwn(work));
    assertTrue(Claim.tryAcquire(work).isEmpty());
    assertTrue(Claim.acquireUnlessHeld(work).isEmpty());
    first.demandHeld();
    first.close();
    first.close();
    assertFalse(Claim.isHeld(work));
    Claim.acquire(work).close();
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count(), "nothing stays");
    }
  }

  @Test
  void whoWatchesIsToldTheProcessIfItLivesHere() throws IOException {
    assertEquals(OptionalLong.empty(), Claim.process(work));
    try (Claim claim = Claim.tryAcquire(work).orElseThrow()) {
      claim.demandHeld();
      assertEquals(OptionalLong.of(ProcessHandle.current().pid()), Claim.process(work));
    }
    assertEquals(OptionalLong.empty(), Claim.process(work));
    write(1, elsewhere(), 3);
    assertEquals(OptionalLong.empty(), Claim.process(work), "of another machine");
    ClaimOwner self = ClaimOwner.self();
    write(1, new ClaimOwner(self.id(), self.host(), self.kernel(), self.process(), "1"), 3);
    assertEquals(OptionalLong.empty(), Claim.process(work), "a dead process's number, used again");
    write(2, self, 3);
    assertEquals(OptionalLong.of(self.process()), Claim.process(work), "beside a dead one");
  }

  @Test
  void oneOfManyThreadsHasIt() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger had = new AtomicInteger();
    Callable<Void> often =
        () -> {
          for (int i = 0; i < 300; i++) {
            Optional<Claim> claim = Claim.tryAcquire(work);
            if (claim.isPresent()) {
              assertEquals(1, inside.incrementAndGet());
              had.incrementAndGet();
              inside.decrementAndGet();
              claim.get().close();
            }
          }
          return null;
        };
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(threads.submit(often));
    }
    for (Future<Void> each : all) {
      each.get();
    }
    threads.shutdown();
    assertTrue(had.get() > 0);
  }

  @Test
  void whatADeadProcessOfThisMachineHoldsIsTakenAtOnce() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    ClaimOwner self = ClaimOwner.self();
    write(1, new ClaimOwner("gone", self.host(), self.kernel(), dead.pid(), self.started()), 3);
    Claim claim = Claim.tryAcquire(work).orElseThrow();
    assertFalse(Files.exists(claim(1)), "the dead one's is deleted");
    claim.close();
  }

  @Test
  void aProcessIdThatIsUsedAgainIsNotTheOwner() throws IOException {
    ClaimOwner self = ClaimOwner.self();
    write(1, new ClaimOwner("gone", self.host(), self.kernel(), self.process(), "1"), 3);
    Claim.tryAcquire(work).orElseThrow().close();
  }

  @Test
  void anOwnerElsewhereIsDeadOnceItsCountStands() throws IOException {
    write(4, elsewhere(), 17);
    assertTrue(Claim.tryAcquire(work).isEmpty());
    assertEquals(SECONDS_TO_DIE / 2, looksUntilTaken());
  }

  @Test
  void anOwnerThatDiedBeforeItWroteItsNameIsDeadAsWell() throws IOException {
    Files.createFile(claim(1));
    assertTrue(Claim.tryAcquire(work).isEmpty());
    assertEquals(SECONDS_TO_DIE / 2, looksUntilTaken());
  }

  @Test
  void anOwnerElsewhereThatCountsLives() throws IOException {
    ClaimOwner owner = elsewhere();
    for (int i = 0; i < 100; i++) {
      write(1, owner, i / 5);
      seconds += 2;
      assertTrue(Claim.tryAcquire(work).isEmpty(), "look " + i);
    }
    assertTrue(Claim.acquireUnlessHeld(work).isEmpty(), "it has been seen to count");
  }

  @Test
  void looksFarApartDoNotMakeAnOwnerDead() throws IOException {
    write(1, elsewhere(), 17);
    for (int i = 0; i < SECONDS_TO_DIE / 2; i++) {
      assertTrue(Claim.isHeld(work), "look " + i);
      seconds += 3600; // the file system stood still
    }
  }

  @Test
  void aProcessThatWasThoughtDeadFindsOut() throws IOException {
    Claim claim = Claim.tryAcquire(work).orElseThrow();
    write(1, elsewhere(), 0);
    IOException e = assertThrows(IOException.class, claim::demandHeld);
    assertEquals(
        claim(1)
            + " is another process's now: this one had stood still for more than "
            + SECONDS_TO_DIE
            + " s",
        e.getMessage());
    assertThrows(IOException.class, () -> Claim.demandHeld(work));
    assertTrue(claim.isLost());
    claim.close();
    assertTrue(Files.exists(claim(1)), "the other one's stays");
  }

  @Test
  void workThatNobodyClaimedNeedsNoClaim() throws IOException {
    Claim.demandHeld(work);
    assertFalse(Claim.isHeld(folder.resolve("not/there")));
  }
}
