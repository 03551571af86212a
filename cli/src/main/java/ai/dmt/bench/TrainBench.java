package ai.dmt.bench;

import ai.dmt.adapter.AdapterConfig;
import ai.dmt.data.SequencePacker;
import ai.dmt.data.SourcedSample;
import ai.dmt.engine.AttentionCalls;
import ai.dmt.engine.Interconnect;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.Sharding;
import ai.dmt.engine.StepPrediction;
import ai.dmt.engine.TrainingEngine;
import ai.dmt.engine.WorkSeconds;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

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

  /** Measures random sequences. */
  public ObjectNode random(RandomRows rows) {
    StepTimes times = new StepTimes(WARM_UP, job.steps());
    GpuMemory memory = new GpuMemory(job.engine().device());
    try (NativeEngine engine = engine()) {
      engine.reserve((long) job.batch() * job.length());
      long labels = 0;
      for (int step = 0; step < WARM_UP + job.steps(); step++) {
        labels = randomStep(engine, rows, times);
      }
      engine.startClock();
      StepTimes apart = new StepTimes(0, TAKEN_APART);
      for (int step = 0; step < TAKEN_APART; step++) {
        randomStep(engine, rows, apart);
      }
      WorkSeconds work = engine.stopClock().of(TAKEN_APART);
      ObjectNode line = line(engine, memory, times, rows.tokens(), labels / times.median());
      line.put("accumulate", rows.accumulate()).put("rows", rows.text());
      double passes = work.total() - work.optimizer();
      line.put("passes_tokens_per_s", BenchResult.rounded(rows.tokens() / passes, 10));
      if (job.engine().device().isCuda()) {
        line.put("mfu_989", mfu(engine, rows.tokens(), times.median()));
        line.set("attention_calls", attentionCalls(engine.attentionCalls()));
      }
      line.set("breakdown_ms", breakdown(work));
      if (job.engine().ranks().worldSize() > 1 && isPredicted(job.engine().sharding().mode())) {
        line.set("prediction", prediction(engine, rows, work));
      }
      return line;
    }
  }

  /** Returns the label tokens of the step. */
  private static long randomStep(NativeEngine engine, RandomRows rows, StepTimes times) {
    long began = System.nanoTime();
    List<MicroBatch> batches = rows.step(engine.model().vocabSize());
    long labels = batches.stream().mapToLong(MicroBatch::labelTokens).sum();
    time(engine, batches, labels, began, times);
    return labels;
  }

  private static ObjectNode attentionCalls(AttentionCalls calls) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("cudnn", calls.cudnn())
        .put("flash", calls.flash())
        .put("plain", calls.plain());
  }

  /** Of the 989 TFLOP/s that an H100 does in bfloat16, as peer_speed.py has it. */
  private double mfu(NativeEngine engine, long tokens, double seconds) {
    double flops = engine.model().trainingFlopsPerToken(job.length()) * tokens;
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

  private ObjectNode prediction(NativeEngine engine, RandomRows rows, WorkSeconds work) {
    long tokens = rows.tokens();
    StepPrediction p =
        StepPrediction.of(
            engine.model(), job.engine(), work, rows.accumulate(), Interconnect.NVLINK_4);
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
    return job.model().open(job.length(), job.engine());
  }

  /** That of all matrices. */
  private static int rank(AdapterConfig adapter) {
    return adapter.sizes().values().iterator().next().rank();
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
        .put("lora", job.engine().adapter().map(TrainBench::rank).orElse(0))
        .put("base", job.engine().baseWeights().text())
        .put("trained_params", engine.trainedParameterCount())
        .put("label_tokens_per_s", BenchResult.rounded(labelTokensPerSecond, 10));
  }
}
