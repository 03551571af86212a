package ai.dmt.study.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.study.executor.CommandRunner.Result;
import ai.dmt.study.executor.JobState.Phase;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What Slurm 22.05 printed, recorded; the words of accounts are those of its manual. */
class SlurmCommandsTest {
  private final ArrayDeque<Result> answers = new ArrayDeque<>();
  private final List<List<String>> asked = new ArrayList<>();
  private final SlurmCommands slurm =
      new SlurmCommands(
          (command, input) -> {
            asked.add(command);
            Result answer = answers.poll();
            if (answer == null) {
              throw new IOException("Cannot run program \"%s\"".formatted(command.get(0)));
            }
            return answer;
          });

  @Test
  void aJobHasItsNumber() throws IOException {
    answers.add(new Result(0, "17\n", ""));
    answers.add(new Result(0, "18;cluster2\n", ""));
    assertEquals("17", slurm.submit("a", List.of("--chdir=/a b"), "#!/bin/bash\n"));
    assertEquals("18", slurm.submit("a", List.of(), ""));
    assertEquals(List.of("sbatch", "--parsable", "--chdir=/a b"), asked.get(0));
  }

  @Test
  void refusalsComeAsSlurmSaidThem() {
    String said =
        "sbatch: error: invalid partition specified: nowhere\n"
            + "sbatch: error: Batch job submission failed: Invalid partition name specified\n";
    answers.add(new Result(1, "", said));
    JobException refusal =
        assertThrows(JobException.class, () -> slurm.submit("math only: math", List.of(), ""));
    assertEquals(
        "sbatch refuses the job \"math only: math\": " + said.strip(), refusal.getMessage());
  }

  @Test
  void statesAreThoseOfTheQueue() throws IOException {
    answers.add(
        new Result(
            0,
            """
            4|PENDING|Dependency
            3|RUNNING|None
            2|COMPLETED|None
            1|FAILED|NonZeroExitCode
            5|SOMETHING_NEW|None
            """,
            ""));
    Map<String, JobState> states = slurm.states(List.of("1", "2", "3", "4", "5"));
    assertEquals(new JobState(Phase.QUEUED, "PENDING", "Dependency"), states.get("4"));
    assertEquals(new JobState(Phase.RUNNING, "RUNNING", ""), states.get("3"));
    assertEquals(new JobState(Phase.ENDED, "COMPLETED", ""), states.get("2"));
    assertEquals(new JobState(Phase.ENDED, "FAILED", "NonZeroExitCode"), states.get("1"));
    assertTrue(states.get("5").phase().isActive(), "what is not known is no end");
    assertEquals(1, asked.size());
  }

  @Test
  void theAccountsAreAskedForWhatTheQueueHasForgotten() throws IOException {
    answers.add(new Result(1, "", "slurm_load_jobs error: Invalid job id specified\n"));
    answers.add(new Result(0, "7|CANCELLED by 1000|0:15\n8|NODE_FAIL|0:0\n", ""));
    Map<String, JobState> states = slurm.states(List.of("7", "8"));
    assertEquals(new JobState(Phase.ENDED, "CANCELLED", "0:15"), states.get("7"));
    assertEquals(new JobState(Phase.ENDED, "NODE_FAIL", ""), states.get("8"));
  }

  @Test
  void withoutAccountsTheForgottenAreOver() throws IOException {
    answers.add(new Result(1, "", "slurm_load_jobs error: Invalid job id specified\n"));
    answers.add(new Result(1, "", "Slurm accounting storage is disabled\n"));
    assertEquals(Map.of(), slurm.states(List.of("7")));
    answers.add(new Result(1, "", "slurm_load_jobs error: Invalid job id specified\n"));
    assertEquals(Map.of(), slurm.states(List.of("7")), "no sacct at all");
  }

  @Test
  void aControllerThatDoesNotAnswerIsNoEndOfJobs() {
    String said = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)";
    answers.add(new Result(1, "", said));
    JobException failure = assertThrows(JobException.class, () -> slurm.states(List.of("7")));
    assertEquals("squeue failed: " + said, failure.getMessage());
  }

  @Test
  void whoHasNoSlurmIsToldWhatToDo() {
    String message = assertThrows(ConfigException.class, slurm::demandAvailable).getMessage();
    assertTrue(message.startsWith("there is no sbatch on the PATH: start this on"), message);
  }

  @Test
  void nothingIsRunForNoJobs() throws IOException {
    slurm.cancel(List.of());
    assertEquals(Map.of(), slurm.states(List.of()));
    assertEquals(List.of(), asked);
  }
}
