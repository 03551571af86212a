package ai.dmt.study;

import ai.dmt.report.ReportServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Shows the report of a study while it runs, by whichever processes: whenever its results have
 * changed, the report that is served is made anew.
 */
public final class StudyWatch implements AutoCloseable {
  private static final long PAUSE_SECONDS = 2; // making a report takes about one

  private final StudyFolder folder;
  private final Consumer<String> log;
  private final ReportServer server;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private @Nullable FileTime seen; // null before there are results

  /**
   * Starts to serve.
   *
   * @param folder of the study; may be empty still
   * @param study its name, for the title of the page
   * @param port of the loopback interface, 0 for any that is free
   * @param log takes a line if a report cannot be made; the next change tries again
   * @throws ai.dmt.config.ConfigException if the port is taken
   */
  public StudyWatch(StudyFolder folder, String study, int port, Consumer<String> log) {
    this.folder = folder;
    this.log = log;
    this.server = new ReportServer(port, "Study " + study);
    clock.scheduleWithFixedDelay(this::look, 0, PAUSE_SECONDS, TimeUnit.SECONDS);
  }

  /** {@return the address of the report on the loopback interface} */
  public URI address() {
    return server.address();
  }

  private void look() {
    try {
      if (!Files.exists(folder.results()) || !Files.exists(folder.timing())) {
        return;
      }
      FileTime changed = Files.getLastModifiedTime(folder.results());
      if (!changed.equals(seen)) {
        seen = changed;
        server.show(StudyReport.of(folder));
      }
    } catch (IOException | RuntimeException e) {
      log.accept("the report cannot be shown: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
    server.close();
  }
}
