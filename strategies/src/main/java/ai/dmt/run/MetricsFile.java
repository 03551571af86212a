package ai.dmt.run;

import ai.dmt.engine.DeviceConfig;
import ai.dmt.engine.NativeRuntime;
import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.ProcessMemory;
import ai.dmt.train.Evaluation;
import ai.dmt.train.MixtureDecision;
import ai.dmt.train.Progress;
import ai.dmt.train.RankSpeed;
import ai.dmt.train.TrainingListener;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Writes {@code metrics.jsonl}: one object per step, per evaluation and so on, each flushed at
 * once, so that a run that dies leaves what it measured. The fields are described in cli/README.md.
 *
 * <p>A run of hours need not end because its disk is full or gone: who makes one says what happens
 * when a line cannot be written, and the file ends there.
 */
public final class MetricsFile implements TrainingListener, Closeable {
  /** Its name in the output folder. */
  public static final String NAME = "metrics.jsonl";

  private static final String DECISION = "decision";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Writer NOTHING = Writer.nullWriter();

  private final Path file;
  private Writer writer;
  private final Consumer<UncheckedIOException> failures;
  private DeviceConfig device = DeviceConfig.CPU;
  private boolean failed;
  private long lastStep; // that a line was written of

  /**
   * Starts a new file; an older one is replaced. A line that cannot be written is thrown.
   *
   * @param file whose folder is there
   * @throws IOException if the file cannot be made
   */
  public MetricsFile(Path file) throws IOException {
    this(
        file,
        FileOutput.writer(file),
        failure -> {
          throw failure;
        });
  }

  /**
   * Goes on with a file: what it holds of later steps, and a line that was cut off, is dropped.
   *
   * @param file whose folder is there
   * @param step that the run goes on after; 0 starts a new file
   * @param failures told once if a line cannot be written; nothing is written after it
   * @return the file, behind the lines up to that step
   * @throws IOException if the file cannot be read or made
   */
  public static MetricsFile after(Path file, long step, Consumer<UncheckedIOException> failures)
      throws IOException {
    return after(file, step, 0, failures);
  }

  /**
   * The same for a run that has made decisions about its mixtures.
   *
   * @param decisions that it has made so far; lines of later ones are dropped
   */
  static MetricsFile after(
      Path file, long step, int decisions, Consumer<UncheckedIOException> failures)
      throws IOException {
    if (step == 0 || !Files.exists(file)) {
      return new MetricsFile(file, FileOutput.writer(file), failures);
    }
    int[] known = {decisions};
    keep(file, line -> isDecision(line) ? known[0]-- > 0 : isUpTo(line, step));
    Writer writer = FileOutput.writer(file, StandardOpenOption.APPEND);
    return new MetricsFile(file, writer, failures);
  }

  private static void keep(Path file, Predicate<String> lines) throws IOException {
    Path kept = file.resolveSibling("." + NAME + ".tmp");
    try (BufferedReader reader = Files.newBufferedReader(file);
        BufferedWriter writer = FileOutput.writer(kept)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (lines.test(line)) {
          writer.write(line + "\n");
        }
      }
    }
    Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * The last step of each stage, in their order.
   *
   * @param file of a run; none has no stages
   */
  static List<Long> stageEnds(Path file) throws IOException {
    Map<String, Long> ends = new LinkedHashMap<>();
    if (Files.exists(file)) {
      try (BufferedReader lines = Files.newBufferedReader(file)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (isUpTo(line, Long.MAX_VALUE - 1)) {
            JsonNode read = JSON.readTree(line);
            if (read.has("stage") && !read.path("type").asText().equals(DECISION)) {
              ends.put(read.path("stage").asText(), read.path("step").asLong());
            }
          }
        }
      }
    }
    return List.copyOf(ends.values());
  }

  private static boolean isDecision(String line) {
    return typeOf(line).equals(DECISION);
  }

  private static String typeOf(String line) {
    try {
      return JSON.readTree(line).path("type").asText();
    } catch (JsonProcessingException e) {
      return ""; // the run was killed within the line
    }
  }

  private static boolean isUpTo(String line, long step) {
    try {
      return JSON.readTree(line).path("step").asLong(Long.MAX_VALUE) <= step;
    } catch (JsonProcessingException e) {
      return false; // the run was killed within the line
    }
  }

  MetricsFile(Path file, Writer writer, Consumer<UncheckedIOException> failures) {
    this.file = file;
    this.writer = writer;
    this.failures = failures;
  }

  /**
   * Has each step's line say how much of a GPU is in use, beside this process's own memory.
   *
   * @param computes device of the run, of a process's own number; nothing more is said of a CPU
   */
  public void countMemoryOf(DeviceConfig computes) {
    device = computes;
  }

  /** Of a rank that another one writes for. */
  static MetricsFile none() {
    return new MetricsFile(Path.of(NAME), NOTHING, failure -> {});
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    double seconds = Math.max(progress.stepTime().toNanos(), 1) * 1e-9;
    lastStep = progress.step();
    ObjectNode line = line("step", progress);
    line.put("loss", metrics.loss());
    putSources(line, metrics.sources());
    line.put("grad_norm", metrics.gradientNorm());
    line.put("learning_rate", progress.learningRate());
    line.put("tokens", metrics.tokens());
    line.put("label_tokens", metrics.labelTokens());
    line.put("step_ms", rounded(seconds * 1e3));
    line.put("tokens_per_s", rounded(metrics.tokens() / seconds));
    line.put("label_tokens_per_s", rounded(metrics.labelTokens() / seconds));
    putMemory(line);
    write(line);
  }

  @Override
  public void onRankSpeed(Progress progress, RankSpeed speed) {
    write(
        line("rank_speed", progress)
            .put("rank", speed.rank())
            .put("name", speed.name())
            .put("slow", speed.slow())
            .put("work_ms", rounded(speed.seconds() * 1e3))
            .put("others_work_ms", rounded(speed.othersSeconds() * 1e3)));
  }

  @Override
  public void onEvaluation(Progress progress, Evaluation evaluation) {
    ObjectNode line = line("evaluation", progress);
    line.put("loss", evaluation.loss());
    putSources(line, evaluation.sources());
    write(line);
  }

  /**
   * A line for each decision. Where the run has gone back, the lines of steps that are made again
   * go: the file is of the steps that the model has gone through.
   */
  @Override
  public void onDecision(Progress progress, List<MixtureDecision> made) {
    if (progress.step() < lastStep) {
      goBack(progress.step());
    }
    made.forEach(each -> write(line(progress, each)));
  }

  private static ObjectNode line(Progress progress, MixtureDecision decision) {
    return line(DECISION, progress)
        .put("source", decision.source())
        .put("share", decision.share())
        .put("decided_step", decision.decidedStep());
  }

  /** To a step whose held-out loss is told again. */
  private void goBack(long step) {
    if (writer == NOTHING || failed) {
      return;
    }
    try {
      writer.close();
      keep(
          file,
          line ->
              isDecision(line)
                  || isUpTo(line, step - 1)
                  || (isUpTo(line, step) && typeOf(line).equals("step")));
      writer = FileOutput.writer(file, StandardOpenOption.APPEND);
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      fail(e);
    }
  }

  private static ObjectNode line(String type, Progress progress) {
    ObjectNode line = JSON.createObjectNode().put("type", type);
    if (!progress.stage().name().isEmpty()) { // before the first step there is none
      line.put("stage", progress.stage().name());
    }
    return line.put("step", progress.step())
        .put("total_steps", progress.totalSteps())
        .put("epoch", progress.epoch());
  }

  private static void putSources(ObjectNode line, List<SourceLoss> losses) {
    ObjectNode sources = line.putObject("sources");
    for (SourceLoss loss : losses) {
      if (loss.labelTokens() > 0) {
        sources
            .putObject(loss.source())
            .put("loss", loss.mean())
            .put("label_tokens", loss.labelTokens());
      }
    }
  }

  private void putMemory(ObjectNode line) {
    if (writer == NOTHING) {
      return;
    }
    ProcessMemory.NOW.ofThis().ifPresent(bytes -> line.put("resident_bytes", bytes));
    if (device.isCuda()) {
      line.put("gpu_bytes", NativeRuntime.gpuBytesInUse(device.index()));
    }
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }

  private void write(ObjectNode line) {
    if (failed) {
      return;
    }
    try {
      writer.write(line + "\n");
      writer.flush();
    } catch (IOException e) {
      fail(e);
    }
  }

  private void fail(IOException e) {
    if (!failed) {
      failed = true;
      failures.accept(
          new UncheckedIOException("%s cannot be written: %s".formatted(file, Disk.reason(e)), e));
    }
  }
}
