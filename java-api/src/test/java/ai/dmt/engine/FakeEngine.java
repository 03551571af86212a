package ai.dmt.engine;

import ai.dmt.internal.handle.HandleGuard;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * An engine without native code: its model is a table of bigram logits, trained by plain gradient
 * descent. Losses truly fall and generation truly follows what was learnt. It passes the same
 * contract as the native engine, see {@link TrainingEngineContract}.
 */
public final class FakeEngine implements TrainingEngine {
  /**
   * Gradient descent moves less than AdamW at the same rate; so rates made for AdamW serve here
   * too.
   */
  private static final double RATE_SCALE = 300;

  /** Rounding of a sum of weights. */
  private static final double WEIGHT_TOLERANCE = 1e-9;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STATE_FILE = "rank-00000-of-00001.safetensors";

  private final ModelConfig model;
  private final EngineConfig config;
  private final float[][] logits; // [vocabSize, vocabSize]: row of the token, column of the next
  private double[][] gradients;
  private final List<FakeGenerationSession> sessions = new ArrayList<>();
  private double[] lossSums;
  private long[] labelTokens;
  private double stepWeight;
  private long stepTokens;
  private long step;
  private int mostKeptGradients;
  private final HandleGuard guard = HandleGuard.exclusive("the fake engine");

  private FakeEngine(ModelConfig model, EngineConfig config) {
    this.model = model;
    this.config = config;
    this.logits = new float[model.vocabSize()][model.vocabSize()];
    beginStep();
  }

  /** A model with fresh weights. */
  public static FakeEngine create(ModelConfig model, long seed, EngineConfig config) {
    FakeEngine engine = new FakeEngine(model, config);
    Random random = new Random(seed);
    for (float[] row : engine.logits) {
      for (int c = 0; c < row.length; c++) {
        row[c] = (float) (random.nextGaussian() * model.initializerRange());
      }
    }
    return engine;
  }

  /** A model that {@link #save} wrote. */
  public static FakeEngine open(Path folder, EngineConfig config) {
    if (!Files.exists(folder)) {
      throw new EngineException("no such model: " + folder);
    }
    try (DataInputStream in =
        new DataInputStream(Files.newInputStream(folder.resolve("model.fake")))) {
      ModelConfig model = JSON.readValue(folder.resolve("config.json").toFile(), ModelConfig.class);
      FakeEngine engine = new FakeEngine(model, config);
      for (float[] row : engine.logits) {
        for (int c = 0; c < row.length; c++) {
          row[c] = in.readFloat();
        }
      }
      return engine;
    } catch (IOException e) {
      throw new EngineException("cannot read " + folder + ": " + e, e);
    }
  }

  @Override
  public ModelConfig model() {
    guard.requireNotClosed();
    return model;
  }

  @Override
  public long parameterCount() {
    guard.requireNotClosed();
    return (long) model.vocabSize() * model.vocabSize();
  }

  @Override
  public List<String> sources() {
    return config.sources();
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int worldSize() {
    return 1;
  }

  @Override
  public void sumOverRanks(double[] values) {
    checkOpen();
  }

  @Override
  public void accumulate(MicroBatch batch, double tokenWeight) {
    checkOpen();
    check(config.trainable(), "this engine was opened for inference");
    check(
        tokenWeight > 0 && Double.isFinite(tokenWeight),
        "token_weight must be finite and above 0, got " + tokenWeight);
    validate(batch);
    double weight = stepWeight + tokenWeight * batch.labelTokens();
    check(
        weight <= 1 + WEIGHT_TOLERANCE,
        "the label tokens of the step weigh %s so far, together they must weigh 1"
            .formatted(weight));
    stepWeight = weight;
    stepTokens += batch.tokens();
    addLosses(batch, lossSums, labelTokens, tokenWeight);
  }

  @Override
  public StepMetrics apply(double learningRate) {
    checkOpen();
    checkNoRequests("apply");
    check(config.trainable(), "this engine was opened for inference");
    check(
        learningRate >= 0 && Double.isFinite(learningRate),
        "learning_rate must be finite and at least 0, got " + learningRate);
    check(stepTokens > 0, "apply needs at least one accumulate before it");
    check(
        Math.abs(stepWeight - 1) <= WEIGHT_TOLERANCE,
        "the label tokens of the step weigh %s, together they must weigh 1".formatted(stepWeight));
    List<SourceLoss> losses = losses(lossSums, labelTokens);
    long stepLabelTokens = Arrays.stream(labelTokens).sum();
    double loss = losses.stream().mapToDouble(SourceLoss::lossSum).sum() / stepLabelTokens;
    double norm = gradientNorm();
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      beginStep();
      throw new EngineException(
          "step %s: loss %s, gradient norm %s: not finite; the weights are those of step %s"
              .formatted(step + 1, loss, norm, step));
    }
    descend(learningRate, norm);
    StepMetrics metrics = new StepMetrics(++step, loss, norm, stepLabelTokens, stepTokens, losses);
    beginStep();
    return metrics;
  }

  @Override
  public void resetOptimizer() {
    checkOpen();
    check(config.trainable(), "this engine was opened for inference");
    check(stepTokens == 0, "reset_optimizer within a step; apply must come first");
    step = 0; // gradient descent has no moments
  }

  @Override
  public List<SourceLoss> evaluate(List<MicroBatch> batches) {
    checkOpen();
    double[] sums = new double[sources().size()];
    long[] counts = new long[sources().size()];
    for (MicroBatch batch : batches) {
      validate(batch);
      addLosses(batch, sums, counts, 0);
    }
    return losses(sums, counts);
  }

  @Override
  public GradientProducts gradientProducts(List<List<MicroBatch>> sets) {
    checkOpen();
    check(config.trainable(), "this engine was opened for inference");
    check(stepTokens == 0, "gradients are compared within a step: " + stepTokens + " tokens");
    List<double[][]> kept = new ArrayList<>();
    try {
      for (List<MicroBatch> batches : sets) {
        double weight = GradientProducts.tokenWeight(batches);
        batches.forEach(batch -> accumulate(batch, weight));
        kept.add(gradients);
        mostKeptGradients = Math.max(mostKeptGradients, kept.size());
        beginStep();
      }
    } finally {
      beginStep();
    }
    double[][][] products = new double[1][kept.size()][kept.size()];
    for (int one = 0; one < kept.size(); one++) {
      for (int other = 0; other < kept.size(); other++) {
        for (int r = 0; r < logits.length; r++) {
          for (int c = 0; c < logits.length; c++) {
            products[0][one][other] += kept.get(one)[r][c] * kept.get(other)[r][c];
          }
        }
      }
    }
    return new GradientProducts(List.of("logits.weight"), products);
  }

  /** How many gradients were in memory at once so far to be compared. */
  public int mostKeptGradients() {
    return mostKeptGradients;
  }

  /** Any numbers do that follow from token and layer alone. */
  @Override
  public float[][][] hiddenStates(MicroBatch batch, Pooling pooling) {
    checkOpen();
    validate(batch);
    int size = model.hiddenSize();
    float[][][] states = new float[model.layers() + 1][batch.documents()][size];
    int[] offsets = batch.documentOffsets();
    for (int layer = 0; layer < states.length; layer++) {
      for (int d = 0; d < batch.documents(); d++) {
        int first = pooling == Pooling.LAST ? offsets[d + 1] - 1 : offsets[d];
        for (int t = first; t < offsets[d + 1]; t++) {
          for (int c = 0; c < size; c++) {
            double angle = batch.tokenIds()[t] * (c + 1.0) + layer;
            states[layer][d][c] += (float) (Math.sin(angle) / (offsets[d + 1] - first));
          }
        }
      }
    }
    return states;
  }

  /** Each position attends to all before it alike, whatever the model. */
  @Override
  public AttentionMeasures[][][] attention(MicroBatch batch, TrainingEngine before) {
    checkOpen();
    validate(batch);
    check(
        before.model().layers() == model.layers() && before.model().heads() == model.heads(),
        "attention of other shapes cannot be compared");
    AttentionMeasures[][][] measures =
        new AttentionMeasures[model.layers()][model.heads()][batch.documents()];
    for (int d = 0; d < batch.documents(); d++) {
      int positions = batch.documentOffsets()[d + 1] - batch.documentOffsets()[d];
      AttentionMeasures even = EvenAttention.over(positions);
      for (AttentionMeasures[][] layer : measures) {
        for (AttentionMeasures[] head : layer) {
          head[d] = even;
        }
      }
    }
    return measures;
  }

  /** Its heads do nothing. */
  @Override
  public List<SourceLoss> evaluateWithout(AttentionHead head, List<MicroBatch> batches) {
    check(
        head.layer() >= 0 && head.layer() < model.layers(),
        "layer must be in 0 to %s, got %s".formatted(model.layers() - 1, head.layer()));
    check(
        head.head() >= 0 && head.head() < model.heads(),
        "head must be in 0 to %s, got %s".formatted(model.heads() - 1, head.head()));
    return evaluate(batches);
  }

  @Override
  public void writeModel(Path folder, DType dtype) {
    checkOpen();
    try {
      writeTo(folder);
    } catch (IOException | UncheckedIOException e) {
      throw new EngineException("cannot save to %s: %s".formatted(folder, e), e);
    }
  }

  @Override
  public EngineState state(StateMemory memory) {
    checkOpen();
    check(config.trainable(), "this engine was opened for inference: it has no training state");
    check(stepTokens == 0, "a training state within a step: " + stepTokens + " tokens");
    ByteBuffer bytes = ByteBuffer.allocate(8 + 4 * logits.length * logits.length);
    bytes.putLong(step);
    for (float[] row : logits) {
      for (float value : row) {
        bytes.putFloat(value);
      }
    }
    return new FakeState(bytes.array());
  }

  /** All of the engine is copied in any case. */
  private record FakeState(byte[] content) implements EngineState {
    @Override
    public long bytes() {
      return content.length;
    }

    @Override
    public String write(Path folder) {
      try {
        Files.write(folder.resolve(STATE_FILE), content);
        return STATE_FILE;
      } catch (IOException e) {
        throw new EngineException("cannot write " + folder.resolve(STATE_FILE) + ": " + e, e);
      }
    }

    @Override
    public void close() {}
  }

  @Override
  public void restore(Path folder) {
    checkOpen();
    checkNoRequests("restore");
    check(config.trainable(), "this engine was opened for inference: restore needs trainable=true");
    check(stepTokens == 0, "restore within a step: " + stepTokens + " tokens");
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(STATE_FILE)));
      check(
          bytes.capacity() == 8 + 4 * logits.length * logits.length,
          folder + " is of another model");
      step = bytes.getLong();
      for (float[] row : logits) {
        for (int c = 0; c < row.length; c++) {
          row[c] = bytes.getFloat();
        }
      }
    } catch (IOException e) {
      throw new EngineException("cannot read " + folder.resolve(STATE_FILE) + ": " + e, e);
    }
  }

  @Override
  public GenerationSession openSession(int slots, int maxTokens) {
    checkOpen();
    check(slots >= 1, "slots must be at least 1, got " + slots);
    check(
        maxTokens >= 1 && maxTokens <= model.maxPositionEmbeddings(),
        "max_tokens must be between 1 and the model's limit of %s, got %s"
            .formatted(model.maxPositionEmbeddings(), maxTokens));
    FakeGenerationSession session = new FakeGenerationSession(this, slots, maxTokens);
    sessions.add(session);
    return session;
  }

  @Override
  public <T> T during(String what, Runnable stop, Supplier<T> calls) {
    return guard.claim(what, stop, calls);
  }

  @Override
  public void close() {
    guard.close(() -> sessions.forEach(FakeGenerationSession::close));
  }

  float[] logitsAfter(int token) {
    return logits[token];
  }

  static void check(boolean condition, String message) {
    if (!condition) {
      throw new EngineException(message);
    }
  }

  private void checkOpen() {
    guard.run("call", () -> {}); // every method is short, so that this is the whole of it
  }

  private void checkNoRequests(String what) {
    int open = sessions.stream().mapToInt(FakeGenerationSession::openRequests).sum();
    if (open > 0) {
      throw new IllegalStateException(
          "%s would change the weights that %s open requests are answered with"
              .formatted(what, open));
    }
  }

  private void beginStep() {
    gradients = new double[model.vocabSize()][model.vocabSize()];
    lossSums = new double[config.sources().size()];
    labelTokens = new long[config.sources().size()];
    stepWeight = 0;
    stepTokens = 0;
  }

  private void validate(MicroBatch batch) {
    check(batch.documents() > 0, "a micro-batch needs at least one token and one document");
    int[] offsets = batch.documentOffsets();
    for (int d = 0; d < batch.documents(); d++) {
      int length = offsets[d + 1] - offsets[d];
      check(
          length <= model.maxPositionEmbeddings(),
          "document %s of the micro-batch has %s tokens, the model's limit is %s"
              .formatted(d, length, model.maxPositionEmbeddings()));
      int source = batch.documentSources()[d];
      check(
          source >= 0 && source < sources().size(),
          "document %s has source %s, expected 0 to %s".formatted(d, source, sources().size() - 1));
    }
    for (int t = 0; t < batch.tokens(); t++) {
      checkId("token id", batch.tokenIds()[t], t);
      if (batch.labels()[t] != MicroBatch.IGNORE_INDEX) {
        checkId("label", batch.labels()[t], t);
      }
    }
  }

  private void checkId(String kind, int id, int position) {
    check(
        id >= 0 && id < model.vocabSize(),
        "%s %s at position %s is outside the vocabulary of %s"
            .formatted(kind, id, position, model.vocabSize()));
  }

  /**
   * Cross-entropy of each label given the token at its position; its gradient is softmax minus
   * one-hot.
   */
  private void addLosses(MicroBatch batch, double[] sums, long[] counts, double gradientScale) {
    for (int d = 0; d < batch.documents(); d++) {
      int source = batch.documentSources()[d];
      for (int t = batch.documentOffsets()[d]; t < batch.documentOffsets()[d + 1]; t++) {
        int label = batch.labels()[t];
        if (label == MicroBatch.IGNORE_INDEX) {
          continue;
        }
        int token = batch.tokenIds()[t];
        double[] probabilities = softmax(logits[token], 1);
        sums[source] -= Math.log(probabilities[label]);
        counts[source]++;
        for (int v = 0; v < probabilities.length; v++) {
          gradients[token][v] += gradientScale * (probabilities[v] - (v == label ? 1 : 0));
        }
      }
    }
  }

  static double[] softmax(float[] logits, double temperature) {
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double[] probabilities = new double[logits.length];
    double sum = 0;
    for (int v = 0; v < logits.length; v++) {
      probabilities[v] = Math.exp((logits[v] - max) / temperature);
      sum += probabilities[v];
    }
    for (int v = 0; v < logits.length; v++) {
      probabilities[v] /= sum;
    }
    return probabilities;
  }

  private double gradientNorm() {
    double squares = 0;
    for (double[] row : gradients) {
      for (double g : row) {
        squares += g * g;
      }
    }
    return Math.sqrt(squares);
  }

  private void descend(double learningRate, double norm) {
    double limit = config.maxGradientNorm();
    double scale = limit > 0 && norm > limit ? limit / norm : 1;
    for (int r = 0; r < logits.length; r++) {
      for (int c = 0; c < logits.length; c++) {
        logits[r][c] -= (float) (RATE_SCALE * learningRate * scale * gradients[r][c]);
      }
    }
  }

  private void writeTo(Path folder) throws IOException {
    JSON.writeValue(folder.resolve("config.json").toFile(), model);
    try (DataOutputStream out =
        new DataOutputStream(Files.newOutputStream(folder.resolve("model.fake")))) {
      for (float[] row : logits) {
        for (float value : row) {
          out.writeFloat(value);
        }
      }
    }
  }

  private List<SourceLoss> losses(double[] sums, long[] counts) {
    List<SourceLoss> losses = new ArrayList<>();
    for (int s = 0; s < sources().size(); s++) {
      losses.add(new SourceLoss(sources().get(s), sums[s], counts[s]));
    }
    return losses;
  }
}
