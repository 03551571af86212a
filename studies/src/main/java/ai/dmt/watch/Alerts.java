package ai.dmt.watch;

import ai.dmt.internal.text.Units;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what somebody should look at in the metrics of a run. A pure function of lines and
 * surroundings, in memory that does not grow with the run; each rule is said in docs/watch.md with
 * its reason.
 *
 * <pre>{@code
 * List<Alert> alerts = Alerts.of(Files.readAllLines(run.resolve("metrics.jsonl")), Surroundings.NONE);
 * }</pre>
 */
public final class Alerts {
  /** Robust deviations above the median, and ratios to it and to the greatest of the window. */
  private static final double DEVIATIONS = 8;

  private static final double SPIKE_RATIO = 1.5;
  private static final double SPIKE_GREATEST = 1.75;
  private static final int LEAST_OF_SOURCE = 8; // losses of a source, before which none is expected

  /** Gradient norms differ by factors from step to step, so a ratio decides. */
  private static final double GRADIENT_RATIO = 10;

  private static final double GRADIENT_GREATEST = 2;

  /** A stall is so many usual steps long, and no shorter than an evaluation or a save may take. */
  private static final double STALL_STEPS = 20;

  private static final double STALL_SECONDS = 60;

  /** Recent steps whose median speed is compared with that of the stage before them. */
  private static final int SPEED_STEPS = 32;

  private static final double SPEED_SHARE = 0.6;

  /** A plateau is two stretches, each of such a share of the run, and of so many steps at least. */
  private static final double PLATEAU_SHARE = 0.15;

  private static final long PLATEAU_STEPS = 100;
  private static final double PLATEAU_FALL = 0.01;
  private static final double ERRORS = 2; // standard errors of 95 %
  private static final double LEAST_RATE =
      0.1; // of the stage's peak, below which nothing is learnt

  private final Outliers losses =
      new Outliers(DEVIATIONS, SPIKE_RATIO, SPIKE_GREATEST, Double.POSITIVE_INFINITY);
  private final Outliers norms =
      new Outliers(DEVIATIONS, GRADIENT_RATIO, GRADIENT_GREATEST, GRADIENT_RATIO);
  private final Map<String, Window> sourceLosses = new HashMap<>(); // of this stage
  private final Window stepSeconds = new Window(256);
  private final Window recentSpeed = new Window(SPEED_STEPS);
  private final Stretch stageSpeed = new Stretch();
  private final Stretch stageLoss = new Stretch();
  private @Nullable MetricLine last; // null before the first step
  private @Nullable MetricLine notFinite; // the first such line
  private double peakRate;

  /** Makes a watch that has seen nothing. */
  public Alerts() {}

  /**
   * Looks at a whole run.
   *
   * @param lines of metrics.jsonl; what is no line of metrics is passed over
   * @param surroundings of the run now
   * @return what somebody should look at, the most urgent first
   */
  public static List<Alert> of(Iterable<String> lines, Surroundings surroundings) {
    Alerts alerts = new Alerts();
    lines.forEach(line -> MetricLine.parse(line).ifPresent(alerts::add));
    return alerts.now(surroundings);
  }

  /**
   * Looks at the next line.
   *
   * @param line of the same run
   */
  public void add(MetricLine line) {
    if (notFinite == null && !isFinite(line)) {
      notFinite = line;
    }
    if (line.evaluation()) {
      return;
    }
    if (last == null || !last.stage().equals(line.stage())) {
      losses.restart();
      sourceLosses.clear();
      norms.restart();
      recentSpeed.clear();
      stageSpeed.clear();
      stageLoss.clear();
      peakRate = 0;
    }
    last = line;
    if (Double.isFinite(line.loss())) {
      addLoss(line);
      stageLoss.add(line.loss());
    }
    if (Double.isFinite(line.gradientNorm())) {
      norms.add(line.step(), line.gradientNorm());
    }
    if (line.stepMillis() > 0) {
      stepSeconds.add(line.stepMillis() / 1000);
    }
    if (line.tokensPerSecond() > 0) {
      recentSpeed.add(line.tokensPerSecond());
      stageSpeed.add(line.tokensPerSecond());
    }
    peakRate = Math.max(peakRate, line.learningRate());
  }

  /**
   * A step of hard sources alone has a high loss and is no spike: what is expected of a step is the
   * mean of its sources' medians, each by its label tokens.
   */
  private void addLoss(MetricLine line) {
    double sum = 0;
    double weights = 0;
    boolean known = !line.sources().isEmpty();
    for (Map.Entry<String, MetricLine.SourceLoss> source : line.sources().entrySet()) {
      Window window =
          sourceLosses.computeIfAbsent(source.getKey(), name -> new Window(Outliers.WINDOW));
      known &= window.size() >= LEAST_OF_SOURCE;
      sum += source.getValue().labelTokens() * window.median();
      weights += source.getValue().labelTokens();
      if (Double.isFinite(source.getValue().loss())) {
        window.add(source.getValue().loss());
      }
    }
    if (known && sum > 0) {
      losses.add(line.step(), line.loss(), sum / weights);
    }
  }

  private static boolean isFinite(MetricLine line) {
    return Double.isFinite(line.loss())
        && (line.evaluation() || Double.isFinite(line.gradientNorm()))
        && line.sources().values().stream().allMatch(source -> Double.isFinite(source.loss()));
  }

  /** {@return seconds that a step usually takes; NaN before the first} */
  public double usualStepSeconds() {
    return stepSeconds.median();
  }

  /** {@return seconds of silence that are no usual pause} */
  public double stallSeconds() {
    double usual = usualStepSeconds();
    return Math.max(STALL_SECONDS, Double.isNaN(usual) ? 0 : STALL_STEPS * usual);
  }

  /**
   * Looks at the whole.
   *
   * @param surroundings of the run now
   * @return what somebody should look at, the most urgent first
   */
  public List<Alert> now(Surroundings surroundings) {
    List<Alert> alerts = new ArrayList<>();
    MetricLine newest = last;
    addNotFinite(alerts);
    if (newest != null) {
      addOutliers(alerts);
      addStall(alerts, newest, surroundings);
      if (newest.step() < newest.totalSteps()) {
        addSlowdown(alerts, newest);
        addPlateau(alerts, newest);
      }
    }
    addDisk(alerts, newest == null ? 0 : newest.step(), surroundings);
    alerts.sort(Comparator.comparing(Alert::kind));
    return alerts;
  }

  private void addNotFinite(List<Alert> alerts) {
    MetricLine line = notFinite;
    if (line != null) {
      alerts.add(
          new Alert(
              Alert.Kind.NOT_FINITE,
              line.step(),
              "loss %s, gradient norm %s".formatted(text(line.loss()), text(line.gradientNorm())),
              "finite numbers",
              "Lower the learning rate or lengthen the warm-up, look at the data of this step, and"
                  + " go on from a checkpoint before it."));
    }
  }

  private void addOutliers(List<Alert> alerts) {
    for (Outliers.Outlier spike : losses.found()) {
      alerts.add(
          new Alert(
              Alert.Kind.SPIKE,
              spike.first(),
              "loss %s%s".formatted(text(spike.worst()), until(spike)),
              text(spike.usual()),
              "One step alone is mostly odd data; if the loss stays up, lower the learning rate and"
                  + " go on from a checkpoint before it."));
    }
    for (Outliers.Outlier norm : norms.found()) {
      alerts.add(
          new Alert(
              Alert.Kind.GRADIENT,
              norm.first(),
              "gradient norm %s%s".formatted(text(norm.worst()), until(norm)),
              text(norm.usual()),
              "Lower the learning rate, lengthen the warm-up or clip at a lower norm."));
    }
  }

  private static String until(Outliers.Outlier outlier) {
    return outlier.last() > outlier.first() ? " at most, until step " + outlier.last() : "";
  }

  private void addStall(List<Alert> alerts, MetricLine newest, Surroundings surroundings) {
    boolean expected = surroundings.running() && newest.step() < newest.totalSteps();
    if (expected && surroundings.silentSeconds() > stallSeconds()) {
      alerts.add(
          new Alert(
              Alert.Kind.STALL,
              newest.step(),
              "no step for " + Units.time(Duration.ofSeconds((long) surroundings.silentSeconds())),
              Units.format("a step in %s s", text(usualStepSeconds())),
              "Look at the run's log and whether its processes work (top, nvidia-smi); a rank that"
                  + " waits for others says so after its time limit. --resume auto goes on from the"
                  + " newest checkpoint."));
    }
  }

  private void addSlowdown(List<Alert> alerts, MetricLine newest) {
    long before = stageSpeed.size() - recentSpeed.size();
    if (recentSpeed.size() < SPEED_STEPS || before < 2 * SPEED_STEPS) {
      return;
    }
    double usual = stageSpeed.mean(0, before).mean();
    double now = recentSpeed.median();
    if (now < SPEED_SHARE * usual) {
      alerts.add(
          new Alert(
              Alert.Kind.THROUGHPUT,
              newest.step(),
              Units.format("%,.0f tokens/s", now),
              Units.format("%,.0f tokens/s", usual),
              "Look for other work on the machine, a processor or GPU that is too hot, and a disk"
                  + " that is busy."));
    }
  }

  private void addPlateau(List<Alert> alerts, MetricLine newest) {
    long steps = Math.max(PLATEAU_STEPS, (long) (PLATEAU_SHARE * newest.totalSteps()));
    long size = stageLoss.size();
    if (size < 2 * steps || newest.learningRate() < LEAST_RATE * peakRate) {
      return;
    }
    Stretch.Mean earlier = stageLoss.mean(size - 2 * steps, size - steps);
    Stretch.Mean later = stageLoss.mean(size - steps, size);
    double most = // that the loss may have fallen by, with the noise of its steps
        earlier.mean() - later.mean() + ERRORS * Math.hypot(earlier.error(), later.error());
    if (most < PLATEAU_FALL * earlier.mean()) {
      alerts.add(
          new Alert(
              Alert.Kind.PLATEAU,
              newest.step(),
              "loss %s over the last %s steps".formatted(text(later.mean()), Units.count(steps)),
              "%s over as many before them".formatted(text(earlier.mean())),
              "If the held-out loss does not fall either, the stage has learnt what it can: stop"
                  + " it, or change the learning rate."));
    }
  }

  private static void addDisk(List<Alert> alerts, long step, Surroundings surroundings) {
    boolean known = surroundings.freeBytes() >= 0 && surroundings.neededBytes() >= 0;
    if (known && surroundings.freeBytes() < surroundings.neededBytes()) {
      alerts.add(
          new Alert(
              Alert.Kind.DISK,
              step,
              Units.bytes(surroundings.freeBytes()) + " free",
              "%s for checkpoints and models to come"
                  .formatted(Units.bytes(surroundings.neededBytes())),
              "Free space, or stop the run and go on with fewer checkpoints"
                  + " (training.save_total_limit, training.save_steps)."));
    }
  }

  /** Four significant digits. */
  static String text(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    double size = Math.abs(value);
    if (size == 0 || size >= 1e-3 && size < 1e6) {
      int decimals = size == 0 ? 0 : Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
      return Units.format("%." + decimals + "f", value);
    }
    return Units.format("%.3g", value);
  }
}
