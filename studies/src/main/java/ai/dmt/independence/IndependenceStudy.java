package ai.dmt.independence;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.statistics.PairedBootstrap;
import ai.dmt.evaluators.statistics.PooledMean;
import ai.dmt.independence.AbilityMeter.AbilityScore;
import ai.dmt.independence.Independence.Change;
import ai.dmt.independence.Independence.Kind;
import ai.dmt.independence.Independence.LossChange;
import ai.dmt.independence.Independence.ScoreChange;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.Faults;
import ai.dmt.internal.text.Units;
import ai.dmt.model.TaskArithmetic;
import ai.dmt.model.TaskArithmetic.Term;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Changes one ability of a jointly trained model after the other, and measures all of them. */
public final class IndependenceStudy {
  private static final long BOOTSTRAP_SEED = 42;

  private final Models models;
  private final Settings settings;
  private final AbilityMeter meter;
  private final Consumer<String> log;

  /**
   * What there is to begin with.
   *
   * @param base folder of the base model
   * @param joint folder of the model that was trained on all abilities
   * @param tuned by ability: folder of the base model trained on it alone
   */
  public record Models(Path base, Path joint, Map<String, Path> tuned) {
    /**
     * Demands two abilities; keeps the order.
     *
     * @param base folder of the base model
     * @param joint folder of the model that was trained on all abilities
     * @param tuned by ability: folder of the base model trained on it alone
     */
    public Models {
      tuned = new LinkedHashMap<>(tuned);
      if (tuned.size() < 2) {
        throw new ConfigException(
            "abilities are changed beside one another: give two or more, got " + tuned.keySet());
      }
    }
  }

  /**
   * What is done.
   *
   * @param factors that task vectors are added with; below 0 to take an ability away
   * @param factor of these that verdicts are about
   * @param controls vectors of signs at random for each ability; 0 for none
   */
  public record Settings(List<Double> factors, double factor, int controls) {
    /**
     * Checks ranges.
     *
     * @param factors that task vectors are added with
     * @param factor of these that verdicts are about
     * @param controls vectors of signs at random for each ability; 0 for none
     */
    public Settings {
      factors = List.copyOf(factors);
      new Faults("independence")
          .require(factors.contains(factor), "factor %s is none of %s".formatted(factor, factors))
          .require(
              factors.stream().allMatch(each -> Double.isFinite(each) && each != 0),
              "factors must be finite and not 0, got " + factors)
          .notNegative("controls", controls)
          .throwIfAny();
    }
  }

  /** Trains the joint model on, on one ability alone. */
  public interface Retraining {
    /**
     * Trains.
     *
     * @param ability whose data are used
     * @param work an empty folder, for whatever there is to write
     * @return folder of the trained model
     * @throws IOException if it cannot be read or written
     */
    Path train(String ability, Path work) throws IOException;
  }

  /**
   * Makes a study.
   *
   * @param models to begin with
   * @param settings what is done
   * @param meter measures all abilities of the models, in their names
   * @param log takes a line about each change
   */
  public IndependenceStudy(
      Models models, Settings settings, AbilityMeter meter, Consumer<String> log) {
    this.models = models;
    this.settings = settings;
    this.meter = meter;
    this.log = log;
  }

  /**
   * Makes all changes.
   *
   * @param work folder for one changed model at a time; emptied in the end
   * @param retraining trains on, or null to leave that out
   * @return how all abilities moved
   * @throws IOException if a model cannot be read or written
   */
  public Independence run(Path work, @Nullable Retraining retraining) throws IOException {
    Measured joint = measure(models.joint(), true);
    Set<String> missing = new LinkedHashSet<>(models.tuned().keySet());
    missing.removeAll(joint.losses().keySet());
    if (!missing.isEmpty()) {
      throw new ConfigException(
          "held-out samples of %s are missing; there are those of %s"
              .formatted(missing, joint.losses().keySet()));
    }
    List<Change> changes = new ArrayList<>();
    for (String ability : models.tuned().keySet()) {
      for (double factor : settings.factors()) {
        changes.add(add(joint, Kind.VECTOR, ability, factor, 0, work));
      }
      for (int control = 1; control <= settings.controls(); control++) {
        changes.add(add(joint, Kind.SCRAMBLED, ability, settings.factor(), control, work));
      }
      if (retraining != null) {
        Disk.delete(work);
        Path trained = retraining.train(ability, work);
        changes.add(change(joint, Kind.RETRAINED, ability, 0, measure(trained, true)));
      }
    }
    Disk.delete(work);
    Map<String, Double> losses = new LinkedHashMap<>();
    models.tuned().keySet().forEach(each -> losses.put(each, loss(joint, each).value()));
    return new Independence(
        List.copyOf(models.tuned().keySet()), losses, settings.factor(), changes);
  }

  private record Measured(Map<String, PooledMean> losses, List<AbilityScore> scores) {}

  private Measured measure(Path model, boolean scored) throws IOException {
    return new Measured(meter.losses(model), scored ? meter.scores(model) : List.of());
  }

  private static PooledMean loss(Measured measured, String ability) {
    return Objects.requireNonNull(measured.losses().get(ability), ability);
  }

  private Change add(
      Measured joint, Kind kind, String ability, double factor, long scrambled, Path work)
      throws IOException {
    Path tuned = Objects.requireNonNull(models.tuned().get(ability), ability);
    Disk.delete(work);
    TaskArithmetic.write(
        models.joint(), List.of(new Term(models.base(), tuned, factor, scrambled)), work);
    boolean scored = kind == Kind.VECTOR && factor == settings.factor();
    return change(joint, kind, ability, factor, measure(work, scored));
  }

  private Change change(
      Measured joint, Kind kind, String ability, double factor, Measured changed) {
    Map<String, LossChange> losses = new LinkedHashMap<>();
    StringBuilder line = new StringBuilder();
    line.append(
        kind == Kind.RETRAINED
            ? ability + " trained on:"
            : Units.format(
                "%s %+.2f%s:", ability, factor, kind == Kind.VECTOR ? "" : " scrambled"));
    for (String each : models.tuned().keySet()) {
      LossChange moved = LossChange.of(loss(joint, each), loss(changed, each));
      losses.put(each, moved);
      line.append(Units.format(" %s %+.1f %%", each, 100 * Math.expm1(moved.log())));
    }
    log.accept(line.toString());
    return new Change(kind, ability, factor, losses, scores(joint, changed));
  }

  private static List<ScoreChange> scores(Measured joint, Measured changed) {
    List<ScoreChange> scores = new ArrayList<>();
    for (AbilityScore after : changed.scores()) {
      for (AbilityScore before : joint.scores()) {
        if (before.name().equals(after.name())) {
          scores.add(moved(before, after));
        }
      }
    }
    return scores;
  }

  private static ScoreChange moved(AbilityScore before, AbilityScore after) {
    Set<String> common = new LinkedHashSet<>(before.values().ids());
    common.retainAll(after.values().ids());
    PooledMean one = before.values().only(common).mean();
    PooledMean other = after.values().only(common).mean();
    PairedBootstrap difference = PairedBootstrap.of(one, other, BOOTSTRAP_SEED);
    return new ScoreChange(
        before.name(),
        before.ability(),
        one.value(),
        other.value(),
        difference.interval().low(),
        difference.interval().high());
  }
}
