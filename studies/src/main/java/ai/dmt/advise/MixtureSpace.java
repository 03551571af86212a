package ai.dmt.advise;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.Faults;
import ai.dmt.train.Corpus;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hipparchus.util.FastMath;

/**
 * The mixtures that advice chooses from: all that spend the same number of tokens, cut into equal
 * parts that the sources share in every way, and the mixture of all rows as they are. Where
 * specialized and general sources are both there, each is trained in one stage, and in two with
 * each share k of the specialized ones replayed beside the general ones, as in DMT (arXiv
 * 2310.05492, section 3.5).
 *
 * @param sources that are trained on, with their roles, in order
 * @param sizes tokens that each source has
 * @param longest tokens of the longest sample of each source
 * @param tokens that each mixture spends
 * @param parts that the tokens are cut into
 * @param replays shares k, with 0 for none
 */
public record MixtureSpace(
    Map<String, Corpus.Role> sources,
    Map<String, Double> sizes,
    Map<String, Double> longest,
    double tokens,
    int parts,
    List<Double> replays) {
  /** Candidates beyond this number say little more, and are many runs to choose from. */
  private static final int MOST = 60;

  /** Of which all tokens are so many; less than one of them is nearly nothing. */
  private static final double UNITS = 200;

  /** The paper's best (section 4.2). */
  private static final double PAPERS_REPLAY = 1 / 256.0;

  /** DMT's shares that are tried unless others are asked for. */
  static final List<Double> REPLAYS = List.of(0.0, 1 / 16.0, 1 / 4.0);

  /**
   * Checks ranges; keeps the order of sources.
   *
   * @param sources that are trained on, with their roles, in order
   * @param sizes tokens that each source has
   * @param longest tokens of the longest sample of each source
   * @param tokens that each mixture spends
   * @param parts that the tokens are cut into
   * @param replays shares k, with 0 for none
   */
  public MixtureSpace {
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
    sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
    longest = Collections.unmodifiableMap(new LinkedHashMap<>(longest));
    replays = List.copyOf(replays);
    Faults faults =
        new Faults("advise")
            .require(
                sources.size() > 1, "advice needs two sources or more, got " + sources.keySet())
            .require(
                sources.keySet().equals(sizes.keySet()),
                "the sources %s have sizes, expected those of %s"
                    .formatted(sizes.keySet(), sources.keySet()))
            .positive("tokens", tokens)
            .positive("parts", parts);
    replays.forEach(
        k -> faults.require(k >= 0 && k <= 1, "shares of replay must be in [0, 1], got " + k));
    faults.throwIfAny();
  }

  /**
   * {@return the space with as fine a division as gives a number of candidates that can be
   * compared}
   *
   * @param sources that are trained on, with their roles, in order
   * @param sizes tokens that each source has
   * @param longest tokens of the longest sample of each source
   * @param tokens that each mixture spends
   */
  public static MixtureSpace of(
      Map<String, Corpus.Role> sources,
      Map<String, Double> sizes,
      Map<String, Double> longest,
      double tokens) {
    MixtureSpace space = new MixtureSpace(sources, sizes, longest, tokens, 2, REPLAYS);
    for (int parts = 3; parts <= 8; parts++) {
      MixtureSpace finer = new MixtureSpace(sources, sizes, longest, tokens, parts, REPLAYS);
      if (finer.candidates().size() > MOST) {
        break;
      }
      space = finer;
    }
    return space;
  }

  /** {@return all mixtures, in a fixed order} */
  public List<MixturePlan> candidates() {
    Set<MixturePlan> plans = new LinkedHashSet<>(); // the natural mixture may be one of equal parts
    addOrders(natural(), plans);
    if (hasTwoStages(natural())) {
      plans.add(paper());
    }
    addParts(new int[sources.size()], 0, parts, plans);
    return plans.stream().filter(this::fits).toList();
  }

  /** Whether each stage of a mixture has tokens for a sample, whichever sample comes first. */
  boolean fits(MixturePlan plan) {
    return (plan.first().isEmpty() || fits(plan.first())) && fits(plan.last());
  }

  private boolean fits(Map<String, Double> stage) {
    return stage.entrySet().stream()
        .anyMatch(source -> source.getValue() >= Present.in(longest, source.getKey()));
  }

  /** Shares of all tokens that the sources have as they are. */
  Map<String, Double> natural() {
    double all = sizes.values().stream().mapToDouble(Double::doubleValue).sum();
    Map<String, Double> shares = new LinkedHashMap<>();
    sources.keySet().forEach(name -> shares.put(name, Present.in(sizes, name) / all));
    return shares;
  }

  /** How often a mixture goes through a source. */
  double epochs(MixturePlan plan, String source) {
    return plan.tokens(source) / Present.in(sizes, source);
  }

  /** {@return all rows as they are, in one stage} */
  public MixturePlan proportional() {
    return plan(natural());
  }

  /**
   * {@return all rows as they are by DMT with the paper's k}
   *
   * @throws ConfigException if the sources are all of one role
   */
  public MixturePlan paper() {
    if (!hasTwoStages(natural())) {
      throw new ConfigException("DMT needs specialized and general sources, got " + sources);
    }
    return plan(natural(), PAPERS_REPLAY);
  }

  /** {@return what others would do: all rows as they are, and DMT with the paper's k} */
  List<MixturePlan> baselines() {
    List<MixturePlan> all =
        hasTwoStages(natural()) ? List.of(proportional(), paper()) : List.of(proportional());
    return all.stream().filter(this::fits).toList();
  }

  /**
   * {@return the place of a mixture among others, on the scale on which losses change evenly: the
   * logarithm of each source's tokens in each stage}
   */
  double[] place(MixturePlan plan) {
    double[] place = new double[2 * sources.size()];
    int next = 0;
    for (String source : sources.keySet()) {
      place[next++] = FastMath.log1p(plan.first(source) * UNITS / tokens);
      place[next++] = FastMath.log1p(plan.last(source) * UNITS / tokens);
    }
    return place;
  }

  private void addParts(int[] taken, int source, int left, Set<MixturePlan> plans) {
    if (source < taken.length - 1) {
      for (int part = left; part >= 0; part--) {
        taken[source] = part;
        addParts(taken, source + 1, left - part, plans);
      }
      return;
    }
    taken[source] = left;
    Map<String, Double> shares = new LinkedHashMap<>();
    int next = 0;
    for (String name : sources.keySet()) {
      shares.put(name, (double) taken[next++] / parts);
    }
    addOrders(shares, plans);
  }

  private void addOrders(Map<String, Double> shares, Set<MixturePlan> plans) {
    plans.add(plan(shares));
    if (hasTwoStages(shares)) {
      replays.forEach(k -> plans.add(plan(shares, k)));
    }
  }

  private boolean hasTwoStages(Map<String, Double> shares) {
    return sources.entrySet().stream()
            .filter(source -> Present.in(shares, source.getKey()) > 0)
            .map(Map.Entry::getValue)
            .distinct()
            .count()
        > 1;
  }

  /**
   * {@return a mixture in one stage}
   *
   * @param shares of all tokens, by source
   */
  public MixturePlan plan(Map<String, Double> shares) {
    Map<String, Double> all = new LinkedHashMap<>();
    sources.keySet().forEach(name -> all.put(name, shares.getOrDefault(name, 0.0) * tokens));
    return new MixturePlan(Map.of(), all);
  }

  /**
   * {@return a mixture in two stages, the specialized sources before the general ones}
   *
   * @param shares of all tokens, by source, in both stages together
   * @param replay share k of the first stage's tokens that the last one goes through again
   */
  public MixturePlan plan(Map<String, Double> shares, double replay) {
    Map<String, Double> first = new LinkedHashMap<>();
    Map<String, Double> last = new LinkedHashMap<>();
    sources.forEach(
        (name, role) -> {
          double all = shares.getOrDefault(name, 0.0) * tokens;
          boolean specialized = role == Corpus.Role.SPECIALIZED;
          first.put(name, specialized ? all / (1 + replay) : 0);
          last.put(name, specialized ? all * replay / (1 + replay) : all);
        });
    return new MixturePlan(first, last);
  }
}
