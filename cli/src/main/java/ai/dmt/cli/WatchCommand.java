package ai.dmt.cli;

import ai.dmt.watch.WatchServer;
import ai.dmt.watch.WatchSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dmt watch}: a run or a study as a page while it goes. */
@Command(
    name = "watch",
    description = {
      "Shows a run's or a study's folder as a page that follows it: state, curves, mixture, memory"
          + " and alerts. Reads the folder, and writes nothing.",
      "Prints the page's address, and ends at a signal (Ctrl-C, SIGTERM)."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended by a signal",
      "1:failed",
      "2:the command line, the folder, the port or the key is at fault"
    })
final class WatchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FOLDER",
      description = "Output of dmt train or dmt study; one that is not there yet is waited for.")
  private Path folder;

  @Mixin private ListenOptions listen;

  @Override
  public Integer call() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    StopSignals.onFirst(ended::countDown);
    PrintWriter err = spec.commandLine().getErr();
    WatchSettings settings = new WatchSettings(listen.host, listen.port, listen.key());
    try (WatchServer server = WatchServer.start(folder, settings, err::println)) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(server.address());
      out.flush();
      ended.await();
    }
    return ExitCode.OK;
  }
}
