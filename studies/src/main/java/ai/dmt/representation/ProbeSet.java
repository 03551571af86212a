package ai.dmt.representation;

import ai.dmt.representation.Representations.Probes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The probes of a set of queries, for the states of any layer of any model. */
final class ProbeSet {
  private static final int CONTROLS = 10;
  private static final int PERMUTATIONS = 1_000;

  private final Queries queries;
  private final long seed;
  private final List<int[]> controls = new ArrayList<>();
  private final boolean[] across;
  private final boolean isAcross;

  ProbeSet(Queries queries, long seed) {
    this.queries = queries;
    this.seed = seed;
    Random random = new Random(seed);
    for (int c = 0; c < CONTROLS; c++) {
      controls.add(control(random));
    }
    this.across = new boolean[queries.classes().length];
    int count = 0;
    for (int q = 0; q < across.length; q++) {
      across[q] = queries.classes()[q] != queries.abilities()[q];
      count += across[q] ? 1 : 0;
    }
    this.isAcross = count >= Queries.LEAST;
  }

  /**
   * A label for each way to begin, in the shares of the abilities: a probe tells it as well as the
   * abilities if it knows queries by heart rather than by what they ask for (Hewitt and Liang,
   * 2019).
   */
  private int[] control(Random random) {
    int[] labels = new int[queries.openings().length];
    int[] drawn = new int[labels.length];
    for (int o = 0; o < drawn.length; o++) {
      drawn[o] = queries.abilities()[random.nextInt(labels.length)];
    }
    for (int q = 0; q < labels.length; q++) {
      labels[q] = drawn[queries.openings()[q]];
    }
    return labels;
  }

  Probes of(double[][] states) {
    LinearProbe probe = LinearProbe.crossValidated(states, queries.abilities(), seed);
    double[] right = right(probe.tell(queries.abilities()), queries.abilities());
    double[] control = new double[right.length];
    double[] draws = new double[CONTROLS];
    for (int c = 0; c < CONTROLS; c++) {
      double[] each = right(probe.tell(controls.get(c)), controls.get(c));
      draws[c] = mean(each);
      for (int q = 0; q < control.length; q++) {
        control[q] += each[q] / CONTROLS;
      }
    }
    double error = Math.hypot(clusteredError(right, control), errorOfMean(draws));
    double source =
        LinearProbe.crossValidated(states, queries.classes(), seed).accuracy(queries.classes());
    double[] told = across(states);
    return new Probes(source, mean(right), mean(control), error, told[0], told[1]);
  }

  /** Share of the queries across sources that are told right, and its p. */
  private double[] across(double[][] states) {
    if (!isAcross) {
      return new double[] {Double.NaN, Double.NaN};
    }
    int[] told = LinearProbe.across(states, across).tell(queries.classes());
    int[] units = units();
    List<Integer> abilities = new ArrayList<>(); // of each unit
    int count = 0;
    for (int q = 0; q < told.length; q++) {
      count += across[q] ? 1 : 0;
      if (across[q] && units[q] == abilities.size()) {
        abilities.add(queries.abilities()[q]);
      }
    }
    int right = matches(told, units, abilities);
    Random random = new Random(seed);
    int asMany = 1; // the abilities as they are
    for (int p = 0; p < PERMUTATIONS; p++) {
      Collections.shuffle(abilities, random);
      asMany += matches(told, units, abilities) >= right ? 1 : 0;
    }
    return new double[] {(double) right / count, asMany / (PERMUTATIONS + 1.0)};
  }

  /** Queries of one beginning and one ability are exchanged together: they are much alike. */
  private int[] units() {
    Map<String, Integer> numbers = new HashMap<>();
    int[] units = new int[across.length];
    for (int q = 0; q < units.length; q++) {
      if (across[q]) {
        String unit = queries.openings()[q] + " " + queries.abilities()[q];
        units[q] = numbers.computeIfAbsent(unit, each -> numbers.size());
      }
    }
    return units;
  }

  private int matches(int[] told, int[] units, List<Integer> abilities) {
    int matches = 0;
    for (int q = 0; q < told.length; q++) {
      matches += across[q] && told[q] == abilities.get(units[q]) ? 1 : 0;
    }
    return matches;
  }

  private static double[] right(int[] told, int[] labels) {
    double[] right = new double[told.length];
    for (int q = 0; q < right.length; q++) {
      right[q] = told[q] == labels[q] ? 1 : 0;
    }
    return right;
  }

  /** Queries of one beginning share their random label, so they are one observation. */
  private double clusteredError(double[] right, double[] control) {
    double mean = mean(right) - mean(control);
    double[] sums = new double[right.length];
    for (int q = 0; q < sums.length; q++) {
      sums[queries.openings()[q]] += right[q] - control[q] - mean;
    }
    double squares = 0;
    for (double sum : sums) {
      squares += sum * sum;
    }
    return Math.sqrt(squares) / sums.length;
  }

  /** Some draws of the random labels are easier than others. */
  private static double errorOfMean(double[] draws) {
    double mean = mean(draws);
    double squares = 0;
    for (double draw : draws) {
      squares += (draw - mean) * (draw - mean);
    }
    return Math.sqrt(squares / (draws.length - 1) / draws.length);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
