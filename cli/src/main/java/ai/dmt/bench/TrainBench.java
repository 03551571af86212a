package ai.dmt.bench;

import ai.dmt.data.SequencePacker;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.Sharding;
import ai.dmt.engine.StepPrediction;
import ai.dmt.engine.TrainingEngine;
import ai.dmt.engine.WorkSeconds;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;

/** Speed of training steps: packing, forward, backward, clipping and update. */
public final class TrainBench {
  private static final int WARM_UP = 2;
  private static final int TAKEN_APART = 2;
  private static final double LEARNING_RATE = 1e-4;

  private final BenchJob job;

  /** Makes a benchmark. */
  public TrainBench(BenchJob job) {
    this.job = job;
  }

  /** Measures full-length random sequences. */
  public ObjectNode random() {
    Random random = new Random(0);
    StepTimes times = new StepTimes(WARM_UP, job.steps());
    GpuMemory memory = new GpuMemory(job.engine().device());
    try (NativeEngine engine = engine()) {
      for (int step = 0; step < WARM_UP + job.steps(); step++) {
        randomStep(engine, random, times);
      }
      engine.startClock();
      StepTimes apart = new StepTimes(0, TAKEN_APART);
      for (int step = 0; step < TAKEN_APART; step++) {
        randomStep(engine, random, apart);
      }
      WorkSeconds work = engine.stopClock().of(TAKEN_APART);
      long tokens = (long) job.batch() * job.length();
      long labels = (long) job.batch() * (job.length() - 1);
      ObjectNode line = line(engine, memory, times, tokens, labels / times.median());
      if (job.engine().device().isCuda()) {
        line.put("mfu_989", mfu(engine, tokens, times.median()));
      }
      line.set("breakdown_ms", breakdown(work));
      if (job.engine().ranks().worldSize() > 1 && isPredicted(job.engine().sharding().mode())) {
        line.set("prediction", prediction(engine, tokens, work));
      }
      return line;
    }
  }

  private void randomStep(NativeEngine engine, Random random, StepTimes times) {
    int[] ids =
        random.ints((long) job.batch() * job.length(), 0, engine.model().vocabSize()).toArray();
    long began = System.nanoTime();
    MicroBatch batch = rows(ids);
    time(engine, List.of(batch), batch.labelTokens(), began, times);
  }

  /** Of the 989 TFLOP/s that an H100 does in bfloat16, as peer_speed.py has it. */
  private double mfu(NativeEngine engine, long tokens, double seconds) {
    double flops = engine.trainingFlopsPerToken(job.length()) * tokens;
    return BenchResult.rounded(flops / seconds / 989e12, 10000);
  }

  private static ObjectNode breakdown(WorkSeconds work) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("step", milliseconds(work.total()))
        .put("products", milliseconds(work.products()))
        .put("attention", milliseconds(work.attention()))
        .put("element_wise", milliseconds(work.elementWise()))
        .put("loss", milliseconds(work.loss()))
        .put("optimizer", milliseconds(work.optimizer()))
        .put("communication", milliseconds(work.communication()))
        .put("other", milliseconds(work.other()));
  }

  private static boolean isPredicted(Sharding mode) {
    return mode == Sharding.FULL || mode == Sharding.GRAD_OP;
  }

  private ObjectNode prediction(NativeEngine engine, long tokens, WorkSeconds work) {
    StepPrediction p = NativeEngine.predictedStep(engine.model(), job.engine(), work, 1);
    return JsonNodeFactory.instance
        .objectNode()
        .put("ranks", job.engine().ranks().worldSize())
        .put("step_ms", milliseconds(p.seconds()))
        .put("tokens_per_s_per_rank", BenchResult.rounded(tokens / p.seconds(), 10))
        .put("mfu_989", mfu(engine, tokens, p.seconds()))
        .put("computation_ms", milliseconds(p.computation()))
        .put("slow_down_ms", milliseconds(p.slowDown()))
        .put("exposed_ms", milliseconds(p.exposed()))
        .put("communication_ms", milliseconds(p.communication()));
  }

  private static double milliseconds(double seconds) {
    return BenchResult.rounded(seconds * 1e3, 1000);
  }

  /**
   * Measures conversations, packed and masked.
   *
   * @param steps samples of each step; the first two warm up
   */
  public ObjectNode conversations(List<List<SourcedSample>> steps) {
    StepTimes times = new StepTimes(WARM_UP, steps.size() - WARM_UP);
    long labels = 0;
    long tokens = 0;
    GpuMemory memory = new GpuMemory(job.engine().device());
    try (NativeEngine engine = engine()) {
      for (List<SourcedSample> samples : steps) {
        boolean counts = times.warm();
        long began = System.nanoTime();
        long labelTokens =
            samples.stream().mapToLong(sourced -> sourced.sample().labelTokens()).sum();
        int most = job.batch() * job.length();
        List<MicroBatch> batches = new SequencePacker(most, job.batch()).pack(samples);
        time(engine, batches, labelTokens, began, times);
        if (counts) {
          labels += labelTokens;
          tokens += batches.stream().mapToLong(MicroBatch::tokens).sum();
        }
      }
      ObjectNode line = line(engine, memory, times, tokens, labels / times.sum());
      return line.put("tokens_per_s", BenchResult.rounded(tokens / times.sum(), 10))
          .put("label_tokens", labels)
          .put("samples_per_s", BenchResult.rounded(samples(steps) / times.sum(), 10));
    }
  }

  private static long samples(List<List<SourcedSample>> steps) {
    return steps.stream().skip(WARM_UP).mapToLong(List::size).sum();
  }

  private NativeEngine engine() {
    return NativeEngine.create(job.preset().model(job.length()), 0, job.engine());
  }

  /** Every row is a document; all tokens but its first are labels. */
  private MicroBatch rows(int[] ids) {
    int length = job.length();
    int[] labels = new int[ids.length];
    int[] offsets = new int[job.batch() + 1];
    for (int row = 0; row < job.batch(); row++) {
      System.arraycopy(ids, row * length + 1, labels, row * length, length - 1);
      labels[(row + 1) * length - 1] = MicroBatch.IGNORE_INDEX;
      offsets[row + 1] = (row + 1) * length;
    }
    return new MicroBatch(ids, labels, offsets, new int[job.batch()]);
  }

  private static void time(
      TrainingEngine engine,
      List<MicroBatch> batches,
      long labelTokens,
      long began,
      StepTimes times) {
    long inside = System.nanoTime();
    for (MicroBatch batch : batches) {
      engine.accumulate(batch, 1.0 / labelTokens / engine.worldSize());
    }
    engine.apply(LEARNING_RATE);
    long ended = System.nanoTime();
    times.add((ended - began) * 1e-9, (ended - inside) * 1e-9);
  }

  private ObjectNode line(
      NativeEngine engine,
      GpuMemory memory,
      StepTimes times,
      long tokens,
      double labelTokensPerSecond) {
    return BenchResult.line("train", job, engine, memory, times, tokens)
        .put("recompute", job.engine().recompute().text())
        .put("label_tokens_per_s", BenchResult.rounded(labelTokensPerSecond, 10));
  }
}
