package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
  private static final Path SCRIPT =
      Path.of("..", "scripts", "slurm_cluster.sh").toAbsolutePath().normalize();

  @TempDir private Path folder;
  private Map<String, String> environment; // of the cluster
  private boolean started;
  private StudyProcesses processes;

  @BeforeEach
  void startCluster() throws IOException, InterruptedException {
    int port = ThreadLocalRandom.current().nextInt(20_000, 30_000); // below those of clients
    Path cluster = folder.resolve("slurm");
    environment =
        Map.of(
            "DMT_SLURM_DIR", cluster.toString(),
            "DMT_SLURM_PORT", Integer.toString(port),
            "SLURM_CONF", cluster.resolve("slurm.conf").toString());
    processes = new StudyProcesses(folder);
    String missing = script("missing");
    assumeTrue(missing.isEmpty(), missing);
    script("up");
    started = true;
  }

  @AfterEach
  void end() throws IOException, InterruptedException {
    processes.close();
    if (started) {
      script("down");
    }
  }

  private String script(String word) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), word).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Path said = folder.resolve(word + ".out"); // daemons would hold a pipe open
    int status = builder.redirectOutput(said.toFile()).start().waitFor();
    assertTrue(status == 0 || word.equals("missing"), () -> word + ": " + status);
    return Files.readString(said).strip();
  }

  @Test
  void aStudyOfJobsHasTheResultsOfOneOfProcesses() throws Exception {
    Path preset = MiniStudy.write(folder, List.of("math", "general"));
    List<Object> words =
        List.of("study", "strategies", "--preset", preset, "--only", "sequential seed 42");
    Path here = folder.resolve("here");
    List<Object> local = new ArrayList<>(words);
    local.addAll(List.of("--output", here, "--jobs", 1));
    Dmt.run(local.toArray()).succeeds();

    Path there = folder.resolve("it's $(there)");
    List<Object> jobs = new ArrayList<>(words);
    jobs.addAll(List.of("--output", there, "--executor", "slurm", "--wait"));
    processes.ends(processes.start(jobs, environment), 0);

    String said = processes.log();
    assertTrue(said.contains("1 of 1 cells done"), said);
    assertEquals(
        Files.readString(here.resolve("results.json")),
        Files.readString(there.resolve("results.json")));
    assertTrue(Files.readString(there.resolve("jobs/report.log")).contains(" on node"), said);
  }
}
