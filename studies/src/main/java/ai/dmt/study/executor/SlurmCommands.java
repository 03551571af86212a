package ai.dmt.study.executor;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Slurm's programs and what they print (from 20.11 on; tried with 22.05). */
final class SlurmCommands {
  private static final Set<String> RUNNING =
      Set.of("RUNNING", "COMPLETING", "RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED", "SUSPENDED");

  private static final Set<String> ENDED =
      Set.of(
          "BOOT_FAIL",
          "CANCELLED",
          "COMPLETED",
          "DEADLINE",
          "FAILED",
          "LAUNCH_FAILED",
          "NODE_FAIL",
          "OUT_OF_MEMORY",
          "PREEMPTED",
          "RECONFIG_FAIL",
          "REVOKED",
          "TIMEOUT");

  /** What squeue says where it knows none of the jobs. */
  private static final String UNKNOWN_JOB = "Invalid job id specified";

  private final CommandRunner runner;

  SlurmCommands(CommandRunner runner) {
    this.runner = runner;
  }

  /** Demands that there is a Slurm. */
  void demandAvailable() {
    try {
      CommandRunner.Result result = runner.run(List.of("sbatch", "--version"), "");
      if (result.status() != 0) {
        throw new ConfigException("sbatch --version failed: " + words(result));
      }
    } catch (JobException e) {
      throw new ConfigException("sbatch does not answer: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ConfigException(
          "there is no sbatch on the PATH: start this on a machine from which jobs are submitted (a"
              + " login node of the cluster), load its module (module load slurm), or leave out"
              + " --executor slurm to work on this machine",
          e);
    }
  }

  /**
   * Submits a script.
   *
   * @param label for messages
   * @param options of sbatch
   * @return the job's id
   */
  String submit(String label, List<String> options, String script) throws IOException {
    List<String> command = new ArrayList<>(List.of("sbatch", "--parsable"));
    command.addAll(options);
    CommandRunner.Result result = runner.run(command, script);
    // ID, or ID;CLUSTER where there are several
    String id = result.out().strip().split(";", 2)[0];
    if (result.status() != 0 || !id.matches("\\d+")) {
      throw new JobException("sbatch refuses the job \"%s\": %s".formatted(label, words(result)));
    }
    return id;
  }

  /** The states of jobs; those that Slurm has forgotten are not in it. */
  Map<String, JobState> states(Collection<String> ids) throws IOException {
    Map<String, JobState> states = new HashMap<>();
    if (ids.isEmpty()) {
      return states;
    }
    List<String> command =
        List.of(
            "squeue",
            "--noheader",
            "--states=all",
            "--format=%i|%T|%r",
            "--jobs=" + String.join(",", ids));
    CommandRunner.Result result = runner.run(command, "");
    if (result.status() != 0 && !result.err().contains(UNKNOWN_JOB)) {
      throw new JobException("squeue failed: " + words(result));
    }
    result.out().lines().forEach(line -> add(states, line));
    List<String> gone = ids.stream().filter(id -> !states.containsKey(id)).toList();
    if (!gone.isEmpty()) {
      addFinished(states, gone);
    }
    return states;
  }

  /** Of jobs that the queue has forgotten the accounts may know more, where a site keeps any. */
  private void addFinished(Map<String, JobState> states, List<String> ids) {
    List<String> command =
        List.of(
            "sacct",
            "--noheader",
            "--parsable2",
            "--allocations",
            "--format=JobIDRaw,State,ExitCode",
            "--jobs=" + String.join(",", ids));
    try {
      CommandRunner.Result result = runner.run(command, "");
      if (result.status() == 0) {
        result.out().lines().forEach(line -> add(states, line));
      }
    } catch (IOException e) {
      return; // no program for accounts; that the queue has forgotten them is known
    }
  }

  private static void add(Map<String, JobState> states, String line) {
    String[] fields = line.strip().split("\\|", 3);
    if (fields.length < 3 || !fields[0].matches("\\d+")) {
      return;
    }
    String word = fields[1].split("[ +]", 2)[0]; // such as "CANCELLED by 1000"
    String reason = fields[2].equals("None") || fields[2].equals("0:0") ? "" : fields[2];
    states.put(fields[0], new JobState(phase(word), word, reason));
  }

  /** A state that a later Slurm has and this class does not is no end: nothing starts twice. */
  private static JobState.Phase phase(String word) {
    if (RUNNING.contains(word)) {
      return JobState.Phase.RUNNING;
    }
    return ENDED.contains(word) ? JobState.Phase.ENDED : JobState.Phase.QUEUED;
  }

  /** Ends jobs; of those that are over scancel complains, which is no fault. */
  void cancel(Collection<String> ids) throws IOException {
    if (ids.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("scancel", "--quiet"));
    command.addAll(ids);
    CommandRunner.Result result = runner.run(command, "");
    if (result.status() != 0 && !result.err().contains(UNKNOWN_JOB)) {
      throw new JobException("scancel failed: " + words(result));
    }
  }

  /** As Slurm said it. */
  private static String words(CommandRunner.Result result) {
    String said = (result.err().strip() + "\n" + result.out().strip()).strip();
    return said.isEmpty() ? "exit status " + result.status() : said;
  }
}
