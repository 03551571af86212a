package ai.dmt.independence;

import ai.dmt.evaluators.statistics.Link;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.evaluators.statistics.ScaledMean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * How all abilities of a jointly trained model moved when one of them was changed.
 *
 * @param abilities names
 * @param losses of the joint model by ability, in nats
 * @param factor of the task vectors that verdicts are about
 * @param changes all that were made
 */
public record Independence(
    List<String> abilities, Map<String, Double> losses, double factor, List<Change> changes) {
  /** A loss that moves by less than a tenth stays, as in a study's claims of equality. */
  static final double MARGIN = Math.log(1.1);

  private static final double ERROR_RATE = 0.05;

  /** How an ability was changed. */
  public enum Kind {
    /** A multiple of what training on its source alone changes in the base model was added. */
    VECTOR,
    /** The same with signs at random: as large, and of no ability. */
    SCRAMBLED,
    /** The joint model was trained on, on its source alone. */
    RETRAINED
  }

  /**
   * A change of the joint model.
   *
   * @param kind how
   * @param ability that was changed
   * @param factor of the task vector; 0 for training
   * @param losses how each ability moved
   * @param scores how each score moved; none where they were not asked for
   */
  public record Change(
      Kind kind,
      String ability,
      double factor,
      Map<String, LossChange> losses,
      List<ScoreChange> scores) {}

  /**
   * A difference of the logarithms of two losses, paired by sample.
   *
   * @param log above 0 where the ability got worse
   * @param error standard error, by the choice of samples
   */
  public record LossChange(double log, double error) {
    /**
     * {@return the change between two models' losses of the same samples}
     *
     * @param before loss of the first model
     * @param after loss of the other, sample by sample in the same order
     */
    public static LossChange of(PooledMean before, PooledMean after) {
      ScaledMean one = ScaledMean.of(Link.LOG, before);
      ScaledMean other = ScaledMean.of(Link.LOG, after);
      double squares = 0;
      for (int s = 0; s < one.influences().length; s++) {
        double moved = other.influences()[s] - one.influences()[s];
        squares += moved * moved;
      }
      return new LossChange(other.value() - one.value(), Math.sqrt(squares));
    }
  }

  /**
   * A difference of scores, paired by problem.
   *
   * @param name of the score
   * @param ability that it measures
   * @param before of the joint model
   * @param after of the changed model
   * @param low end of the 95 % interval of the difference
   * @param high end of the 95 % interval of the difference
   */
  public record ScoreChange(
      String name, String ability, double before, double after, double low, double high) {}

  /** What is said of a change. */
  public enum Outcome {
    /** It moved, and all others stay within the margin. */
    ALONE("by itself"),
    /** It moved, and so did others. */
    NOT_ALONE("not by itself"),
    /** It stays within the margin: there is nothing to say of the others. */
    NOTHING("it does not move"),
    /** The samples are too few to say. */
    OPEN("undecided");

    private final String text;

    Outcome(String text) {
      this.text = text;
    }

    /** {@return for people} */
    public String text() {
      return text;
    }
  }

  /**
   * What is said of a change.
   *
   * @param outcome whether the ability moved, and by itself
   * @param others that moved, too
   * @param specificity how far it moved more than the others on average, in logarithms of losses
   * @param p how often as large a vector with signs at random is as specific; NaN where there is
   *     none
   */
  public record Verdict(Outcome outcome, List<String> others, double specificity, double p) {}

  /** {@return the changes that verdicts are about} */
  public List<Change> judged() {
    return changes.stream()
        .filter(
            change ->
                change.kind() == Kind.RETRAINED
                    || change.kind() == Kind.VECTOR && change.factor() == factor)
        .toList();
  }

  /**
   * Half of an interval of a change in standard errors: all abilities by all abilities are looked
   * at together (Bonferroni).
   */
  double quantile() {
    int cells = abilities.size() * abilities.size();
    return NormalDistribution.of(0, 1).inverseSurvivalProbability(ERROR_RATE / 2 / cells);
  }

  /**
   * Judges a change.
   *
   * @param change one of {@link #judged}
   * @return whether the ability was changed by itself
   */
  public Verdict verdict(Change change) {
    double specificity = specificity(change);
    List<String> moved = new ArrayList<>();
    boolean othersStay = true;
    for (String ability : abilities) {
      if (!ability.equals(change.ability())) {
        othersStay &= stays(loss(change, ability));
        if (moves(loss(change, ability))) {
          moved.add(ability);
        }
      }
    }
    LossChange own = loss(change, change.ability());
    Outcome outcome = Outcome.OPEN;
    if (stays(own)) {
      outcome = Outcome.NOTHING;
    } else if (moves(own) && !moved.isEmpty()) {
      outcome = Outcome.NOT_ALONE;
    } else if (moves(own) && othersStay) {
      outcome = Outcome.ALONE;
    }
    return new Verdict(outcome, List.copyOf(moved), specificity, p(change, specificity));
  }

  private double p(Change change, double specificity) {
    List<Change> controls =
        changes.stream()
            .filter(each -> each.kind() == Kind.SCRAMBLED)
            .filter(each -> each.ability().equals(change.ability()))
            .toList();
    if (change.kind() != Kind.VECTOR || controls.isEmpty()) {
      return Double.NaN;
    }
    long asSpecific = controls.stream().filter(each -> specificity(each) >= specificity).count();
    return (1.0 + asSpecific) / (1.0 + controls.size());
  }

  private double specificity(Change change) {
    double others = 0;
    for (String ability : abilities) {
      others += ability.equals(change.ability()) ? 0 : Math.abs(loss(change, ability).log());
    }
    return Math.abs(loss(change, change.ability()).log()) - others / (abilities.size() - 1);
  }

  private boolean moves(LossChange change) {
    return Math.abs(change.log()) - quantile() * change.error() > MARGIN;
  }

  private boolean stays(LossChange change) {
    return Math.abs(change.log()) + quantile() * change.error() < MARGIN;
  }

  static LossChange loss(Change change, String ability) {
    LossChange loss = change.losses().get(ability);
    if (loss == null) {
      throw new IllegalArgumentException(
          "ability %s was not measured, only %s".formatted(ability, change.losses().keySet()));
    }
    return loss;
  }
}
