package ai.dmt.internal.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What this process knows of a claim: its owner's process, if it sees that, or else its count. */
enum ClaimState {
  LIVES,
  UNDECIDED,
  DEAD;

  /** How long a file counts as it was last read. */
  private static final int READ_MILLISECONDS = 500;

  /** The most that one look adds to the time in which a claim has stood. */
  private static final int LOOK_MILLISECONDS = 2_000;

  /** Nanoseconds of this process's own time; tests set it. */
  static LongSupplier clock = System::nanoTime;

  /** What this process has seen of claims. */
  private static final Map<Path, Sighting> SEEN = new HashMap<>();

  /**
   * {@return what is known of the claim that a file holds}
   *
   * @param judged gets the id of a claim that is dead
   * @throws IOException if it cannot be read
   */
  static ClaimState of(Path claim, Map<Path, String> judged) throws IOException {
    synchronized (SEEN) {
      Sighting sighting = SEEN.computeIfAbsent(claim, key -> new Sighting());
      if (!sighting.isFresh()) {
        Optional<String> text = ClaimFiles.read(claim);
        if (text.isEmpty()) {
          SEEN.remove(claim);
          return UNDECIDED; // it has just been given back
        }
        sighting.look(text.get());
      }
      Optional<ClaimOwner> owner = ClaimFiles.ownerIn(sighting.text);
      ClaimState state = sighting.state();
      if (owner.isPresent() && owner.get().isVisible()) {
        state = owner.get().lives() ? LIVES : DEAD;
      }
      if (state == DEAD) {
        judged.put(claim, owner.map(ClaimOwner::id).orElse(""));
      }
      return state;
    }
  }

  /** A file's text, and for how long it has been the same. */
  private static final class Sighting {
    private String text = "";
    private boolean changed;
    private long stoodNanos;
    private long last = clock.getAsLong();

    ClaimState state() {
      if (TimeUnit.NANOSECONDS.toMillis(stoodNanos) >= Claim.DEAD_MILLISECONDS) {
        return DEAD;
      }
      return changed ? LIVES : UNDECIDED;
    }

    boolean isFresh() {
      return !text.isEmpty()
          && clock.getAsLong() - last < TimeUnit.MILLISECONDS.toNanos(READ_MILLISECONDS);
    }

    void look(String now) {
      long time = clock.getAsLong();
      if (now.equals(text)) {
        stoodNanos += Math.min(time - last, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLISECONDS));
      } else {
        changed = !text.isEmpty();
        text = now;
        stoodNanos = 0;
      }
      last = time;
    }
  }
}
