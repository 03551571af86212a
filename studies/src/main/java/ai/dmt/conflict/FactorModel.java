package ai.dmt.conflict;

import ai.dmt.evaluators.statistics.Holm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which factors tell where other data harm: a linear model of the effects with a level of its own
 * for each cluster, so that only what differs within an ability counts as evidence of a factor that
 * does.
 *
 * <p>A factor's p-value is by permutation of its values at the level at which it varies: between
 * the places of a row, between the rows of a cluster, or between clusters. At the last, few
 * abilities decide nothing, however many places each has. The statistic is the correlation with the
 * effects after the other factors. P-values are Holm's over the factors; a factor predicts if its
 * own is at most 5 % and the model with it predicts places that it has not seen better than the one
 * without.
 */
public final class FactorModel {
  private static final int PERMUTATIONS = 1999;
  private static final double LEVEL = 0.05;
  private static final double EQUAL = 1e-12;
  private static final int LEAST_CLUSTERS = 4; // three have six orders

  private final List<Interfering> places;
  private final double[] effects;
  private final List<double[]> levels = new ArrayList<>(); // a column for each cluster
  private final List<List<int[]>> rows = new ArrayList<>(); // of each cluster, their places
  private final Map<String, double[]> columns = new LinkedHashMap<>();
  private final Map<String, Varies> varies = new LinkedHashMap<>();
  private final SplittableRandom random;
  private final int permutations;

  /** At which level a factor's values differ. */
  public enum Varies {
    /** Between places with the same amount of own data. */
    WITHIN_ROWS("place by place"),
    /** Between amounts of own data of an ability. */
    BETWEEN_ROWS("amount by amount"),
    /** Between abilities or studies. */
    BETWEEN_CLUSTERS("ability by ability"),
    /** Nowhere. */
    NEVER("never");

    private final String text;

    Varies(String text) {
      this.text = text;
    }

    /** {@return the words for people} */
    public String text() {
      return text;
    }
  }

  /**
   * What is known of a factor.
   *
   * @param name of the factor
   * @param varies at which level
   * @param weight by which the effect changes with one standard deviation of the factor, other
   *     factors equal; NaN where it never varies
   * @param pValue by permutation; NaN where it never varies
   * @param adjusted the same after Holm's correction; NaN where too few clusters could never decide
   * @param gain in the share of unseen effects' variance that the model predicts; NaN for a factor
   *     that only varies between clusters
   * @param predicts whether it does
   */
  public record Factor(
      String name,
      Varies varies,
      double weight,
      double pValue,
      double adjusted,
      double gain,
      boolean predicts) {}

  /**
   * Fits nothing yet.
   *
   * @param places of one or more grids, each with the same factors
   * @param seed of the permutations
   */
  public FactorModel(List<Interfering> places, long seed) {
    this(places, seed, PERMUTATIONS);
  }

  /** With another number of permutations. */
  FactorModel(List<Interfering> places, long seed, int permutations) {
    this.permutations = permutations;
    if (places.isEmpty()) {
      throw new IllegalArgumentException("a factor model needs places of a grid");
    }
    this.places = List.copyOf(places);
    this.random = new SplittableRandom(seed);
    this.effects = places.stream().mapToDouble(Interfering::effect).toArray();
    for (String cluster : places.stream().map(Interfering::cluster).distinct().toList()) {
      levels.add(
          places.stream().mapToDouble(each -> each.cluster().equals(cluster) ? 1 : 0).toArray());
      rows.add(rowsOf(cluster));
    }
    for (String factor : places.get(0).factors().keySet()) {
      double[] values = places.stream().mapToDouble(each -> each.factors().get(factor)).toArray();
      Varies level =
          Arrays.stream(values).allMatch(Double::isFinite) ? varies(values) : Varies.NEVER;
      varies.put(factor, level);
      columns.put(factor, level == Varies.NEVER ? values : standardised(values));
    }
  }

  private List<int[]> rowsOf(String cluster) {
    Map<String, List<Integer>> byRow = new LinkedHashMap<>();
    for (int i = 0; i < places.size(); i++) {
      if (places.get(i).cluster().equals(cluster)) {
        byRow.computeIfAbsent(places.get(i).row(), row -> new ArrayList<>()).add(i);
      }
    }
    return byRow.values().stream()
        .map(each -> each.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  private Varies varies(double[] values) {
    Varies level = Varies.NEVER;
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < i; j++) {
        if (Math.abs(values[i] - values[j]) > EQUAL) {
          boolean cluster = places.get(i).cluster().equals(places.get(j).cluster());
          boolean row = cluster && places.get(i).row().equals(places.get(j).row());
          Varies here =
              row ? Varies.WITHIN_ROWS : cluster ? Varies.BETWEEN_ROWS : Varies.BETWEEN_CLUSTERS;
          level = here.compareTo(level) < 0 ? here : level; // the finest comes first
        }
      }
    }
    return level;
  }

  /** {@return how many places there are} */
  public int places() {
    return effects.length;
  }

  /**
   * {@return which share of the variance within clusters the factors predict of places that the
   * model has not seen, at most 1; below 0 where they mislead, NaN where there are too few places}
   */
  public double predicted() {
    return predicted("");
  }

  /** Without a factor. */
  private double predicted(String without) {
    double alone = LinearFit.leaveOneOut(levels, effects);
    return 1 - LinearFit.leaveOneOut(others(without), effects) / alone;
  }

  /** Levels of clusters and all factors that vary within them, but for one. */
  private List<double[]> others(String without) {
    List<double[]> others = new ArrayList<>(levels);
    columns.forEach(
        (name, values) -> {
          if (!name.equals(without) && isWithin(name)) {
            others.add(values);
          }
        });
    return others;
  }

  private boolean isWithin(String factor) {
    Varies level = varies.get(factor);
    return level == Varies.WITHIN_ROWS || level == Varies.BETWEEN_ROWS;
  }

  /** {@return what is known of each factor, in their order} */
  public List<Factor> factors() {
    List<String> names = List.copyOf(columns.keySet());
    List<Factor> raw = names.stream().map(this::factor).toList();
    double[] tested = raw.stream().filter(this::isDecidable).mapToDouble(Factor::pValue).toArray();
    double[] adjusted = Holm.adjust(tested);
    List<Factor> factors = new ArrayList<>();
    int next = 0;
    for (Factor each : raw) {
      double p = isDecidable(each) ? adjusted[next++] : Double.NaN;
      boolean better = each.varies() == Varies.BETWEEN_CLUSTERS || each.gain() > 0;
      factors.add(
          new Factor(
              each.name(),
              each.varies(),
              each.weight(),
              each.pValue(),
              p,
              each.gain(),
              p <= LEVEL && better));
    }
    return factors;
  }

  /**
   * Whether the clusters have orders enough for a p-value of the level; that is no matter of luck.
   */
  private boolean isDecidable(Factor factor) {
    return factor.varies() == Varies.WITHIN_ROWS
        || factor.varies() == Varies.BETWEEN_ROWS
        || factor.varies() == Varies.BETWEEN_CLUSTERS && levels.size() >= LEAST_CLUSTERS;
  }

  private Factor factor(String name) {
    Varies level = Objects.requireNonNull(varies.get(name));
    double[] values = Objects.requireNonNull(columns.get(name));
    if (level == Varies.NEVER) {
      return new Factor(name, level, Double.NaN, Double.NaN, Double.NaN, Double.NaN, false);
    }
    boolean within = isWithin(name);
    List<double[]> others = within ? others(name) : List.of(ones());
    List<double[]> basis = LinearFit.basis(others);
    double[] y = LinearFit.residuals(basis, within ? effects : clusterMeans());
    double seen = correlation(basis, values, y);
    int atLeast = 1;
    for (int draw = 0; draw < permutations; draw++) {
      boolean asFar = correlation(basis, permuted(values, level), y) >= seen - EQUAL;
      atLeast += asFar ? 1 : 0;
    }
    List<double[]> all = new ArrayList<>(others);
    all.add(values);
    double[] weights = LinearFit.weights(all, within ? effects : clusterMeans());
    double gain = within ? predicted("") - predicted(name) : Double.NaN;
    double p = atLeast / (permutations + 1.0);
    return new Factor(name, level, weights[weights.length - 1], p, Double.NaN, gain, false);
  }

  /** Size of the correlation of what the others leave of a factor with what they leave of y. */
  private static double correlation(List<double[]> basis, double[] values, double[] y) {
    double[] own = LinearFit.residuals(basis, values);
    double product = 0;
    double squares = 0;
    double all = 0;
    for (int i = 0; i < y.length; i++) {
      product += own[i] * y[i];
      squares += own[i] * own[i];
      all += y[i] * y[i];
    }
    return squares < EQUAL || all == 0 ? 0 : Math.abs(product) / Math.sqrt(squares * all);
  }

  private double[] ones() {
    double[] ones = new double[effects.length];
    Arrays.fill(ones, 1);
    return ones;
  }

  private double[] clusterMeans() {
    double[] means = new double[effects.length];
    for (double[] level : levels) {
      double sum = 0;
      double count = 0;
      for (int i = 0; i < means.length; i++) {
        sum += level[i] * effects[i];
        count += level[i];
      }
      for (int i = 0; i < means.length; i++) {
        means[i] += level[i] * sum / count;
      }
    }
    return means;
  }

  /** Values in other places of the same row, those of whole rows, or those of whole clusters. */
  private double[] permuted(double[] values, Varies level) {
    double[] permuted = values.clone();
    switch (level) {
      case BETWEEN_CLUSTERS -> exchange(rows.stream().map(FactorModel::joined).toList(), permuted);
      case BETWEEN_ROWS -> rows.forEach(ofCluster -> exchange(ofCluster, permuted));
      case WITHIN_ROWS ->
          rows.forEach(ofCluster -> ofCluster.forEach(row -> shuffle(row, permuted)));
      case NEVER -> throw new IllegalArgumentException("a factor that never varies");
    }
    return permuted;
  }

  private static int[] joined(List<int[]> rows) {
    return rows.stream().flatMapToInt(Arrays::stream).toArray();
  }

  /** Gives each unit the value of another one; all places of a unit have the same. */
  private void exchange(List<int[]> units, double[] values) {
    double[] own = units.stream().mapToDouble(unit -> values[unit[0]]).toArray();
    int[] order = IntStream.range(0, own.length).toArray();
    shuffleOrder(order);
    for (int unit = 0; unit < own.length; unit++) {
      for (int place : units.get(unit)) {
        values[place] = own[order[unit]];
      }
    }
  }

  private void shuffle(int[] where, double[] values) {
    int[] order = where.clone();
    shuffleOrder(order);
    double[] before = values.clone();
    for (int i = 0; i < where.length; i++) {
      values[where[i]] = before[order[i]];
    }
  }

  private void shuffleOrder(int[] order) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
  }

  private static double[] standardised(double[] values) {
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    double deviation = Math.sqrt(squares / values.length);
    return Arrays.stream(values).map(v -> (v - mean) / deviation).toArray();
  }
}
