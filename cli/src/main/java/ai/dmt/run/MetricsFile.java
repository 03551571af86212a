package ai.dmt.run;

import ai.dmt.engine.SourceLoss;
import ai.dmt.engine.StepMetrics;
import ai.dmt.train.Evaluation;
import ai.dmt.train.Progress;
import ai.dmt.train.TrainingListener;
import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.util.List;

/**
 * Writes {@code metrics.jsonl}: one object per step and per evaluation, each flushed at once, so
 * that a run that dies leaves what it measured. The fields are described in cli/README.md.
 */
public final class MetricsFile implements TrainingListener, Closeable {
  /** Its name in the output folder. */
  public static final String NAME = "metrics.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Writer writer;

  /** Starts a new file; an older one is replaced. */
  public MetricsFile(Path file) throws IOException {
    this(file, Files.newBufferedWriter(file));
  }

  /**
   * Goes on with a file: what it holds of later steps, and a line that was cut off, is dropped.
   *
   * @param step that the run goes on after; 0 starts a new file
   */
  static MetricsFile after(Path file, long step) throws IOException {
    if (step == 0 || !Files.exists(file)) {
      return new MetricsFile(file);
    }
    Path kept = file.resolveSibling("." + NAME + ".tmp");
    try (BufferedReader lines = Files.newBufferedReader(file);
        BufferedWriter writer = Files.newBufferedWriter(kept)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (isUpTo(line, step)) {
          writer.write(line + "\n");
        }
      }
    }
    Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE);
    return new MetricsFile(file, Files.newBufferedWriter(file, StandardOpenOption.APPEND));
  }

  private static boolean isUpTo(String line, long step) {
    try {
      return JSON.readTree(line).path("step").asLong(Long.MAX_VALUE) <= step;
    } catch (JsonProcessingException e) {
      return false; // the run was killed within the line
    }
  }

  private MetricsFile(Path file, Writer writer) {
    this.file = file;
    this.writer = writer;
  }

  /** Of a rank that another one writes for. */
  static MetricsFile none() {
    return new MetricsFile(Path.of(NAME), Writer.nullWriter());
  }

  @Override
  public void onStep(Progress progress, StepMetrics metrics) {
    double seconds = Math.max(progress.stepTime().toNanos(), 1) * 1e-9;
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
    write(line);
  }

  @Override
  public void onEvaluation(Progress progress, Evaluation evaluation) {
    ObjectNode line = line("evaluation", progress);
    line.put("loss", evaluation.loss());
    putSources(line, evaluation.sources());
    write(line);
  }

  @Override
  public void close() throws IOException {
    writer.close();
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

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }

  private void write(ObjectNode line) {
    try {
      writer.write(line + "\n");
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
