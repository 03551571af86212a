package ai.dmt.train;

import ai.dmt.config.ConfigException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides about the mixtures of a run from its held-out losses. One serves all stages; every rank
 * has one, and as all are given the same numbers, all decide the same.
 *
 * <p>[Note: mixture control] Decisions are made after evaluations whose step is a multiple of
 * eval_steps, and nowhere else, from {@link ControlState} alone, which checkpoints hold.
 *
 * <ul>
 *   <li>{@link MixtureControl.Stop#PER_SOURCE}: a source whose last {@code patience} evaluations in
 *       the stage were all above its best leaves the stage, and the run goes back to the checkpoint
 *       of that best (mSFT, arXiv 2603.21606). Of several the one whose best is earliest leaves;
 *       the others are judged again on the way on. What an earlier stage has had stays: its loss
 *       rises for being forgotten, which less of it would make worse. Each source leaves a stage at
 *       most once, so a stage goes back at most as often as it has sources.
 *   <li>{@link MixtureControl.Replay#ADAPTIVE}: the share of a replayed source is doubled if its
 *       held-out loss lies more than the tolerance above that at the end of the stage before, else
 *       halved, within the bounds.
 * </ul>
 *
 * <p>Which samples are replayed is chosen apart from all that, when a stage begins, see [Note:
 * replay selection] in {@link ReplayChoice}; the state holds what was chosen.
 *
 * <p>Going back is a resume within the process. A checkpoint that was written before the decision
 * does not know it: a run that is killed and goes on from there makes the same steps again,
 * measures the same and decides the same. So nothing but checkpoints has to survive.
 */
public final class MixtureController {
  private final MixtureControl control;
  private final Schedule schedule;
  private ControlState state = ControlState.NONE;
  private Map<String, Double> latest = Map.of(); // losses of the weights as they are

  /**
   * Makes a controller of a run that begins.
   *
   * @param control what may be changed
   * @param schedule of the run
   * @throws ConfigException if shares are to be adapted or samples chosen, and no stage replays a
   *     source, or one takes of it what is no fraction of its samples, or none within the bounds
   */
  public MixtureController(MixtureControl control, Schedule schedule) {
    this.control = control;
    this.schedule = schedule;
    if (control.replay() == MixtureControl.Replay.ADAPTIVE) {
      check("control.replay=adaptive");
    } else if (control.selects()) {
      check("control.replay_selection=" + word(control.selection()));
    }
  }

  private static String word(ReplaySelection selection) {
    return selection.name().toLowerCase(Locale.ROOT);
  }

  /** {@return whether it decides anything} */
  public boolean isOn() {
    return control.isOn();
  }

  /** {@return whether steps may have other samples than those that were planned} */
  boolean changesBatches() {
    return control.isOn() || control.selects();
  }

  /** {@return what decides which samples are replayed} */
  public ReplaySelection selection() {
    return control.selection();
  }

  /** {@return what has been decided, and what is decided from} */
  public ControlState state() {
    return state;
  }

  /**
   * Goes on from another state, such as a checkpoint's.
   *
   * @param other state of a run with the same control and schedule
   */
  public void restore(ControlState other) {
    state = other;
  }

  /**
   * {@return steps of the run that it may have to go back to; their checkpoints are kept} Steps of
   * which there is none may be among them.
   */
  public Set<Long> needed() {
    if (control.stop() != MixtureControl.Stop.PER_SOURCE || state.stage().isEmpty()) {
      return Set.of();
    }
    return staying().stream()
        .filter(source -> !series(source).isEmpty())
        .map(source -> best(series(source)).step())
        .collect(Collectors.toSet());
  }

  /**
   * Takes note of held-out losses.
   *
   * @param place after how many steps, of the run and of the stage
   * @param losses by source, the same on all ranks
   * @param counts whether it is an evaluation that is decided after
   */
  void measured(Progress place, Map<String, Double> losses, boolean counts) {
    latest = losses;
    if (!counts) {
      return;
    }
    String stage = place.stage().name();
    List<ControlState.Measured> all =
        new ArrayList<>(state.stage().equals(stage) ? state.measured() : List.of());
    all.add(new ControlState.Measured(place.stage().step(), place.step(), losses));
    state = new ControlState(state.decisions(), state.before(), stage, all, state.replayed());
  }

  /**
   * The sources that a stage replays samples of which are yet to be chosen, in the mixture's order;
   * none where they are random.
   *
   * @param stage 0 for the first
   */
  List<String> toSelect(int stage) {
    String name = schedule.stages().get(stage).name();
    boolean chosen = state.replayed().stream().anyMatch(each -> each.stage().equals(name));
    return chosen || !control.selects() ? List.of() : adapted(stage);
  }

  /** Samples were chosen for a stage that begins. */
  void selected(List<ReplayedSamples> chosen) {
    List<ReplayedSamples> all = new ArrayList<>(state.replayed());
    all.addAll(chosen);
    state =
        new ControlState(state.decisions(), state.before(), state.stage(), state.measured(), all);
  }

  /** The stage has ended, with the losses that were measured last. */
  void stageEnded() {
    state = new ControlState(state.decisions(), latest, "", List.of(), state.replayed());
  }

  /**
   * Decides after a measurement.
   *
   * @param place after how many steps it was made
   * @return what is decided now; empty if nothing changes. Where it holds from an earlier step, the
   *     run must go back to that step
   */
  List<MixtureDecision> decide(Progress place) {
    if (!place.stage().name().equals(state.stage())) {
      return List.of();
    }
    List<MixtureDecision> made =
        control.stop() == MixtureControl.Stop.PER_SOURCE
            ? leaving(place)
            : control.replay() == MixtureControl.Replay.ADAPTIVE ? shares(place) : List.of();
    if (!made.isEmpty()) {
      List<MixtureDecision> all = new ArrayList<>(state.decisions());
      all.addAll(made);
      long step = made.get(0).step();
      List<ControlState.Measured> left =
          state.measured().stream().filter(each -> each.step() <= step).toList();
      latest = left.get(left.size() - 1).losses();
      state = new ControlState(all, state.before(), state.stage(), left, state.replayed());
    }
    return made;
  }

  private List<MixtureDecision> leaving(Progress place) {
    Map<String, ControlState.Measured> due = new LinkedHashMap<>();
    for (String source : staying()) {
      List<ControlState.Measured> series = series(source);
      if (series.size() > control.patience()) {
        ControlState.Measured best = best(series);
        if (series.size() - 1 - series.indexOf(best) >= control.patience()) {
          due.put(source, best);
        }
      }
    }
    long earliest = due.values().stream().mapToLong(ControlState.Measured::step).min().orElse(0);
    List<MixtureDecision> made = new ArrayList<>();
    due.forEach(
        (source, best) -> {
          if (best.step() == earliest) {
            made.add(
                new MixtureDecision(
                    state.stage(), source, 0, best.stageStep(), best.step(), place.step()));
          }
        });
    return made;
  }

  private List<MixtureDecision> shares(Progress place) {
    List<MixtureDecision> made = new ArrayList<>();
    ControlState.Measured now = state.measured().get(state.measured().size() - 1);
    if (place.stage().step() == place.stage().steps()) {
      return made; // there is no step left that it would hold for
    }
    int stage = stageNumber();
    Mixture mixture = schedule.stages().get(stage).mixture();
    for (String source : adapted(stage)) {
      Double before = state.before().get(source);
      Double loss = now.losses().get(source);
      if (before != null && loss != null) {
        double share = shareOf(source, mixture);
        double next =
            loss > before + control.tolerance()
                ? Math.min(control.maxK(), 2 * share)
                : Math.max(control.minK(), share / 2);
        if (next != share) {
          made.add(
              new MixtureDecision(
                  state.stage(), source, next, now.stageStep(), now.step(), place.step()));
        }
      }
    }
    return made;
  }

  /** The share that a source has now. */
  private double shareOf(String source, Mixture mixture) {
    double share = ((Amount.Fraction) mixture.amountOf(source).orElseThrow()).value();
    for (MixtureDecision decision : state.decisions()) {
      if (decision.stage().equals(state.stage()) && decision.source().equals(source)) {
        share = decision.share();
      }
    }
    return share;
  }

  /** The stage's own sources that have not left it, in the mixture's order. */
  private List<String> staying() {
    int stage = stageNumber();
    Set<String> others = new HashSet<>(schedule.replayed(stage));
    state.decisions().stream()
        .filter(decision -> decision.stage().equals(state.stage()))
        .forEach(decision -> others.add(decision.source()));
    return schedule.stages().get(stage).mixture().sources().stream()
        .filter(source -> !others.contains(source))
        .toList();
  }

  private int stageNumber() {
    return schedule.stages().stream().map(Stage::name).toList().indexOf(state.stage());
  }

  /** The measurements that have a loss of a source. */
  private List<ControlState.Measured> series(String source) {
    return state.measured().stream()
        .filter(each -> each.losses().containsKey(source))
        .map(
            each ->
                new ControlState.Measured(
                    each.stageStep(),
                    each.step(),
                    Map.of(source, Objects.requireNonNull(each.losses().get(source)))))
        .toList();
  }

  /** The first of the lowest losses of a source's own series. */
  private static ControlState.Measured best(List<ControlState.Measured> series) {
    return series.stream()
        .min(Comparator.comparingDouble(each -> each.losses().values().iterator().next()))
        .orElseThrow();
  }

  /** The replayed sources of a stage that has sources of its own, in the mixture's order. */
  private List<String> adapted(int stage) {
    List<String> sources = schedule.stages().get(stage).mixture().sources();
    Set<String> replayed = schedule.replayed(stage);
    return replayed.size() == sources.size()
        ? List.of()
        : sources.stream().filter(replayed::contains).toList();
  }

  private void check(String key) {
    boolean any = false;
    List<String> faults = new ArrayList<>();
    for (int stage = 0; stage < schedule.stages().size(); stage++) {
      Stage each = schedule.stages().get(stage);
      for (String source : adapted(stage)) {
        any = true;
        Amount amount = each.mixture().amountOf(source).orElseThrow();
        boolean samples =
            each.mixture().measure() == Measure.SAMPLES
                && each.mixture().draw() == Mixture.Draw.WITHOUT_REPLACEMENT;
        if (!samples || !(amount instanceof Amount.Fraction fraction)) {
          faults.add(
              "stage \"%s\" takes %s of source \"%s\" in %s, expected a fraction of its samples,"
                      .formatted(
                          each.name(), amount.text(), source, each.mixture().measure().text())
                  + " without replacement");
        } else if (control.replay() == MixtureControl.Replay.ADAPTIVE
            && (fraction.value() < control.minK() || fraction.value() > control.maxK())) {
          faults.add(
              "stage \"%s\" begins with %s of source \"%s\", expected a share in [replay_min_k,"
                      .formatted(each.name(), fraction.value(), source)
                  + " replay_max_k] = [%s, %s]".formatted(control.minK(), control.maxK()));
        }
      }
    }
    if (!any) {
      faults.add(
          "no stage replays a source of an earlier one beside sources of its own, as stage two of"
              + " strategy dmt does with k above 0");
    }
    if (!faults.isEmpty()) {
      throw new ConfigException(key + ": " + String.join("; ", faults));
    }
  }
}
