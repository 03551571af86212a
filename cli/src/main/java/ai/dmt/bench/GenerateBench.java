package ai.dmt.bench;

import ai.dmt.engine.GenerationSession;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.SamplingConfig;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;

/** Speed of batched greedy decoding with a key-value cache, prompts included. */
public final class GenerateBench {
  private static final int WARM_UP = 1;

  private final BenchJob job;
  private final int newTokens;

  /** Makes a benchmark. @param newTokens of each request; end tokens do not end it */
  public GenerateBench(BenchJob job, int newTokens) {
    this.job = job;
    this.newTokens = newTokens;
  }

  /** Measures half as many rounds as the job has steps, as peer_speed.py does. */
  public ObjectNode run() {
    Random random = new Random(0);
    int rounds = Math.max(1, job.steps() / 2);
    StepTimes times = new StepTimes(WARM_UP, rounds);
    int maxTokens = job.length() + newTokens;
    GpuMemory memory = new GpuMemory(job.engine().device());
    try (NativeEngine engine = job.model().open(maxTokens, job.engine())) {
      for (int round = 0; round < WARM_UP + rounds; round++) {
        int[][] prompts = new int[job.batch()][];
        for (int row = 0; row < job.batch(); row++) {
          prompts[row] = random.ints(job.length(), 3, engine.model().vocabSize()).toArray();
        }
        time(engine, prompts, maxTokens, times);
      }
      long tokens = (long) job.batch() * newTokens;
      return BenchResult.line("generate", job, engine, memory, times, tokens)
          .put("new", newTokens)
          .put("prompt", job.length());
    }
  }

  private void time(NativeEngine engine, int[][] prompts, int maxTokens, StepTimes times) {
    long began = System.nanoTime();
    long inside = 0;
    try (GenerationSession session = engine.openSession(prompts.length, maxTokens)) {
      for (int[] prompt : prompts) {
        long call = System.nanoTime();
        session.open(prompt, SamplingConfig.greedy());
        inside += System.nanoTime() - call;
      }
      for (int token = 0; token < newTokens; token++) {
        long call = System.nanoTime();
        session.step();
        inside += System.nanoTime() - call;
      }
    }
    times.add((System.nanoTime() - began) * 1e-9, inside * 1e-9);
  }
}
