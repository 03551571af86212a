package ai.dmt.watch;

import ai.dmt.report.LiveBoard;
import ai.dmt.report.PageServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The folder of a run of {@code dmt train}, or one that may become that. */
final class WatchedRun implements Watched {
  private final RunWatch run;

  WatchedRun(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    run = new RunWatch(RunWatch.Place.ofRun(folder), String.valueOf(name), List.of());
  }

  /** Whether there are no files of a run yet. */
  boolean isNotBegun() {
    return run.snapshot().phase() == RunSnapshot.Phase.NOT_BEGUN;
  }

  @Override
  public void look() {
    run.look();
  }

  @Override
  public Optional<PageServer.Resource> at(String path) {
    return at(path, "/", run.board());
  }

  /** A board's page and its events. @param base path of the page, which ends with "/" */
  static Optional<PageServer.Resource> at(String path, String base, LiveBoard board) {
    if (path.equals(base)) {
      return Optional.of(board.page());
    }
    return path.equals(base + LiveBoard.EVENTS) ? Optional.of(board.events()) : Optional.empty();
  }

  @Override
  public void leave() {
    run.board().leave();
  }
}
