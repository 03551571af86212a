package ai.dmt.study;

import ai.dmt.internal.text.Units;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * Says in one short line how far a study is: tasks done, the time that is left, and what is worked
 * on, by whichever processes. The time is known once something of each kind of work that is left
 * has been done: the work of what is left, at the speed of what is done, shared out to as many as
 * work at once, and no shorter than the longest chain of tasks that wait for each other.
 */
public final class StudyProgress {
  private final List<StudyTask> tasks;
  private final StudyFolder folder;
  private final int jobs;
  private final Map<String, Double> seconds = new HashMap<>(); // of done tasks, by key
  private final Map<String, Long> began = new HashMap<>(); // when a task was first seen at work

  /**
   * Makes one.
   *
   * @param run whose tasks are counted
   * @param folder of the study
   * @param jobs that work at once; 0 for as many as are seen at work
   */
  public StudyProgress(StudyRun run, StudyFolder folder, int jobs) {
    this(run.tasks(), folder, jobs);
  }

  /** Of some tasks, in an order in which needs come before those that need them. */
  StudyProgress(List<StudyTask> tasks, StudyFolder folder, int jobs) {
    this.tasks = tasks;
    this.folder = folder;
    this.jobs = jobs;
  }

  /**
   * {@return the line, without its end}
   *
   * @throws IOException if the folder cannot be read, or its scheduler cannot be asked
   */
  public String line() throws IOException {
    return line(StudyStatus.of(tasks, folder));
  }

  /**
   * {@return the line of a status that is known}
   *
   * @param status of the same study
   */
  public String line(StudyStatus status) {
    int all = status.tasks().size();
    long over = status.tasks().stream().filter(task -> isOver(task.state())).count();
    long failed = status.count(StudyStatus.State.FAILED);
    String running =
        status.tasks().stream()
            .filter(task -> task.state() == StudyStatus.State.RUNNING)
            .map(StudyStatus.Task::label)
            .collect(Collectors.joining("; "));
    OptionalDouble left = secondsLeft(status);
    return Units.format(
        "%d %%  %d/%d tasks%s%s%s",
        all == 0 ? 100 : 100 * over / all,
        over,
        all,
        left.isEmpty()
            ? ""
            : "  %s left"
                .formatted(Units.time(Duration.ofMillis((long) (1000 * left.getAsDouble())))),
        failed == 0 ? "" : "  %s failed".formatted(failed),
        running.isEmpty() ? "" : "  " + running);
  }

  private static boolean isOver(StudyStatus.State state) {
    return state == StudyStatus.State.DONE
        || state == StudyStatus.State.MISSING
        || state == StudyStatus.State.FAILED;
  }

  /** Empty where something is left of a kind that was never done. */
  OptionalDouble secondsLeft(StudyStatus status) {
    Map<String, StudyStatus.State> states = new HashMap<>();
    status.tasks().forEach(task -> states.put(task.key(), task.state()));
    Speeds speeds = new Speeds();
    for (StudyTask task : tasks) {
      if (states.get(task.key()) == StudyStatus.State.DONE) {
        speeds.add(task.load(), seconds.computeIfAbsent(task.key(), key -> took(task)));
      }
    }
    Map<String, Double> chains = new HashMap<>(); // seconds until a task is done, by key
    double sum = 0;
    double longest = 0;
    for (StudyTask task : tasks) { // needs come before those that need them
      StudyStatus.State state = states.getOrDefault(task.key(), StudyStatus.State.OPEN);
      boolean lost =
          state != StudyStatus.State.DONE
              && (isOver(state) || task.needs().stream().anyMatch(n -> isLost(chains, n)));
      double own = lost || isOver(state) ? 0 : own(task, state, speeds);
      if (Double.isNaN(own)) {
        return OptionalDouble.empty();
      }
      double before =
          task.needs().stream().mapToDouble(n -> chains.getOrDefault(n, 0.0)).max().orElse(0);
      chains.put(task.key(), lost ? Double.POSITIVE_INFINITY : own + before);
      sum += own;
      longest = lost ? longest : Math.max(longest, own + before);
    }
    long atOnce = jobs > 0 ? jobs : Math.max(1, status.count(StudyStatus.State.RUNNING));
    return OptionalDouble.of(Math.max(longest, sum / atOnce));
  }

  private static boolean isLost(Map<String, Double> chains, String key) {
    return chains.getOrDefault(key, 0.0).isInfinite();
  }

  /** What a task that is not done still takes; NaN where nobody knows. */
  private double own(StudyTask task, StudyStatus.State state, Speeds speeds) {
    double whole = speeds.seconds(task.load());
    if (state != StudyStatus.State.RUNNING) {
      return whole;
    }
    long now = System.nanoTime();
    double since = (now - began.computeIfAbsent(task.key(), key -> now)) * 1e-9;
    return Double.isNaN(whole) ? whole : Math.max(0, whole - since);
  }

  /** NaN of a task that does not say. */
  private static double took(StudyTask task) {
    Path file = task.folder().resolve(StudyTiming.FILE);
    JsonNode read = Files.exists(file) ? StudyTiming.read(file).path("seconds") : null;
    return read == null ? Double.NaN : read.asDouble(Double.NaN);
  }

  /** Seconds of work of each kind. */
  private static final class Speeds {
    private final Map<String, double[]> byKind = new HashMap<>(); // amount, seconds
    private final Map<String, double[]> bySize = new HashMap<>();

    void add(StudyTask.Load load, double seconds) {
      if (!Double.isNaN(seconds)) {
        add(byKind, load.kind(), load.amount() * load.cost(), seconds);
        add(bySize, key(load), load.amount(), seconds);
      }
    }

    private static void add(Map<String, double[]> sums, String key, double amount, double seconds) {
      double[] sum = sums.computeIfAbsent(key, each -> new double[2]);
      sum[0] += amount;
      sum[1] += seconds;
    }

    /** Of the same size where there is one: small models are slower than their parameters say. */
    double seconds(StudyTask.Load load) {
      if (load.amount() == 0) {
        return 0;
      }
      double[] same = bySize.get(key(load));
      if (same != null) {
        return load.amount() * same[1] / same[0];
      }
      double[] other = byKind.get(load.kind());
      return other == null ? Double.NaN : load.amount() * load.cost() * other[1] / other[0];
    }

    private static String key(StudyTask.Load load) {
      return load.kind() + "\n" + load.cost();
    }
  }
}
