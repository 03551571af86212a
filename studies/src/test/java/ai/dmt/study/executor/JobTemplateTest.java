package ai.dmt.study.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.study.executor.JobTemplate.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts of jobs: what a site may write, and that no name that a user chose becomes a command. */
@Timeout(60)
class JobTemplateTest {
  private static final Map<String, Kind> KNOWN =
      Map.of(
          "cpus", Kind.PLAIN, "minutes", Kind.PLAIN, "folder", Kind.WORDS, "command", Kind.WORDS);

  @TempDir private Path root;

  private static JobTemplate parse(String... lines) {
    return JobTemplate.parse("site.sh", String.join("\n", lines), KNOWN);
  }

  private static String fault(String... lines) {
    return assertThrows(ConfigException.class, () -> parse(lines)).getMessage();
  }

  @Test
  void valuesComeWhereTheirNamesAre() {
    String script =
        parse("#SBATCH --cpus-per-task={{cpus}}", "{{command}}")
            .fill(Map.of("cpus", "2", "command", "run '$1\\'"), "#SBATCH");
    assertEquals("#SBATCH --cpus-per-task=2\nrun '$1\\'\n", script);
  }

  @Test
  void aLineOfTheSchedulerIsLeftOutWhereNobodyKnowsItsValue() {
    JobTemplate template = parse("#SBATCH --time={{minutes}}", "{{command}}");
    assertEquals("x\n", template.fill(Map.of("command", "x"), "#SBATCH"));
    JobTemplate other = parse("ulimit -t {{minutes}}", "{{command}}");
    String message =
        assertThrows(ConfigException.class, () -> other.fill(Map.of("command", "x"), "#SBATCH"))
            .getMessage();
    assertTrue(message.startsWith("site.sh:1: {{minutes}} is not known for every job"), message);
  }

  @Test
  void unknownNamesAreRefusedWithTheirLines() {
    String message = fault("#!/bin/bash", "#SBATCH --mem={{cpu}}", "{{ command }}", "{{command}}");
    assertTrue(
        message.contains("site.sh:2: unknown placeholder {{cpu}}, did you mean {{cpus}}?"),
        message);
    assertTrue(message.contains("site.sh:3: unknown placeholder {{ command }}"), message);
  }

  @Test
  void aScriptThatRunsNothingIsRefused() {
    assertEquals(
        "site.sh has no {{command}}, so its jobs would do nothing", fault("echo {{cpus}}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cd \"{{folder}}\"",
        "cd '{{folder}}'",
        "#SBATCH --chdir={{folder}}",
        "true # in {{folder}}",
        "cat \"a\" \"in {{folder}}\""
      })
  void wordsStandNeitherWithinQuotesNorInComments(String line) {
    String message = fault(line, "{{command}}");
    assertTrue(
        message.startsWith("site.sh:1: {{folder}} is quoted for the shell already"), message);
  }

  /** Each name would leave a file behind, were it ever read as more than a word. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "$(touch hit)",
        "`touch hit`",
        "x; touch hit",
        "x'; touch hit; '",
        "\"; touch hit; \"",
        "x\ntouch hit",
        "\\'; touch hit #",
        "--help",
        "{{cpus}}",
        "\u00e9\u4e2d &",
        "*"
      })
  void noNameBecomesACommand(String name) throws Exception {
    List<String> command = List.of("printf", "%s|", "--", name, "end");
    StudyExecutor executor =
        Scheduler.SLURM.open(null, new ExecutorSettings(root, 0, Map.of("HOSTILE", name)));
    String out = run(0, script(executor, name, command));
    assertTrue(out.endsWith(name + "|end|"), out);
    assertFalse(Files.exists(root.resolve("hit")), out);
  }

  /** A job that Slurm runs no more was cancelled: queued again it would never end. */
  @ParameterizedTest
  @CsvSource({
    "RUNNING, kill -KILL $$, true",
    "CANCELLED, kill -TERM $$, false",
    "RUNNING, exit 3, false"
  })
  void whatIsKilledIsQueuedAgainAndWhatIsCancelledIsNot(String state, String end, boolean again)
      throws Exception {
    Path scontrol = root.resolve("scontrol");
    Files.writeString(
        scontrol,
        "#!/bin/bash\n[ $1 = show ] && echo \"JobId=7 JobState=%s Reason=None\" || echo \"$@\"\n"
                .formatted(state)
            + "[ $1 = show ] || kill -KILL $PPID\n"); // as Slurm ends what it has queued again
    assertTrue(scontrol.toFile().setExecutable(true));
    StudyExecutor executor = Scheduler.SLURM.open(null, new ExecutorSettings(root, 3, Map.of()));
    String script = script(executor, "x", List.of("bash", "-c", end));
    int expected = again ? 137 : end.equals("exit 3") ? 3 : 143;
    String out = run(expected, "PATH=$PWD:$PATH SLURM_JOB_ID=7\n" + script);
    assertEquals(again, out.contains("requeue 7"), out);
  }

  private static String script(StudyExecutor executor, String name, List<String> command)
      throws IOException {
    String text =
        executor.text(
            new Job(Job.safeName(name), name, command, new JobResources(1, 1, 0, 0)),
            StudyExecutor.After.NOTHING);
    String script = text.substring(text.indexOf('\n') + 1, text.lastIndexOf("SCRIPT"));
    assertFalse(script.contains("--gpus"), script);
    return script;
  }

  private String run(int expected, String script) throws Exception {
    Process bash =
        new ProcessBuilder("bash", "-s").directory(root.toFile()).redirectErrorStream(true).start();
    bash.getOutputStream().write(script.getBytes(StandardCharsets.UTF_8));
    bash.getOutputStream().close();
    String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(bash.waitFor(20, TimeUnit.SECONDS));
    assertEquals(expected, bash.exitValue(), out);
    return out;
  }

  @Test
  void namesOfJobsHoldNothingThatAnybodyReads() {
    List<String> names = new ArrayList<>();
    for (String label :
        List.of("dmt k=1/16 seed 11: general", "../../etc", "-rf", "\u00e9", "a\nb")) {
      names.add(Job.safeName(label));
    }
    assertEquals(List.of("dmt-k-1-16-seed-11-general", "etc", "rf", "job", "a-b"), names);
    assertThrows(
        ConfigException.class,
        () -> new Job("a b", "a b", List.of("x"), new JobResources(1, 1, 0, 0)));
  }

  @Test
  void aTemplateThatIsNotThereIsNamed() throws IOException {
    Path file = root.resolve("none.sh");
    ExecutorSettings settings = new ExecutorSettings(root, 0, Map.of());
    String message =
        assertThrows(ConfigException.class, () -> Scheduler.SLURM.open(file, settings))
            .getMessage();
    assertEquals("%1$s cannot be read: %1$s: no such file or folder".formatted(file), message);
    Files.write(file, new byte[] {(byte) 0xe9, '\n'});
    message =
        assertThrows(ConfigException.class, () -> Scheduler.SLURM.open(file, settings))
            .getMessage();
    assertEquals(file + " cannot be read: it is not UTF-8", message);
    Files.writeString(file, "#!/bin/bash\n{{comand}}\n");
    message =
        assertThrows(ConfigException.class, () -> Scheduler.SLURM.open(file, settings))
            .getMessage();
    assertTrue(message.startsWith(file + ":2: unknown placeholder"), message);
  }
}
