package ai.dmt.world;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Seeded draws; the same seed gives the same draws on every JDK, as {@link Random} is specified.
 */
final class Dice {
  private final Random random;

  /**
   * @param purpose keeps the draws of one seed apart
   */
  Dice(long seed, String purpose) {
    this.random = new Random(Part.mix(seed * 31 + purpose.hashCode()));
  }

  /** A whole number from {@code low} to {@code high}, both included. */
  int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  boolean chance(double share) {
    return random.nextDouble() < share;
  }

  <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  @SafeVarargs
  final <T> T pick(T... values) {
    return values[random.nextInt(values.length)];
  }

  /** Different values in random order. */
  <T> List<T> sample(List<T> values, int count) {
    return List.copyOf(shuffled(values).subList(0, count));
  }

  <T> List<T> shuffled(List<T> values) {
    List<T> copy = new ArrayList<>(values);
    Collections.shuffle(copy, random);
    return copy;
  }
}
