package ai.dmt.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the metrics of a run come to, read while they are written; its size does not grow with the
 * run.
 */
final class RunMetrics {
  /** Sources that have a curve of their own. */
  static final int MOST_SOURCES = 8;

  private static final int ETA_STEPS = 256;
  private static final double GIB = 1L << 30;

  private final Supplier<Path> path;
  private final FollowedFile file;
  private Alerts alerts = new Alerts();
  private Curve loss = new Curve();
  private Curve norm = new Curve();
  private Curve rate = new Curve();
  private Curve speed = new Curve();
  private Curve resident = new Curve(); // of the process, in GiB
  private Curve gpu = new Curve();
  private Map<String, Curve> bySource = new LinkedHashMap<>();
  private Map<String, Curve> heldOut = new LinkedHashMap<>();
  private Map<String, Map<String, Long>> labelTokens = new LinkedHashMap<>(); // by stage, source
  private Map<String, Long> starts = new LinkedHashMap<>(); // first step by stage
  private Window seconds = new Window(ETA_STEPS);
  private @Nullable MetricLine last; // null before the first step
  private long tokens;
  private double trained; // seconds

  /** Of a run. @param path where its metrics are now */
  RunMetrics(Supplier<Path> path) {
    this.path = path;
    this.file = new FollowedFile(path);
  }

  /** Reads on. @param onLine takes each new line as it is @return whether there was something */
  boolean read(Consumer<String> onLine) throws IOException {
    return file.read(
            this::forget,
            line -> MetricLine.parse(line).ifPresent(read -> take(line, read, onLine)))
        != FollowedFile.Found.NOTHING_NEW;
  }

  private void take(String text, MetricLine line, Consumer<String> onLine) {
    add(line);
    onLine.accept(text);
  }

  private void forget() {
    alerts = new Alerts();
    loss = new Curve();
    norm = new Curve();
    rate = new Curve();
    speed = new Curve();
    resident = new Curve();
    gpu = new Curve();
    bySource = new LinkedHashMap<>();
    heldOut = new LinkedHashMap<>();
    labelTokens = new LinkedHashMap<>();
    starts = new LinkedHashMap<>();
    seconds = new Window(ETA_STEPS);
    last = null;
    tokens = 0;
    trained = 0;
  }

  private void add(MetricLine line) {
    alerts.add(line);
    if (line.evaluation()) {
      line.sources().forEach((name, each) -> curve(heldOut, name, line.step(), each));
      return;
    }
    last = line;
    starts.putIfAbsent(line.stage(), line.step());
    loss.add(line.step(), line.loss(), 1);
    norm.add(line.step(), line.gradientNorm(), 1);
    rate.add(line.step(), line.learningRate(), 1);
    speed.add(line.step(), line.tokensPerSecond(), 1);
    resident.add(line.step(), line.residentBytes() / GIB, 1);
    gpu.add(line.step(), line.gpuBytes() / GIB, 1);
    line.sources().forEach((name, each) -> curve(bySource, name, line.step(), each));
    Map<String, Long> counts =
        labelTokens.computeIfAbsent(line.stage(), stage -> new LinkedHashMap<>());
    line.sources().forEach((name, each) -> counts.merge(name, each.labelTokens(), Long::sum));
    tokens += line.tokens();
    if (line.stepMillis() > 0) {
      trained += line.stepMillis() / 1000;
      seconds.add(line.stepMillis() / 1000);
    }
  }

  private static void curve(
      Map<String, Curve> curves, String name, long step, MetricLine.SourceLoss loss) {
    if (curves.containsKey(name) || curves.size() < MOST_SOURCES) {
      curves.computeIfAbsent(name, each -> new Curve()).add(step, loss.loss(), loss.labelTokens());
    }
  }

  /** When the last line was written, by the clock of the system; empty without a file. */
  Optional<Long> changedMillis() throws IOException {
    try {
      return Optional.of(Files.getLastModifiedTime(path.get()).toMillis());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  Optional<MetricLine> last() {
    return Optional.ofNullable(last);
  }

  Alerts alerts() {
    return alerts;
  }

  Curve loss() {
    return loss;
  }

  Curve norm() {
    return norm;
  }

  Curve rate() {
    return rate;
  }

  Curve speed() {
    return speed;
  }

  /** Memory of the process that trains, in GiB. */
  Curve resident() {
    return resident;
  }

  /** Memory in use of its GPU, in GiB. */
  Curve gpu() {
    return gpu;
  }

  Map<String, Curve> bySource() {
    return bySource;
  }

  Map<String, Curve> heldOut() {
    return heldOut;
  }

  /** Label tokens so far, by stage and source. */
  Map<String, Map<String, Long>> labelTokens() {
    return labelTokens;
  }

  /** First steps of the stages. */
  Map<String, Long> starts() {
    return starts;
  }

  List<Long> startSteps() {
    return new ArrayList<>(starts.values());
  }

  long tokens() {
    return tokens;
  }

  /**
   * Seconds of training so far, and those that are left by the usual step; NaN before the first.
   */
  double trainedSeconds() {
    return trained;
  }

  double secondsLeft() {
    MetricLine newest = last;
    return newest == null
        ? Double.NaN
        : seconds.median() * Math.max(0, newest.totalSteps() - newest.step());
  }
}
