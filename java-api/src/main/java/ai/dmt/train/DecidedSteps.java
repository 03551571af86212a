package ai.dmt.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The steps of a stage from the first decision about its mixture on.
 *
 * <p>[Note: decided steps] A stage stays a pure function of (mixture, seed, step) with one more
 * argument, the decisions so far: each says from which step of the stage a source has which share.
 * Steps before the first decision are those that were planned, so a decision never changes a step
 * that has been made. A resume needs the decisions and nothing else.
 *
 * <ul>
 *   <li>A source leaves (share 0): its samples are taken out of what the plan has left, and the
 *       others move up. They come as often and in the order in which they would have, so the stage
 *       gets shorter; an epoch's last step may be smaller, as ever. A step has the learning rate of
 *       the planned step that its first sample is from. The stage ends where none of its own
 *       sources is left; what it replays of earlier stages alone does not keep it going.
 *   <li>A replayed source has another share: as many steps as planned of the sizes that were
 *       planned, in which the places are dealt out anew, each to the source that is furthest behind
 *       its share. Own sources go on where they were in their planned order. A replayed source goes
 *       on along the prefix of its ranking that is its share, again and again.
 * </ul>
 *
 * <p>All steps are listed when a decision is made: 24 bytes for each sample that is left, and some
 * milliseconds for the paper's 216,224 rows.
 */
final class DecidedSteps {
  private final StageBatches plan;
  private final List<SampleTable> tables;
  private final List<MixtureDecision> decisions;
  private final Set<String> replayed;
  private final long first;
  private final List<List<SampleRef>> steps = new ArrayList<>();
  private final List<Long> planned = new ArrayList<>(); // of each step, and of the stage's end

  /**
   * Lists them.
   *
   * @param plan the stage without decisions
   * @param tables of all sources
   * @param decisions of the stage; at least one
   * @param replayed those of the stage's sources that an earlier stage has had
   * @param subsetSeed of the ranking
   */
  DecidedSteps(
      StageBatches plan,
      List<SampleTable> tables,
      List<MixtureDecision> decisions,
      Set<String> replayed,
      long subsetSeed) {
    this.plan = plan;
    this.tables = tables;
    this.decisions =
        decisions.stream().sorted(Comparator.comparingLong(MixtureDecision::stageStep)).toList();
    this.replayed = replayed;
    this.first = Math.min(plan.steps(), this.decisions.get(0).stageStep());
    if (decisions.stream().allMatch(MixtureDecision::drops)) {
      leaveOut();
    } else {
      new Dealing(subsetSeed).deal();
    }
  }

  /** The first step that they may differ from the plan in. */
  long first() {
    return first;
  }

  /** How many steps the stage has. */
  long end() {
    return first + steps.size();
  }

  List<SampleRef> samplesOf(long step) {
    return steps.get((int) (step - first));
  }

  /** The planned step that a step, or the end of the stage, is at. */
  long plannedStep(long step) {
    return planned.get((int) (step - first));
  }

  private String name(SampleRef ref) {
    return tables.get(ref.source()).name();
  }

  private void leaveOut() {
    Set<String> out = leftBefore(first);
    List<SampleRef> step = new ArrayList<>();
    long begun = first;
    for (long at = first; at < plan.steps(); at++) {
      for (SampleRef ref : plan.samplesOf(at)) {
        if (!hasOwn(out)) {
          planned.add(at);
          return;
        }
        if (out.contains(name(ref))) {
          continue;
        }
        begun = step.isEmpty() ? at : begun;
        step.add(ref);
        if (step.size() == plan.globalBatchSize()) {
          step = add(step, begun);
          out = leftBefore(end());
        }
      }
      if ((at + 1) % plan.stepsPerEpoch() == 0 && !step.isEmpty()) {
        step = add(step, begun);
        out = leftBefore(end());
      }
    }
    if (!step.isEmpty()) { // max_steps ends the stage within an epoch
      add(step, begun);
    }
    planned.add(plan.steps());
  }

  private List<SampleRef> add(List<SampleRef> step, long begun) {
    steps.add(step);
    planned.add(begun);
    return new ArrayList<>();
  }

  private Set<String> leftBefore(long step) {
    Set<String> left = new HashSet<>();
    decisions.stream()
        .filter(decision -> decision.stageStep() <= step)
        .forEach(decision -> left.add(decision.source()));
    return left;
  }

  private boolean hasOwn(Set<String> out) {
    return plan.stage().mixture().portions().stream()
        .map(Portion::source)
        .anyMatch(source -> !out.contains(source) && !replayed.contains(source));
  }

  /** Deals the places of planned steps out to own samples and to replayed sources. */
  private final class Dealing {
    private final List<Replayed> sources = new ArrayList<>();
    private final int ownPerEpoch;
    private List<SampleRef> own = List.of(); // of the epoch below
    private long epoch = -1;
    private long ownTaken;
    private double ownCredit;

    /** A replayed source, and how far it is. */
    private static final class Replayed {
      private final int number;
      private final SampleTable table;
      private final int[] ranking;
      private double share;
      private double credit;
      private long taken;

      Replayed(int number, SampleTable table, double share, long subsetSeed) {
        this.number = number;
        this.table = table;
        this.ranking = SubsetRanking.rank(table, subsetSeed);
        this.share = share;
      }

      double places() {
        return share * table.size();
      }

      SampleRef next() {
        long rows = Math.max(1, SubsetRanking.floor(places())); // a share of 0 is no replay
        return new SampleRef(number, ranking[(int) (taken++ % rows)]);
      }
    }

    Dealing(long subsetSeed) {
      Map<Integer, Replayed> byNumber = new HashMap<>();
      for (Portion portion : plan.stage().mixture().portions()) {
        if (replayed.contains(portion.source())
            && portion.amount() instanceof Amount.Fraction fraction) {
          int number = tables.stream().map(SampleTable::name).toList().indexOf(portion.source());
          Replayed each = new Replayed(number, tables.get(number), fraction.value(), subsetSeed);
          sources.add(each);
          byNumber.put(number, each);
        }
      }
      ownPerEpoch =
          (int) plan.epoch().stream().filter(ref -> !byNumber.containsKey(ref.source())).count();
      for (long step = 0; step < first; step++) {
        for (SampleRef ref : plan.samplesOf(step)) {
          Replayed source = byNumber.get(ref.source());
          if (source == null) {
            ownTaken++;
          } else {
            source.taken++;
          }
        }
      }
    }

    void deal() {
      for (long at = first; at < plan.steps(); at++) {
        decide(at);
        List<SampleRef> step = new ArrayList<>();
        for (int place = plan.sizeOf(at); place > 0; place--) {
          step.add(next());
        }
        add(step, at);
      }
      planned.add(plan.steps());
    }

    private void decide(long step) {
      for (MixtureDecision decision : decisions) {
        if (decision.stageStep() <= step) {
          sources.stream()
              .filter(source -> source.table.name().equals(decision.source()))
              .forEach(source -> source.share = decision.share());
        }
      }
    }

    private SampleRef next() {
      double places = ownPerEpoch;
      for (Replayed source : sources) {
        places += source.places();
      }
      ownCredit += ownPerEpoch / places;
      double most = ownCredit;
      Replayed furthest = null;
      for (Replayed source : sources) {
        source.credit += source.places() / places;
        if (source.credit > most) {
          most = source.credit;
          furthest = source;
        }
      }
      if (furthest == null) {
        ownCredit--;
        return nextOwn();
      }
      furthest.credit--;
      return furthest.next();
    }

    private SampleRef nextOwn() {
      long of = ownTaken / ownPerEpoch;
      if (of != epoch) {
        epoch = of;
        own = plan.ordered(epoch).stream().filter(ref -> !replayed.contains(name(ref))).toList();
      }
      return own.get((int) (ownTaken++ % ownPerEpoch));
    }
  }
}
