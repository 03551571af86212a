package ai.dmt.audit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds prompts of benchmarks in texts, in time linear in the text: a rolling hash of each 13 words
 * is looked up, and what has the hash is compared word by word. A prompt of fewer words is found
 * where it is a whole text.
 */
final class PromptIndex {
  /** Words of an n-gram. */
  static final int N = 13;

  private static final long BASE = 0x9e3779b97f4a7c15L; // odd
  private static final long BASE_TO_N = power(N);

  private final Map<Long, List<Entry>> whole = new HashMap<>();
  private long[] keys = new long[1 << 12]; // open addressing; hashes of n-grams
  private int[] places = new int[1 << 12]; // 1 + place of the first such n-gram; 0: free
  private int used;
  private final List<Place> grams = new ArrayList<>();

  /** A prompt of a benchmark. */
  record Entry(String benchmark, BenchmarkPrompts.Prompt prompt, NormalizedText text) {
    int grams() {
      return Math.max(0, text.words() - N + 1);
    }
  }

  /** An n-gram of a prompt; next is 1 + the place of another one with the same hash, or 0. */
  private record Place(Entry entry, int word, int next) {}

  /**
   * A prompt that a text holds.
   *
   * @param entry the prompt
   * @param exact whether it is the whole text
   * @param matched of its n-grams
   * @param sample words that both have
   */
  record Match(Entry entry, boolean exact, int matched, String sample) {}

  PromptIndex(List<BenchmarkPrompts> benchmarks) {
    for (BenchmarkPrompts benchmark : benchmarks) {
      for (BenchmarkPrompts.Prompt prompt : benchmark.prompts()) {
        Entry entry = new Entry(benchmark.name(), prompt, new NormalizedText(prompt.text()));
        whole
            .computeIfAbsent(hash(entry.text(), 0, entry.text().words()), h -> new ArrayList<>(1))
            .add(entry);
        for (int word = 0; word < entry.grams(); word++) {
          put(hash(entry.text(), word, N), entry, word);
        }
      }
    }
  }

  /** All prompts that a text holds. */
  List<Match> find(String raw) {
    NormalizedText text = new NormalizedText(raw);
    Map<Entry, Match> found = new LinkedHashMap<>();
    if (text.words() == 0) {
      return List.of();
    }
    for (Entry entry : whole.getOrDefault(hash(text, 0, text.words()), List.of())) {
      if (entry.text().words() == text.words() && text.equal(0, text.words(), entry.text(), 0)) {
        found.put(
            entry, new Match(entry, true, entry.grams(), text.text(0, Math.min(N, text.words()))));
      }
    }
    long hash = text.words() < N ? 0 : hash(text, 0, N);
    for (int from = 0; from + N <= text.words(); from++) {
      for (int place = lookUp(hash); place > 0; place = grams.get(place - 1).next()) {
        Place gram = grams.get(place - 1);
        if (text.equal(from, N, gram.entry().text(), gram.word())) {
          count(found, gram.entry(), text, from);
        }
      }
      if (from + N < text.words()) {
        hash = hash * BASE + text.hash(from + N) - BASE_TO_N * text.hash(from);
      }
    }
    return List.copyOf(found.values());
  }

  private static void count(Map<Entry, Match> found, Entry entry, NormalizedText text, int from) {
    Match before = found.get(entry);
    if (before == null) {
      found.put(entry, new Match(entry, false, 1, text.text(from, N)));
    } else if (!before.exact() && before.matched() < entry.grams()) {
      found.put(entry, new Match(entry, false, before.matched() + 1, before.sample()));
    }
  }

  private static long hash(NormalizedText text, int from, int count) {
    long hash = 0;
    for (int w = from; w < from + count; w++) {
      hash = hash * BASE + text.hash(w);
    }
    return hash;
  }

  private static long power(int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= BASE;
    }
    return power;
  }

  private int slot(long hash) {
    int mask = keys.length - 1;
    int slot = (int) ((hash * BASE) >>> 33) & mask;
    while (places[slot] != 0 && keys[slot] != hash) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private int lookUp(long hash) {
    return places[slot(hash)];
  }

  private void put(long hash, Entry entry, int word) {
    if (2 * used >= keys.length) {
      grow();
    }
    int slot = slot(hash);
    used += places[slot] == 0 ? 1 : 0;
    keys[slot] = hash;
    grams.add(new Place(entry, word, places[slot]));
    places[slot] = grams.size();
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldPlaces = places;
    keys = new long[2 * oldKeys.length];
    places = new int[keys.length];
    for (int s = 0; s < oldKeys.length; s++) {
      if (oldPlaces[s] != 0) {
        int slot = slot(oldKeys[s]);
        keys[slot] = oldKeys[s];
        places[slot] = oldPlaces[s];
      }
    }
  }
}
