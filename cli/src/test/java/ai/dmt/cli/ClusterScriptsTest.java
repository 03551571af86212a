package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ParseResult;

/**
 * The batch file runs under stand-ins for Slurm's programs that start real ranks; the manifest's
 * command is one that dmt understands.
 */
@Tag("multirank")
@Timeout(180)
class ClusterScriptsTest {
  private static final Path SCRIPTS = Path.of("..", "scripts").toAbsolutePath().normalize();

  /** Starts the ranks of two nodes, passes SIGTERM on to them, and returns the worst exit code. */
  private static final String SRUN =
      """
      #!/usr/bin/env bash
      while [[ $1 == --* ]]; do echo "srun $1" >>"$CALLS"; shift; done
      ranks=()
      trap 'kill -TERM "${ranks[@]}"' TERM
      for ((rank = 0; rank < SLURM_NTASKS; rank++)); do
        SLURM_PROCID=$rank SLURM_LOCALID=$((rank % (SLURM_NTASKS / SLURM_NNODES))) "$@" &
        ranks+=($!)
      done
      echo $$ >"$CALLS.srun"
      worst=0
      for rank in "${ranks[@]}"; do
        while :; do
          status=0
          wait "$rank" || status=$?
          kill -0 "$rank" 2>/dev/null || break # else a signal ended the wait
        done
        ((status <= worst)) || worst=$status
      done
      exit $worst
      """;

  private static final String SCONTROL =
      """
      #!/usr/bin/env bash
      echo "scontrol $*" >>"$CALLS"
      [[ $1 == requeue ]] || printf 'localhost\\nlocalhost\\n'
      """;

  @TempDir private Path folder;
  private Process process; // null until it starts

  @AfterEach
  void endProcesses() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private void program(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    assertTrue(file.toFile().setExecutable(true));
  }

  private void startJob(String... words) throws IOException {
    program("srun", SRUN);
    program("scontrol", SCONTROL);
    String java = String.join("' '", JavaWords.of(Main.class));
    program("dmt", "#!/usr/bin/env bash\nexec '%s' \"$@\"\n".formatted(java));
    List<String> command = new ArrayList<>(List.of(SCRIPTS.resolve("slurm-33b.sh").toString()));
    command.addAll(Arrays.asList(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    Map<String, String> environment = builder.environment();
    environment.put("PATH", folder + ":" + environment.get("PATH"));
    environment.putAll(
        Map.of(
            "CALLS", folder.resolve("calls").toString(),
            "DMT", "./dmt",
            "SLURM_JOB_ID", "4711" + ProcessHandle.current().pid() % 1000,
            "SLURM_JOB_NODELIST", "node[1-2]",
            "SLURM_CPUS_PER_TASK", "1",
            "SLURM_NTASKS", "2",
            "SLURM_NNODES", "2"));
    process = builder.start();
  }

  private List<String> training(String... more) throws IOException {
    Path model = TinyModel.write(folder.resolve("model"));
    List<String> words =
        RankRun.training(
            model, RankRun.writeData(folder), folder.resolve("out"), Arrays.asList(more));
    return words.subList(1, words.size());
  }

  private String read(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  private int exitCode() throws Exception {
    assertTrue(process.waitFor(150, TimeUnit.SECONDS), "the job does not end: " + read("log"));
    return process.exitValue();
  }

  @Test
  void aBatchJobTrainsOnTheRanksThatSlurmStarts() throws Exception {
    startJob(training("max_steps=2").toArray(new String[0]));
    assertEquals(0, exitCode(), read("log"));
    assertTrue(read("log").contains("ranks      2, 1 per node, sharding full"), read("log"));
    assertTrue(Files.exists(folder.resolve("out/model.safetensors")), read("log"));
    assertTrue(read("calls").contains("scontrol show hostnames node[1-2]"), read("calls"));
    assertTrue(read("calls").contains("srun --kill-on-bad-exit=0"), read("calls"));
    assertFalse(read("calls").contains("requeue"), read("calls"));
  }

  private void stopAfter(String text) throws Exception {
    while (!read("log").contains(text)) {
      assertTrue(process.isAlive(), read("log"));
      Thread.sleep(20);
    }
    RankRun.signal("TERM", Long.parseLong(read("calls.srun").strip()));
    assertEquals(ExitCode.INTERRUPTED, exitCode(), read("log"));
  }

  @Test
  void aBatchJobThatIsStoppedSavesAndIsQueuedAgainToGoOn() throws Exception {
    List<String> words = training("num_train_epochs=10000", "eval_fraction=0");
    words.addAll(List.of("--resume", "auto"));
    startJob(words.toArray(new String[0]));
    stopAfter("step 2/");
    assertTrue(Files.exists(folder.resolve("out/model.safetensors")), read("log"));
    assertTrue(read("calls").contains("scontrol requeue 4711"), read("calls"));

    startJob(words.toArray(new String[0])); // as Slurm does
    stopAfter("going on after step ");
  }

  @Test
  void aBatchJobWithoutARecipeSaysHowItIsUsed() throws Exception {
    startJob();
    assertEquals(ExitCode.USAGE, exitCode());
    assertTrue(read("log").startsWith("usage: sbatch scripts/slurm-33b.sh RECIPE"), read("log"));
  }

  @Test
  void theManifestsCommandIsParsed() throws IOException {
    List<JsonNode> documents;
    YAMLMapper yaml = new YAMLMapper();
    try (MappingIterator<JsonNode> all =
        yaml.readerFor(JsonNode.class)
            .readValues(SCRIPTS.resolve("kubernetes/train/train.yaml").toFile())) {
      documents = all.readAll();
    }
    JsonNode runtime = documents.get(0);
    JsonNode job = documents.get(1);
    assertEquals("TrainingRuntime", runtime.path("kind").asText());
    assertEquals("TrainJob", job.path("kind").asText());
    assertEquals(runtime.at("/metadata/name"), job.at("/spec/runtimeRef/name"));
    assertEquals("node", runtime.at("/spec/template/spec/replicatedJobs/0/name").asText());
    assertEquals(runtime.at("/spec/mlPolicy/numNodes"), job.at("/spec/trainer/numNodes"));
    String gpus = job.at("/spec/trainer/resourcesPerNode/limits/nvidia.com~1gpu").asText();

    String command = job.at("/spec/trainer/args/0").asText();
    assertTrue(command.startsWith("exec /dmt/dmt launch "), command);
    String[] words =
        command
            .substring("exec /dmt/dmt ".length())
            .replace("\"", "")
            .replace("$PET_NNODES", "2")
            .replace("$PET_NODE_RANK", "1")
            .replace("$PET_MASTER_ADDR", "dmt-33b-node-0-0.dmt-33b")
            .replace("$PET_MASTER_PORT", "29400")
            .split(" ");
    ParseResult launch = Main.commandLine().parseArgs(words).subcommand();
    assertEquals("launch", launch.commandSpec().name());
    assertEquals(gpus, launch.matchedOptionValue("--nproc", 0).toString(), "a rank for each GPU");
    assertEquals("dmt-33b-node-0-0.dmt-33b:29400", launch.matchedOptionValue("--master", ""));
    List<String> rank = launch.matchedPositionalValue(0, List.of());
    ParseResult train = Main.commandLine().parseArgs(rank.toArray(new String[0])).subcommand();
    assertEquals("train", train.commandSpec().name());
    assertEquals(Path.of("/work/tuned"), train.matchedOptionValue("--output", null));
  }
}
