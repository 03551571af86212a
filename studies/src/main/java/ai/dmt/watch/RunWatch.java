package ai.dmt.watch;

import ai.dmt.internal.text.Printable;
import ai.dmt.recipe.Recipe;
import ai.dmt.report.LiveBoard;
import ai.dmt.report.LivePage;
import ai.dmt.run.MetricsFile;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Follows the folder of one run, and shows it on a board. Of one thread. */
final class RunWatch {
  private final Place place;
  private final String name;
  private final List<LivePage.Link> links;
  private final RunMetrics metrics;
  private final DiskNeed need;
  private final ShownSamples samples = new ShownSamples();
  private final LiveBoard board = new LiveBoard();
  private List<Alert> alerts = List.of();
  private RunSnapshot snapshot;

  /** Where a run is, and what is known of it beside its metrics. */
  interface Place {
    /** The folder now; need not be there. */
    Path folder();

    /** What it says. @param silent whether nothing was written for longer than is usual */
    RunSnapshot look(boolean begun, boolean silent);

    /** That of a run of {@code dmt train}. */
    static Place ofRun(Path run) {
      return new Place() {
        @Override
        public Path folder() {
          return run;
        }

        @Override
        public RunSnapshot look(boolean begun, boolean silent) {
          return RunSnapshot.of(run, begun, silent);
        }
      };
    }
  }

  /**
   * Begins to follow.
   *
   * @param place of the run
   * @param name of the run
   * @param links to other pages
   */
  RunWatch(Place place, String name, List<LivePage.Link> links) {
    this.place = place;
    this.name = name;
    this.links = links;
    this.metrics = new RunMetrics(() -> place.folder().resolve(MetricsFile.NAME));
    this.need = new DiskNeed(place::folder);
    this.snapshot = place.look(false, false);
  }

  LiveBoard board() {
    return board;
  }

  RunMetrics metrics() {
    return metrics;
  }

  List<Alert> alerts() {
    return alerts;
  }

  RunSnapshot snapshot() {
    return snapshot;
  }

  /** Reads what is new, and shows it. */
  void look() {
    double silent = 0;
    Path folder = place.folder();
    try {
      if (!Files.isDirectory(folder) && metrics.last().isPresent()) {
        throw new IOException(folder + " is not there");
      }
      metrics.read(line -> board.tell("metrics", line));
      long changed = metrics.changedMillis().orElse(System.currentTimeMillis());
      silent = Math.max(0, System.currentTimeMillis() - changed) / 1000.0;
      boolean begun = metrics.last().isPresent();
      samples.look(folder, begun);
      snapshot = place.look(begun, silent > metrics.alerts().stallSeconds());
      alerts = metrics.alerts().now(surroundings(silent));
    } catch (IOException e) {
      snapshot = snapshot.gone(e);
    } catch (UncheckedIOException e) { // of a folder that is being listed
      snapshot = snapshot.gone(new IOException(Printable.reason(e), e));
    }
    board.show(page(silent));
  }

  private LivePage page(double silent) {
    return new RunPage(name, metrics, snapshot, silent, alerts, links).page(samples.section());
  }

  private Surroundings surroundings(double silent) throws IOException {
    boolean expected =
        Set.of(RunSnapshot.Phase.RUNNING, RunSnapshot.Phase.STALE).contains(snapshot.phase());
    Recipe recipe = snapshot.recipe();
    long needed =
        !expected || recipe == null ? -1 : need.of(recipe, stages(), metrics.last().orElse(null));
    long free = needed < 0 ? -1 : place.folder().toFile().getUsableSpace();
    return new Surroundings(expected, silent, free, needed);
  }

  private int stages() {
    Set<String> stages = new HashSet<>();
    for (JsonNode entry : snapshot.ledger().path("entries")) {
      stages.add(entry.path("stage").asText());
    }
    return stages.size();
  }
}
