package ai.dmt.watch;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.Disk;
import ai.dmt.internal.text.Printable;
import ai.dmt.report.PageServer;
import ai.dmt.run.MetricsFile;
import ai.dmt.run.RunFolder;
import ai.dmt.run.ScheduleRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Shows the folder of a run or a study as a page that is told what is new: state, curves, mixture,
 * memory and alerts. Reads the folder, and writes nothing; whoever trains there need not know.
 *
 * <pre>{@code
 * try (WatchServer server = WatchServer.start(Path.of("tuned"), WatchSettings.local(0), System.err::println)) {
 *   System.out.println(server.address());
 *   tuning.run();
 * }
 * }</pre>
 */
public final class WatchServer implements AutoCloseable {
  private static final long PAUSE_MILLIS = 1000;
  private static final List<String> OF_RUN =
      List.of(MetricsFile.NAME, ScheduleRun.RECIPE_FILE, ScheduleRun.LEDGER_FILE);
  private static final String OF_STUDY = "study.yaml";
  private static final String KEY_ADVICE = "--api-key-env NAME, or WatchSettings with a key";

  private final Path folder;
  private final Consumer<String> notices;
  private final PageServer server;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(WatchServer::thread);
  private Watched watched; // guarded by this
  private boolean looked; // guarded by this

  /** Makes one. @param pauseMillis between two looks at the folder */
  WatchServer(Path folder, WatchSettings settings, Consumer<String> notices, long pauseMillis) {
    this.folder = folder;
    this.notices = notices;
    this.watched = isStudy(folder) ? new WatchedStudy(folder) : new WatchedRun(folder);
    this.server =
        new PageServer(settings.host(), settings.port(), settings.key(), KEY_ADVICE, this::at);
    clock.scheduleWithFixedDelay(this::lookOrTell, 0, pauseMillis, TimeUnit.MILLISECONDS);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "dmt-watch");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Starts to show a folder.
   *
   * @param folder of a run or a study; one that is empty, or not there in a folder that is, is
   *     waited for
   * @param settings where it is to be seen
   * @param notices takes a line if the page cannot be made; the next look tries again
   * @return the server, which the caller closes
   * @throws ConfigException if the folder is of neither, the port is taken, the address is none of
   *     this machine's, or others than this machine could connect without a key
   */
  public static WatchServer start(Path folder, WatchSettings settings, Consumer<String> notices) {
    demandOurs(folder);
    return new WatchServer(folder, settings, notices, PAUSE_MILLIS);
  }

  private static void demandOurs(Path folder) {
    if (isStudy(folder) || isRun(folder)) {
      return;
    }
    Path parent = folder.toAbsolutePath().normalize().getParent();
    if (!Files.exists(folder)) {
      if (parent == null || !Files.isDirectory(parent)) {
        throw new ConfigException(
            "%s is not there, and neither is the folder that it would be in".formatted(folder));
      }
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new ConfigException(
          "%s is a file, expected the folder of a run or a study".formatted(folder));
    }
    try (Stream<Path> files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw new ConfigException(
            "%s is neither a run nor a study: it has no %s of a run, and no %s of a study"
                .formatted(folder, String.join(", ", OF_RUN), OF_STUDY));
      }
    } catch (IOException e) {
      throw new ConfigException("%s cannot be read: %s".formatted(folder, Disk.reason(e)), e);
    }
  }

  private static boolean isStudy(Path folder) {
    return Files.exists(folder.resolve(OF_STUDY));
  }

  private static boolean isRun(Path folder) {
    return OF_RUN.stream().anyMatch(name -> Files.exists(folder.resolve(name)))
        || Files.exists(RunFolder.lockFile(folder));
  }

  /** {@return the address of the page} */
  public URI address() {
    return server.address();
  }

  /** One look that fails must not be the last one. */
  private void lookOrTell() {
    try {
      look();
    } catch (RuntimeException e) {
      notices.accept("%s cannot be shown: %s".formatted(folder, Printable.reason(e)));
    }
  }

  private synchronized void look() {
    if (watched instanceof WatchedRun run && run.isNotBegun() && isStudy(folder)) {
      run.leave();
      watched = new WatchedStudy(folder);
    }
    watched.look();
    looked = true;
  }

  private synchronized Optional<PageServer.Resource> at(String path) throws IOException {
    if (!looked) {
      look();
    }
    return watched.at(path);
  }

  @Override
  public void close() {
    clock.shutdownNow();
    server.close();
  }
}
