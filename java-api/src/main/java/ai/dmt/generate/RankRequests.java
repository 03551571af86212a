package ai.dmt.generate;

import ai.dmt.engine.TrainingEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests that one rank completes: every worldSize-th. Ranks agree on how many calls they
 * make, since those that hold slices of the weights must make the same, and tell each other their
 * tokens.
 */
final class RankRequests {
  private final TrainingEngine engine;
  private final int rank;
  private final int ranks;
  private final int requests;
  private final Map<Integer, List<Integer>> tokens = new LinkedHashMap<>();

  /** Those of an engine's rank. @param requests of all ranks */
  RankRequests(TrainingEngine engine, int requests) {
    this.engine = engine;
    this.rank = engine.rank();
    this.ranks = engine.worldSize();
    this.requests = requests;
  }

  /** This rank's requests. */
  int count() {
    return (requests - rank + ranks - 1) / ranks;
  }

  /** Number among all requests. @param own 0 for this rank's first */
  int number(int own) {
    return own * ranks + rank;
  }

  /** Whether any rank has requests left. */
  boolean anyLeft(int left) {
    return most(left) > 0;
  }

  /** The largest of the ranks' numbers. */
  int most(int own) {
    if (ranks == 1) {
      return own;
    }
    double[] all = new double[ranks];
    all[rank] = own;
    engine.sumOverRanks(all);
    int most = 0;
    for (double each : all) {
      most = Math.max(most, (int) each);
    }
    return most;
  }

  /** Remembers a token for the other ranks. */
  void record(int number, int token) {
    if (ranks > 1) {
      tokens.computeIfAbsent(number, each -> new ArrayList<>()).add(token);
    }
  }

  /** Tokens of the requests that other ranks completed; collective. */
  Map<Integer, int[]> ofOthers() {
    if (ranks == 1) {
      return Map.of();
    }
    double[] lengths = new double[requests];
    tokens.forEach((number, ids) -> lengths[number] = ids.size());
    engine.sumOverRanks(lengths);
    int[] begins = new int[requests + 1];
    for (int number = 0; number < requests; number++) {
      begins[number + 1] = begins[number] + (int) lengths[number];
    }
    double[] all = new double[begins[requests]];
    tokens.forEach(
        (number, ids) -> {
          for (int t = 0; t < ids.size(); t++) {
            all[begins[number] + t] = ids.get(t);
          }
        });
    engine.sumOverRanks(all);
    Map<Integer, int[]> others = new LinkedHashMap<>();
    for (int number = 0; number < requests; number++) {
      if (number % ranks != rank) {
        others.put(
            number,
            Arrays.stream(all, begins[number], begins[number + 1])
                .mapToInt(id -> (int) id)
                .toArray());
      }
    }
    return others;
  }
}
