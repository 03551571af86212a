package ai.dmt.doctor;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.EngineException;
import ai.dmt.engine.GenerationSession;
import ai.dmt.engine.MicroBatch;
import ai.dmt.engine.NativeEngine;
import ai.dmt.engine.SamplingConfig;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Compares the engine with a golden case: logits, loss, gradients, training steps, weights
 * afterwards and greedy tokens. In bfloat16 only losses have a tolerance.
 */
public final class GoldenCheck {
  private final GoldenCase golden;
  private final EngineConfig config;
  private final boolean exact;
  private final Consumer<Finding> findings;
  private boolean failed;

  private GoldenCheck(GoldenCase golden, EngineConfig base, Consumer<Finding> findings) {
    this.golden = golden;
    this.config = base.withAdamW(golden.adamW()).withMaxGradientNorm(golden.clipNorm());
    this.exact = base.computeDType() == DType.FLOAT32;
    this.findings = findings;
  }

  /**
   * Runs all comparisons.
   *
   * @param folder with model, expected.safetensors and expected.json
   * @param config how to compute; the optimizer's settings are the case's
   * @param findings gets each result as soon as it is known
   * @return whether nothing failed
   * @throws DataException if the folder is incomplete or malformed
   */
  public static boolean run(Path folder, EngineConfig config, Consumer<Finding> findings) {
    GoldenCheck check = new GoldenCheck(GoldenCase.read(folder), config, findings);
    check.compareForwardAndBackward();
    check.compareTraining();
    return !check.failed;
  }

  private void compareForwardAndBackward() {
    MicroBatch batch = golden.batch();
    try (NativeEngine engine = open()) {
      checkNames(engine.tensorNames());
      report(within(1e-4).compare("logits", engine.logits(batch), golden.logits()));
      SourceLoss loss = engine.evaluate(List.of(batch)).get(0);
      report(lossTolerance().compare("loss", loss.mean(), golden.loss()));
      accumulate(engine, List.of(batch), 1.0 / batch.labelTokens());
      Tolerance tolerance = exact ? Tolerance.relative(1e-4) : Tolerance.NONE;
      for (String name : golden.parameterNames()) {
        report(tolerance.compare("gradient " + name, engine.gradient(name), golden.gradient(name)));
      }
      compareGreedy(engine);
    }
  }

  private void compareGreedy(NativeEngine engine) {
    int[] expected = golden.continuation();
    int[] prompt = golden.prompt();
    int wrong = 0;
    try (GenerationSession session = engine.openSession(1, prompt.length + expected.length)) {
      int slot = session.open(prompt, SamplingConfig.greedy());
      for (int token : expected) {
        wrong += session.step()[slot] == token ? 0 : 1;
      }
    }
    Finding.Verdict verdict = wrong == 0 ? Finding.Verdict.OK : Finding.Verdict.FAIL;
    report(
        new Finding(
            "greedy tokens that differ, of " + expected.length,
            wrong,
            (double) wrong / expected.length,
            exact ? "identical" : "-",
            exact ? verdict : Finding.Verdict.NONE));
  }

  private void compareTraining() {
    try (NativeEngine engine = open()) {
      for (int s = 0; s < golden.steps().size(); s++) {
        compareStep(engine, s, golden.steps().get(s));
      }
      for (String name : golden.parameterNames()) {
        report(
            within(1e-3).compare("weight after " + name, engine.weight(name), golden.after(name)));
      }
    }
  }

  /** Two rows as two micro-batches, normalised by the label tokens of both. */
  private void compareStep(NativeEngine engine, int s, GoldenCase.Step expected) {
    MicroBatch first = golden.batch(s % golden.rows());
    MicroBatch second = golden.batch((s + 1) % golden.rows());
    long labelTokens = first.labelTokens() + second.labelTokens();
    accumulate(engine, List.of(first, second), 1.0 / labelTokens);
    StepMetrics metrics = engine.apply(expected.learningRate());
    String step = "step " + (s + 1);
    report(lossTolerance().compare(step + " loss", metrics.loss(), expected.loss()));
    Tolerance norm = exact ? Tolerance.relative(1e-3) : Tolerance.NONE;
    report(norm.compare(step + " gradient norm", metrics.gradientNorm(), expected.gradientNorm()));
  }

  /** Of several ranks, each takes every worldSize-th micro-batch. */
  private static void accumulate(NativeEngine engine, List<MicroBatch> batches, double weight) {
    for (int first = 0; first < batches.size(); first += engine.worldSize()) {
      int own = first + engine.rank();
      engine.accumulate(own < batches.size() ? batches.get(own) : MicroBatch.NOTHING, weight);
    }
  }

  private NativeEngine open() {
    try {
      return NativeEngine.open(golden.model(), config);
    } catch (EngineException e) {
      throw new DataException(new Origin(golden.model().toString(), 0), e.getMessage(), e);
    }
  }

  private void checkNames(List<String> engineNames) {
    Set<String> missing = new HashSet<>(engineNames);
    golden.parameterNames().forEach(missing::remove);
    Set<String> unknown = new HashSet<>(golden.parameterNames());
    engineNames.forEach(unknown::remove);
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new DataException(
          new Origin(golden.model().toString(), 0),
          "its tensors are not those of expected.safetensors: there is no gradient of %s, and no weight of %s"
              .formatted(missing, unknown));
    }
  }

  private Tolerance lossTolerance() {
    return exact ? Tolerance.absolute(1e-4) : Tolerance.relative(0.02);
  }

  private Tolerance within(double limit) {
    return exact ? Tolerance.absolute(limit) : Tolerance.NONE;
  }

  private void report(Finding finding) {
    failed |= finding.verdict() == Finding.Verdict.FAIL;
    findings.accept(finding);
  }
}
