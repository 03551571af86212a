package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The samples of one epoch of a mixture, before they are shuffled: source after source in the order
 * of the tables, each in its own order, passes of a repeated source one after another.
 */
final class Selection {
  /** In which order the samples of a source come into a subset. */
  interface Rankings {
    /** Ordinals, the first of every subset in front; as many as any of the mixture's needs. */
    int[] of(SampleTable table);
  }

  private final int[] sources;
  private final int[] samples;

  private Selection(int[] sources, int[] samples) {
    this.sources = sources;
    this.samples = samples;
  }

  /**
   * Chooses.
   *
   * @throws ConfigException if a source is unknown or too small, or lengths are asked for that
   *     nobody knows
   */
  static Selection of(String stage, Mixture mixture, List<SampleTable> tables, Rankings rankings) {
    check(stage, mixture, tables);
    List<SampleTable> used =
        tables.stream().filter(table -> mixture.amountOf(table.name()).isPresent()).toList();
    double[] targets = targets(mixture, used);
    IntStream.Builder sources = IntStream.builder();
    IntStream.Builder samples = IntStream.builder();
    for (int u = 0; u < used.size(); u++) {
      int source = tables.indexOf(used.get(u));
      for (int sample : take(stage, used.get(u), targets[u], mixture, rankings)) {
        sources.add(source);
        samples.add(sample);
      }
    }
    Selection selection = new Selection(sources.build().toArray(), samples.build().toArray());
    if (selection.size() == 0) {
      throw new ConfigException(
          "stage \"%s\" has no samples: %s of %s"
              .formatted(
                  stage,
                  mixture.portions().stream()
                      .map(portion -> portion.source() + " " + portion.amount().text())
                      .toList(),
                  used.stream().map(table -> table.name() + " " + table.size()).toList()));
    }
    return selection;
  }

  int size() {
    return samples.length;
  }

  SampleRef at(int place) {
    return new SampleRef(sources[place], samples[place]);
  }

  /** What the mixture asks of each source in its measure, in the order of the tables. */
  static double[] targets(Mixture mixture, List<SampleTable> used) {
    double weights = 0;
    boolean scarce = mixture.draw() == Mixture.Draw.WITHOUT_REPLACEMENT;
    double natural = scarce ? Double.POSITIVE_INFINITY : 0;
    for (SampleTable table : used) {
      if (mixture.amountOf(table.name()).orElseThrow() instanceof Amount.Weight weight) {
        weights += weight.value();
      }
    }
    for (SampleTable table : used) {
      if (mixture.amountOf(table.name()).orElseThrow() instanceof Amount.Weight weight) {
        double whole = table.total(mixture.measure()) * weights / weight.value();
        natural = scarce ? Math.min(natural, whole) : Math.max(natural, whole);
      }
    }
    double total = mixture.total() > 0 ? mixture.total() : natural;
    double[] targets = new double[used.size()];
    for (int u = 0; u < targets.length; u++) {
      Amount amount = mixture.amountOf(used.get(u).name()).orElseThrow();
      if (amount instanceof Amount.Fraction fraction) {
        targets[u] = fraction.value() * used.get(u).total(mixture.measure());
      } else if (amount instanceof Amount.Count count) {
        targets[u] = count.value();
      } else if (amount instanceof Amount.Weight weight) {
        targets[u] = total * weight.value() / weights;
      }
    }
    return targets;
  }

  /** The most by which whole samples fall short of each target. */
  static double[] shortfalls(Measure measure, List<SampleTable> used, double[] targets) {
    double[] shortfalls = new double[targets.length];
    for (int u = 0; u < targets.length; u++) {
      SampleTable table = used.get(u);
      if (measure == Measure.SAMPLES) {
        shortfalls[u] = Math.max(0, targets[u] - SubsetRanking.floor(targets[u]));
      } else if (SubsetRanking.floor(targets[u]) % Math.max(1, table.total(measure)) != 0) {
        int longest =
            IntStream.range(0, table.size()).map(s -> table.length(s, measure)).max().orElse(0);
        shortfalls[u] = Math.min(targets[u], longest);
      }
    }
    return shortfalls;
  }

  private static void check(String stage, Mixture mixture, List<SampleTable> tables) {
    List<String> names = tables.stream().map(SampleTable::name).toList();
    Faults faults = new Faults("stage \"" + stage + "\"");
    for (Portion portion : mixture.portions()) {
      int source = names.indexOf(portion.source());
      faults.require(
          source >= 0,
          "source \"%s\" is none of the sources %s".formatted(portion.source(), names));
      faults.require(
          source < 0 || mixture.measure() == Measure.SAMPLES || tables.get(source).hasTokens(),
          "source \"%s\": its %s are not known without its data"
              .formatted(portion.source(), mixture.measure().text()));
    }
    faults.throwIfAny();
  }

  /** A prefix of the ranking that reaches the target without passing it, in the source's order. */
  private static int[] take(
      String stage, SampleTable table, double target, Mixture mixture, Rankings rankings) {
    long whole = table.total(mixture.measure());
    long asked = SubsetRanking.floor(target);
    if (asked > whole && mixture.draw() == Mixture.Draw.WITHOUT_REPLACEMENT) {
      throw new ConfigException(
          "stage \"%s\": source \"%s\" has %s %s, %s are asked for; ask for less or allow replacement"
              .formatted(stage, table.name(), whole, mixture.measure().text(), asked));
    }
    if (asked > 0 && whole == 0) {
      throw new ConfigException(
          "stage \"%s\": source \"%s\" is empty, %s %s are asked for"
              .formatted(stage, table.name(), asked, mixture.measure().text()));
    }
    List<Integer> taken = new ArrayList<>();
    for (long pass = 0; whole > 0 && pass < asked / whole; pass++) {
      IntStream.range(0, table.size()).forEach(taken::add);
    }
    long rest = whole == 0 ? 0 : asked % whole;
    if (rest > 0) {
      Arrays.stream(prefix(table, rest, mixture.measure(), rankings.of(table))).forEach(taken::add);
    }
    return taken.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] prefix(SampleTable table, long target, Measure measure, int[] ranking) {
    int count = 0;
    long sum = 0;
    while (count < ranking.length && sum + table.length(ranking[count], measure) <= target) {
      sum += table.length(ranking[count++], measure);
    }
    int[] prefix = Arrays.copyOf(ranking, count);
    Arrays.sort(prefix);
    return prefix;
  }
}
