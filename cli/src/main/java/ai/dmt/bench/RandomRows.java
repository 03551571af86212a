package ai.dmt.bench;

import ai.dmt.engine.MicroBatch;
import ai.dmt.internal.text.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Micro-batches of random tokens, the same in every run. */
public final class RandomRows {
  /** Lengths of the documents of a micro-batch. */
  private enum Kind {
    DENSE,
    PACKED
  }

  private final Kind kind;
  private final int accumulate;
  private final BenchJob job;
  private final Random random = new Random(0);

  private RandomRows(Kind kind, int accumulate, BenchJob job) {
    this.kind = kind;
    this.accumulate = accumulate;
    this.job = job;
  }

  /**
   * Makes rows for a benchmark.
   *
   * @param rows dense: documents of the job's length; packed: of many lengths, up to that
   * @param accumulate micro-batches of a step
   * @param job whose batch and length say how many tokens a micro-batch has
   */
  public static RandomRows of(String rows, int accumulate, BenchJob job) {
    new Faults("bench")
        .require(
            rows.equals("dense") || rows.equals("packed"),
            "rows must be dense or packed, got " + rows)
        .positive("accumulate", accumulate)
        .throwIfAny();
    return new RandomRows(rows.equals("dense") ? Kind.DENSE : Kind.PACKED, accumulate, job);
  }

  String text() {
    return kind == Kind.DENSE ? "dense" : "packed";
  }

  /** Micro-batches of a step. */
  int accumulate() {
    return accumulate;
  }

  /** Tokens of a step. */
  long tokens() {
    return (long) accumulate * job.batch() * job.length();
  }

  List<MicroBatch> step(int vocabulary) {
    List<MicroBatch> batches = new ArrayList<>();
    for (int i = 0; i < accumulate; i++) {
      batches.add(batch(lengths(), vocabulary));
    }
    return batches;
  }

  /** Conversations: half of them shorter than a quarter of the longest, none of one token. */
  private List<Integer> lengths() {
    List<Integer> lengths = new ArrayList<>();
    int left = job.batch() * job.length();
    while (left > 0) {
      double drawn = Math.exp(Math.log(job.length() / 5.0) + 0.8 * random.nextGaussian());
      int length =
          kind == Kind.DENSE
              ? job.length()
              : (int) Math.min(left, Math.max(2, Math.min(drawn, job.length())));
      if (left - length == 1) {
        length += length > 2 ? -1 : 1; // a document of one token has no label
      }
      lengths.add(length);
      left -= length;
    }
    return lengths;
  }

  /** All tokens of a document but its first are labels. */
  private MicroBatch batch(List<Integer> lengths, int vocabulary) {
    int[] ids = random.ints((long) job.batch() * job.length(), 0, vocabulary).toArray();
    int[] labels = new int[ids.length];
    int[] offsets = new int[lengths.size() + 1];
    System.arraycopy(ids, 1, labels, 0, ids.length - 1);
    for (int d = 0; d < lengths.size(); d++) {
      offsets[d + 1] = offsets[d] + lengths.get(d);
      labels[offsets[d + 1] - 1] = MicroBatch.IGNORE_INDEX;
    }
    return new MicroBatch(ids, labels, offsets, new int[lengths.size()]);
  }
}
