package ai.dmt.cli;

import ai.dmt.config.ConfigException;
import ai.dmt.dist.ProcessGroups;
import ai.dmt.dist.RankEnvironment;
import ai.dmt.launch.RankProcess;
import ai.dmt.run.RunRank;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How a command takes part in a run of several ranks. */
final class RankOptions {
  @Option(
      names = "--rank-timeout",
      defaultValue = "600",
      paramLabel = "SECONDS",
      description = {
        "Longest that ranks wait for each other, at the start and in each collective",
        "(default: ${DEFAULT-VALUE}). Without effect on one rank."
      })
  private long timeoutSeconds;

  /** This process's rank, as the environment says. */
  RunRank rank() {
    if (timeoutSeconds < 1) {
      throw new ConfigException("--rank-timeout must be at least 1 s, got " + timeoutSeconds);
    }
    if (System.getenv(RankProcess.LAUNCHED) != null) {
      ParentProcess.endWith();
    }
    RankEnvironment place = RankEnvironment.read(System.getenv());
    if (place.worldSize() > 1) {
      RankEnvironment.demandInterfaces(System.getenv());
    }
    Duration timeout = Duration.ofSeconds(timeoutSeconds);
    return new RunRank(place, new ProcessGroups.Timeouts(timeout, timeout));
  }
}
