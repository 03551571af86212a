package ai.dmt.train;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DropCounts;
import ai.dmt.data.DropReason;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a schedule asked for, against what its steps truly hold: one entry for each source of each
 * stage. Counted over the steps themselves, so a cap on steps or a small source shows.
 *
 * @param entries in the order of stages and sources
 * @param decisions that the run has made about its mixtures; what was asked is as before them
 */
public record Ledger(
    List<Entry> entries,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<MixtureDecision> decisions) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /**
   * One source in one stage.
   *
   * @param stage name of the stage
   * @param source name of the source
   * @param measure what the shares are taken in
   * @param asked of the source in an epoch, in the measure
   * @param askedShare of the stage, in [0, 1]
   * @param realisedShare of the steps, in the measure
   * @param rounding largest difference of the two shares that comes of whole samples: a source is
   *     taken up to what was asked, and the next sample would pass it
   * @param realised what the steps hold, in each measure
   * @param repeats draws of a sample that the same epoch has had already
   * @param truncated samples of the source that were cut at the sequence length
   * @param dropped records of the source that are not trained on, all reasons
   */
  public record Entry(
      String stage,
      String source,
      String measure,
      double asked,
      double askedShare,
      double realisedShare,
      double rounding,
      Amounts realised,
      long repeats,
      long truncated,
      long dropped) {}

  /**
   * Sizes over all epochs, with the share of the stage in each measure.
   *
   * @param samples draws of a sample, repeats included
   * @param tokens of these; 0 where lengths are not known, as the label tokens and both shares
   * @param labelTokens of these
   * @param sampleShare of the stage's samples, in [0, 1]
   * @param tokenShare of the stage's tokens, in [0, 1]
   * @param labelTokenShare of the stage's label tokens, in [0, 1]
   */
  public record Amounts(
      long samples,
      long tokens,
      long labelTokens,
      double sampleShare,
      double tokenShare,
      double labelTokenShare) {}

  /**
   * Copies the lists.
   *
   * @param entries one per source and stage
   * @param decisions in the order in which they were made; may be empty
   */
  public Ledger {
    entries = List.copyOf(entries);
    decisions = List.copyOf(decisions);
  }

  /**
   * Makes a ledger without decisions.
   *
   * @param entries one per source and stage
   */
  public Ledger(List<Entry> entries) {
    this(entries, List.of());
  }

  /**
   * {@return the same with what was decided}
   *
   * @param made in the order in which they were made; may be empty
   */
  public Ledger withDecisions(List<MixtureDecision> made) {
    return new Ledger(entries, made);
  }

  /**
   * Counts a whole schedule.
   *
   * @param batches of the schedule
   * @param drops what was dropped and cut of each source while it was read; may lack sources
   * @return an entry for each source of each stage
   */
  public static Ledger of(ScheduleBatches batches, Map<String, DropCounts> drops) {
    return upTo(batches, new Cursor(batches.stages().size(), 0), drops);
  }

  /**
   * Counts the steps before a cursor. The cost is that of listing them; a run does it once, at a
   * checkpoint.
   *
   * @param batches of the schedule
   * @param end where to stop counting: its step is the first that is not counted
   * @param drops what was dropped and cut of each source while it was read; may lack sources
   * @return an entry for each source of each stage that the cursor has reached
   */
  public static Ledger upTo(ScheduleBatches batches, Cursor end, Map<String, DropCounts> drops) {
    List<Entry> entries = new ArrayList<>();
    for (int s = 0; s < batches.stages().size() && s <= end.stage(); s++) {
      StageBatches stage = batches.stages().get(s);
      long steps = s == end.stage() ? end.step() : stage.steps();
      StageCounts counts = new StageCounts(batches.tables(), stage, steps);
      entries.addAll(counts.entries(drops));
    }
    return new Ledger(entries);
  }

  /**
   * Demands that what was asked came about.
   *
   * @param tolerance largest difference of a share, such as 0.01, beyond that of whole samples
   * @throws ConfigException with every entry that is off by more
   */
  public void check(double tolerance) {
    List<String> off = new ArrayList<>();
    for (Entry entry : entries) {
      double difference = Math.abs(entry.realisedShare() - entry.askedShare());
      if (!(difference <= tolerance + entry.rounding())) {
        off.add(
            String.format(
                Locale.ROOT,
                "stage \"%s\": source \"%s\" has a share of %.4f of the %s, asked for %.4f",
                entry.stage(),
                entry.source(),
                entry.realisedShare(),
                entry.measure(),
                entry.askedShare()));
      }
    }
    if (!off.isEmpty()) {
      throw new ConfigException(
          ("the mixture is off by more than mixture_tolerance=%s: %s; a stage that max_steps ends"
                  + " within an epoch has a random part of it: raise the tolerance to accept that")
              .formatted(tolerance, String.join("; ", off)));
    }
  }

  /**
   * {@return the ledger as JSON: an object with the list "entries", keys in snake_case; and
   * "decisions" where there are any}
   */
  public JsonNode toJson() {
    return JSON.valueToTree(this);
  }

  /** The counts of one stage. */
  private static final class StageCounts {
    private final List<SampleTable> tables;
    private final StageBatches batches;
    private final long[][] sums; // [tables][measures]
    private final long[] repeats;

    StageCounts(List<SampleTable> tables, StageBatches batches, long steps) {
      this.tables = tables;
      this.batches = batches;
      this.sums = new long[tables.size()][Measure.values().length];
      this.repeats = new long[tables.size()];
      int[][] seen = tables.stream().map(table -> new int[table.size()]).toArray(int[][]::new);
      for (long step = 0; step < steps; step++) {
        int epoch = (int) (batches.plannedStep(step) / batches.stepsPerEpoch()) + 1;
        for (SampleRef ref : batches.samplesOf(step)) {
          count(ref);
          repeats[ref.source()] += seen[ref.source()][ref.sample()] == epoch ? 1 : 0;
          seen[ref.source()][ref.sample()] = epoch;
        }
      }
    }

    private void count(SampleRef ref) {
      SampleTable table = tables.get(ref.source());
      for (Measure measure : Measure.values()) {
        if (measure == Measure.SAMPLES || table.hasTokens()) {
          sums[ref.source()][measure.ordinal()] += table.length(ref.sample(), measure);
        }
      }
    }

    List<Entry> entries(Map<String, DropCounts> drops) {
      Mixture mixture = batches.stage().mixture();
      List<SampleTable> used =
          tables.stream().filter(table -> mixture.amountOf(table.name()).isPresent()).toList();
      double[] asked = Selection.targets(mixture, used);
      double[] lost = Selection.shortfalls(mixture.measure(), used, asked);
      double askedSum = Arrays.stream(asked).sum();
      double lostSum = Arrays.stream(lost).sum();
      List<Entry> entries = new ArrayList<>();
      for (int u = 0; u < asked.length; u++) {
        int source = tables.indexOf(used.get(u));
        String name = used.get(u).name();
        DropCounts dropped = drops.getOrDefault(name, new DropCounts());
        entries.add(
            new Entry(
                batches.stage().name(),
                name,
                mixture.measure().text(),
                asked[u],
                asked[u] / askedSum,
                share(source, mixture.measure()),
                rounding(asked[u] / askedSum, lost[u] / askedSum, lostSum / askedSum),
                amounts(source),
                repeats[source],
                dropped.of(DropReason.TRUNCATED),
                droppedRecords(dropped)));
      }
      return entries;
    }

    /**
     * Shares of what was asked: a source's share, what it can lose, what all can lose. Its share is
     * lowest where it alone loses, and highest where the others do.
     */
    private static double rounding(double asked, double lost, double allLost) {
      return allLost >= 1 ? 1 : Math.max(lost, asked * allLost / (1 - allLost));
    }

    private Amounts amounts(int source) {
      return new Amounts(
          sums[source][Measure.SAMPLES.ordinal()],
          sums[source][Measure.TOKENS.ordinal()],
          sums[source][Measure.LABEL_TOKENS.ordinal()],
          share(source, Measure.SAMPLES),
          share(source, Measure.TOKENS),
          share(source, Measure.LABEL_TOKENS));
    }

    private double share(int source, Measure measure) {
      long whole = 0;
      for (long[] each : sums) {
        whole += each[measure.ordinal()];
      }
      return whole == 0 ? 0 : (double) sums[source][measure.ordinal()] / whole;
    }

    private static long droppedRecords(DropCounts counts) {
      long sum = 0;
      for (DropReason reason : DropReason.values()) {
        sum += reason.leavesRecord() ? 0 : counts.of(reason);
      }
      return sum;
    }
  }
}
