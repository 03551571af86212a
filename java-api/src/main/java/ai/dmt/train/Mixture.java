package ai.dmt.train;

import ai.dmt.internal.text.Faults;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Shares of sources that are trained on together, shuffled. The paper mixes by concatenation (arXiv
 * 2310.05492, section 3.3); weights, tokens and replacement go beyond it.
 *
 * <p>A source's part is always a prefix of its fixed ranking, see {@link SubsetRanking}: less of a
 * source is contained in more of it, and each epoch of a stage has the same samples.
 *
 * <p>Weights without a total: without replacement as much as there is before the first source runs
 * out; with replacement so much that each source is used up at least once.
 *
 * @param portions one for each source; either all weights or none
 * @param measure what fractions, counts and weights are taken in
 * @param total of all weighted portions in the measure; 0 for what is said above
 * @param draw whether a source may be gone through more than once
 */
public record Mixture(List<Portion> portions, Measure measure, long total, Draw draw) {

  /** Whether samples may come more than once in an epoch. */
  public enum Draw {
    /** Each sample at most once; asking for more than there is fails. */
    WITHOUT_REPLACEMENT,
    /**
     * A source that is too small starts again: whole passes, then a prefix of the ranking, so that
     * no sample comes twice more often than another. Samples are not drawn independently.
     */
    WITH_REPLACEMENT
  }

  /**
   * Checks that each source comes once, and that amounts can be honoured.
   *
   * @param portions at least one, of different sources; copied
   * @param measure not null
   * @param total at least 0; 0 unless the portions are weights
   * @param draw with replacement if a fraction is above 1
   * @throws ai.dmt.config.ConfigException with what is wrong, if anything is
   */
  public Mixture {
    portions = portions == null ? List.of() : List.copyOf(portions);
    List<String> names = portions.stream().map(Portion::source).toList();
    long weights = portions.stream().filter(p -> p.amount() instanceof Amount.Weight).count();
    new Faults("mixture")
        .require(!portions.isEmpty(), "a mixture needs at least one source")
        .require(
            new HashSet<>(names).size() == names.size(),
            "sources must have different names, got " + names)
        .require(
            weights == 0 || weights == portions.size(),
            "either all sources have a weight or none, got "
                + portions.stream().map(p -> p.source() + " " + p.amount().text()).toList())
        .present("measure", measure)
        .present("draw", draw)
        .notNegative("total", total)
        .require(
            total == 0 || weights > 0,
            "total=%s is for weights; fractions and counts say it themselves".formatted(total))
        .throwIfAny();
    Faults faults = new Faults("mixture");
    for (Portion portion : portions) {
      if (portion.amount() instanceof Amount.Fraction fraction) {
        faults.require(
            fraction.value() <= 1 || draw == Draw.WITH_REPLACEMENT,
            "source \"%s\": fraction %s is above 1, which needs replacement"
                .formatted(portion.source(), fraction.value()));
      }
    }
    faults.throwIfAny();
  }

  /**
   * {@return shares of sources in samples, each sample at most once}
   *
   * @param portions at least one, of different sources
   * @throws ai.dmt.config.ConfigException with what is wrong, if anything is
   */
  public static Mixture of(List<Portion> portions) {
    return new Mixture(portions, Measure.SAMPLES, 0, Draw.WITHOUT_REPLACEMENT);
  }

  /**
   * {@return this one and more sources, without those portions that are the fraction 0}
   *
   * @param more portions of sources that this one does not have; may be empty
   * @throws ai.dmt.config.ConfigException with what is wrong, if anything is
   */
  public Mixture plus(List<Portion> more) {
    Stream<Portion> some =
        more.stream().filter(portion -> !portion.amount().equals(new Amount.Fraction(0)));
    return new Mixture(Stream.concat(portions.stream(), some).toList(), measure, total, draw);
  }

  /**
   * {@return the amount of a source; empty if it is none of the mixture's}
   *
   * @param source its name
   */
  public Optional<Amount> amountOf(String source) {
    return portions.stream()
        .filter(portion -> portion.source().equals(source))
        .map(Portion::amount)
        .findFirst();
  }

  /** Names of the sources that something is taken of. */
  List<String> sources() {
    return portions.stream()
        .filter(portion -> !portion.amount().equals(new Amount.Fraction(0)))
        .map(Portion::source)
        .toList();
  }

  /** {@return a text that is the same for the same mixture, whatever the order of its sources} */
  public String canonical() {
    List<Portion> sorted = new ArrayList<>(portions);
    sorted.sort(Comparator.comparing(Portion::source));
    return sorted.stream()
        .map(portion -> portion.source() + "=" + portion.amount().text())
        .collect(Collectors.joining(",", measure.text() + "[", "]" + total + draw));
  }
}
