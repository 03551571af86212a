package ai.dmt.run;

import ai.dmt.data.EncodedSample;
import ai.dmt.data.Origin;
import ai.dmt.recipe.DataRecipe;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Samples to train on, and samples that are held out to measure the loss of.
 *
 * <p>What belongs together lands on one side: samples that ask the same first question, such as the
 * paths of rejection sampling, and pieces of one conversation, whether they were split here or in
 * the file. Which groups are held out is decided by a fixed hash of their tokens: the same in every
 * run, whatever the seed and the order of the files.
 *
 * @param train at least one
 * @param heldOut none where there are too few
 */
record HeldOutSplit(List<EncodedSample> train, List<EncodedSample> heldOut) {
  /** What FastChat names the piece of a conversation that begins with some turn. */
  private static final Pattern PIECE = Pattern.compile("(.+)_([0-9]{1,6})");

  static HeldOutSplit of(List<EncodedSample> samples, double fraction) {
    int count = DataRecipe.heldOutOf(samples.size(), fraction);
    int[] groups = count == 0 ? new int[0] : groups(samples);
    boolean[] held = count == 0 ? new boolean[samples.size()] : held(samples, groups, count);
    List<EncodedSample> train = new ArrayList<>();
    List<EncodedSample> heldOut = new ArrayList<>();
    for (int s = 0; s < held.length; s++) {
      (held[s] ? heldOut : train).add(samples.get(s));
    }
    return train.isEmpty()
        ? new HeldOutSplit(samples, List.of()) // all samples belong together
        : new HeldOutSplit(train, heldOut);
  }

  /** Groups in the order of their least hash, until there are enough. */
  private static boolean[] held(List<EncodedSample> samples, int[] groups, int count) {
    Map<Integer, Long> keys = new HashMap<>();
    Map<Integer, Integer> sizes = new HashMap<>();
    for (int s = 0; s < groups.length; s++) {
      keys.merge(groups[s], hash(samples.get(s)), Math::min);
      sizes.merge(groups[s], 1, Integer::sum);
    }
    List<Map.Entry<Integer, Long>> order = new ArrayList<>(keys.entrySet());
    order.sort(Map.Entry.comparingByValue());
    Set<Integer> chosen = new HashSet<>();
    int taken = 0;
    for (Map.Entry<Integer, Long> group : order) {
      if (taken < count) {
        chosen.add(group.getKey());
        taken += sizes.getOrDefault(group.getKey(), 0);
      }
    }
    boolean[] held = new boolean[groups.length];
    for (int s = 0; s < groups.length; s++) {
      held[s] = chosen.contains(groups[s]);
    }
    return held;
  }

  /** For each sample the number of the first that it belongs to. */
  private static int[] groups(List<EncodedSample> samples) {
    int[] first = new int[samples.size()];
    Arrays.setAll(first, s -> s);
    Map<String, Integer> questions = new TreeMap<>();
    Map<Origin, Integer> records = new HashMap<>();
    for (int s = 0; s < first.length; s++) {
      EncodedSample sample = samples.get(s);
      join(first, s, questions.putIfAbsent(question(sample), s));
      if (!sample.origin().equals(Origin.UNKNOWN)) {
        join(first, s, records.putIfAbsent(sample.origin(), s));
      }
      if (s > 0 && isNextPiece(samples.get(s - 1).id(), sample.id())) {
        join(first, s, s - 1);
      }
    }
    Arrays.setAll(first, s -> root(first, s));
    return first;
  }

  private static void join(int[] first, int sample, @Nullable Integer other) {
    if (other != null) {
      int one = root(first, sample);
      int two = root(first, other);
      first[Math.max(one, two)] = Math.min(one, two);
    }
  }

  private static int root(int[] first, int sample) {
    int root = sample;
    while (first[root] != root) {
      first[root] = first[first[root]];
      root = first[root];
    }
    return root;
  }

  /** What stands before the first answer; of a text that answers nothing, all of it. */
  private static String question(EncodedSample sample) {
    int length = 0;
    while (length < sample.tokenIds().length && !sample.carriesLoss()[length]) {
      length++;
    }
    int shown = length > 1 ? length : sample.tokenIds().length;
    return Arrays.toString(Arrays.copyOf(sample.tokenIds(), shown));
  }

  /** Pieces begin with a turn of the user, so with an even one: x_0, x_4, x_10. */
  private static boolean isNextPiece(String before, String id) {
    Matcher one = PIECE.matcher(before);
    Matcher two = PIECE.matcher(id);
    if (!one.matches() || !two.matches() || !one.group(1).equals(two.group(1))) {
      return false;
    }
    int from = Integer.parseInt(one.group(2));
    int to = Integer.parseInt(two.group(2));
    return from < to && from % 2 == 0 && to % 2 == 0;
  }

  /** The finalizer of SplitMix64 over an FNV-like sum: neighbours differ in all bits. */
  static long hash(EncodedSample sample) {
    long z = Arrays.hashCode(sample.tokenIds());
    for (int id : sample.tokenIds()) {
      z = (z ^ id) * 0x100000001b3L;
    }
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
