package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A study on a real Slurm of two nodes, where this machine has one; scripts/slurm_check.sh shows
 * what happens when jobs and nodes are killed.
 */
@Tag("multirank")
@Timeout(180)
class SlurmStudyTest {
  @TempDir private Path folder;

  @Test
  void aStudyOfJobsHasTheResultsOfOneOfProcesses() throws Exception {
    Path cluster = folder.resolve("slurm");
    Map<String, String> environment =
        Map.of(
            "DMT_SLURM_DIR", cluster.toString(),
            "DMT_SLURM_PORT", SchedulerHere.port(),
            "SLURM_CONF", cluster.resolve("slurm.conf").toString());
    try (SchedulerHere slurm = SchedulerHere.start("slurm_cluster.sh", folder, environment)) {
      Path there = folder.resolve("it's $(there)");
      String report = slurm.demandSameResults(there, "--executor", "slurm");
      assertTrue(report.contains(" on node"), report);
    }
  }
}
