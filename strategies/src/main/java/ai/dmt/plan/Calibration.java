package ai.dmt.plan;

import ai.dmt.dist.ProcessGroups;
import ai.dmt.dist.RankEnvironment;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.Interconnect;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.RankGroups;
import ai.dmt.engine.StepPrediction;
import ai.dmt.engine.WorkSeconds;
import ai.dmt.train.RunIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures how fast this machine is at a model: a few steps of a model with random weights that has
 * the same widths and fewer layers, with all ranks at work. Loads libtorch.
 */
public final class Calibration {
  private static final int LAYERS = 2;
  private static final int WARM_UP = 2;
  private static final int FEWEST_STEPS = 4;
  private static final int MOST_STEPS = 400;

  /** Operations of all steps: some seconds of two cores. */
  private static final double OPERATIONS = 3e11;

  /**
   * Part of the products' time that is not the reading of weights, however few tokens there are.
   */
  private static final double LEAST_OF_PRODUCTS = 0.5;

  private static final double LEARNING_RATE = 1e-5;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ModelConfig model;
  private final EngineConfig config;
  private final SampleLengths lengths;
  private final int tokens;

  /**
   * Makes a test; nothing is run.
   *
   * @param model whose widths count
   * @param placement whose settings and ranks are measured; its ranks are threads of this process,
   *     so on GPUs there can be one
   * @param lengths of samples
   * @param tokens of a rank's micro-batch
   */
  public Calibration(ModelConfig model, Placement placement, SampleLengths lengths, int tokens) {
    this.config = placement.config();
    this.lengths = lengths;
    this.tokens = Math.max(2, tokens);
    this.model =
        new ModelConfig(
            model.vocabSize(),
            model.hiddenSize(),
            model.intermediateSize(),
            Math.min(LAYERS, model.layers()),
            model.heads(),
            model.kvHeads(),
            model.headDim(),
            Math.max(model.maxPositionEmbeddings(), this.tokens),
            model.rmsNormEps(),
            model.initializerRange(),
            model.tieWordEmbeddings(),
            model.rope());
  }

  /**
   * Measures.
   *
   * @param basis what to call it, for people
   * @return the speed of each rank
   * @throws EngineException if the model does not fit, or a rank fails
   */
  public Speed measure(String basis) {
    int ranks = config.ranks().worldSize();
    WorkSeconds seconds = ranks == 1 ? steps(config.withRanks(RankGroups.ALONE)) : together(ranks);
    StepWork work =
        StepWork.of(model, config, tokens, new SampleLengths(tokens, document(), 1, ""));
    double sum =
        seconds.products()
            + seconds.attention()
            + seconds.elementWise()
            + seconds.loss()
            + seconds.optimizer();
    return new Speed(
        work.products() / products(seconds.products(), ranks),
        work.attention() / seconds.attention(),
        work.elements() / seconds.elementWise(),
        work.logits() / seconds.loss(),
        work.updates() / seconds.optimizer(),
        Math.max(1, (seconds.total() - seconds.communication()) / sum),
        interconnect(seconds),
        config.device().isCuda(),
        basis,
        true);
  }

  /** Without the reading of weights, which plans add for each micro-batch. */
  private double products(double seconds, int ranks) {
    double bandwidth = Machine.here().bandwidthOf(ranks);
    double reading = config.device().isCuda() ? 0 : StepWork.bytesRead(model, config) / bandwidth;
    return Math.max(seconds - reading, LEAST_OF_PRODUCTS * seconds);
  }

  /** Bytes that reach a rank over the seconds that it waits for them. */
  private Interconnect interconnect(WorkSeconds seconds) {
    if (config.ranks().worldSize() == 1) {
      return Interconnect.NVLINK_4; // nothing travels
    }
    double bytes =
        StepPrediction.of(model, config, seconds, 1, new Interconnect(1, 1, 1, 0)).communication();
    double each = bytes / Math.max(seconds.communication(), 1e-9);
    return new Interconnect(each, each, each, 0);
  }

  private WorkSeconds together(int ranks) {
    ExecutorService threads = Executors.newFixedThreadPool(ranks);
    try {
      int port = RankEnvironment.freePort();
      List<Future<WorkSeconds>> parts = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        RankEnvironment place = new RankEnvironment(rank, rank, ranks, ranks, "127.0.0.1", port);
        parts.add(threads.submit(() -> joined(place)));
      }
      for (Future<WorkSeconds> part : parts) {
        part.get();
      }
      return parts.get(0).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new EngineException("a rank failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while ranks were measured", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private WorkSeconds joined(RankEnvironment place) throws IOException {
    int own = Math.max(1, Runtime.getRuntime().availableProcessors() / place.worldSize());
    try (ProcessGroups groups =
        ProcessGroups.join(
            place,
            config.sharding().mode(),
            config.device(),
            new ProcessGroups.Timeouts(PATIENCE, PATIENCE),
            new RunIdentity(Map.of()))) {
      return groups.guard(
          () ->
              steps(
                  config
                      .withRanks(groups.ranks())
                      .withThreads(config.threads() == 0 ? own : config.threads())));
    }
  }

  /** Mean over some steps. */
  private WorkSeconds steps(EngineConfig ready) {
    try (NativeEngine engine = NativeEngine.create(model, 0, ready)) {
      engine.reserve(tokens);
      MicroBatch batch = batch(ready.ranks().rank());
      double weight = 1.0 / batch.labelTokens() / ready.ranks().worldSize();
      int steps = steps(ready.ranks().worldSize());
      for (int step = 0; step < WARM_UP + steps; step++) {
        if (step == WARM_UP) {
          engine.startClock();
        }
        engine.accumulate(batch, weight);
        engine.apply(LEARNING_RATE);
      }
      return engine.stopClock().of(steps);
    }
  }

  /** The same number on all ranks. */
  private int steps(int ranks) {
    double operations = ranks * tokens * model.trainingFlopsPerToken(document());
    return (int) Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, OPERATIONS / operations));
  }

  /** Tokens of a document. */
  private int document() {
    return (int) Math.min(tokens, Math.max(2, Math.round(lengths.ofToken())));
  }

  /** Random tokens; all that have a next one in their document are labels. */
  private MicroBatch batch(int seed) {
    int[] ids = new Random(seed).ints(tokens, 0, model.vocabSize()).toArray();
    int[] offsets = new int[(tokens + document() - 1) / document() + 1];
    for (int d = 1; d < offsets.length; d++) {
      offsets[d] = Math.min(tokens, d * document());
    }
    int[] labels = Arrays.copyOf(ids, tokens);
    System.arraycopy(ids, 1, labels, 0, tokens - 1);
    for (int d = 1; d < offsets.length; d++) {
      labels[offsets[d] - 1] = MicroBatch.IGNORE_INDEX;
    }
    return new MicroBatch(ids, labels, offsets, new int[offsets.length - 1]);
  }
}
