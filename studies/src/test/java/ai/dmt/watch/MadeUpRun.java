package ai.dmt.watch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/** A run that was not made: lines of metrics whose loss falls, with the noise that steps have. */
final class MadeUpRun {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Random random = new Random(7);
  private final long steps;

  MadeUpRun(long steps) {
    this.steps = steps;
  }

  /** The line of a step. */
  ObjectNode step(long step) {
    double done = (double) step / steps;
    double loss = 0.8 + 2 * Math.exp(-3 * done) + 0.05 * random.nextGaussian();
    ObjectNode line = JSON.createObjectNode();
    line.put("type", "step").put("stage", "all").put("step", step).put("total_steps", steps);
    line.put("epoch", done).put("loss", loss);
    line.putObject("sources").putObject("math").put("loss", loss).put("label_tokens", 90);
    line.withObject("/sources").putObject("code").put("loss", loss).put("label_tokens", 30);
    line.put("grad_norm", 1 + 0.3 * random.nextDouble());
    line.put("learning_rate", 1e-3 * (1 - 0.5 * done));
    line.put("tokens", 200).put("label_tokens", 120).put("step_ms", 20);
    line.put("tokens_per_s", 10_000 + 500 * random.nextGaussian());
    line.put("resident_bytes", (1L << 30) + (step << 20));
    return line.put("label_tokens_per_s", 6000);
  }

  /** Lines of all steps, some changed. */
  List<String> lines(UnaryOperator<ObjectNode> change) {
    List<String> lines = new ArrayList<>();
    for (long step = 1; step <= steps; step++) {
      lines.add(change.apply(step(step)).toString());
    }
    return lines;
  }

  static String evaluation(long step, long total, double loss) {
    return "{\"type\":\"evaluation\",\"step\":%s,\"total_steps\":%s,\"epoch\":0,\"loss\":%s,\"sources\":{\"math\":{\"loss\":%s,\"label_tokens\":9}}}"
        .formatted(step, total, loss, loss);
  }

  static void append(Path run, String text) {
    try {
      Files.createDirectories(run);
      Files.writeString(
          run.resolve("metrics.jsonl"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void appendSteps(Path run, long from, long to) {
    StringBuilder text = new StringBuilder();
    for (long step = from; step <= to; step++) {
      text.append(step(step)).append('\n');
    }
    append(run, text.toString());
  }
}
