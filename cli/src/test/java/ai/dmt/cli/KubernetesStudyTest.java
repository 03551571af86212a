package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
 * A study on a real control plane of Kubernetes, where this machine has one; its nodes are
 * stand-ins. scripts/kubernetes_check.sh shows what happens when pods and nodes are killed.
 */
@Tag("multirank")
@Timeout(240)
class KubernetesStudyTest {
  private static final Path SCRIPTS = Path.of("..", "scripts").toAbsolutePath().normalize();

  @TempDir private Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private boolean started;
  private StudyProcesses processes;

  @BeforeEach
  void startServer() throws IOException, InterruptedException {
    int port = ThreadLocalRandom.current().nextInt(20_000, 30_000); // below those of clients
    Path server = folder.resolve("kubernetes");
    Path bin = Files.createDirectory(folder.resolve("bin")); // of the pods' image, as it were
    String java = String.join("' '", JavaWords.of(Main.class));
    Path dmt = bin.resolve("dmt");
    Files.writeString(dmt, "#!/usr/bin/env bash\nexec '%s' \"$@\"\n".formatted(java));
    assertTrue(dmt.toFile().setExecutable(true));
    environment.put("DMT_KUBERNETES_DIR", server.toString());
    environment.put("DMT_KUBERNETES_PORT", Integer.toString(port));
    environment.put("KUBECONFIG", server.resolve("kubeconfig").toString());
    environment.put("PATH", bin + ":" + System.getenv("PATH"));
    processes = new StudyProcesses(folder);
    String missing = script("missing");
    assumeTrue(missing.isEmpty(), missing);
    started = true;
    script("up");
    said("kubectl", "apply", "-k", SCRIPTS.resolve("kubernetes/study").toString());
  }

  @AfterEach
  void end() throws IOException, InterruptedException {
    processes.close();
    if (started) {
      script("down");
    }
  }

  private String script(String word) throws IOException, InterruptedException {
    String said = run(SCRIPTS.resolve("kubernetes_server.sh").toString(), word);
    assertTrue(lastStatus == 0 || word.equals("missing"), () -> word + ": " + said);
    return said;
  }

  private int lastStatus;

  private String run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Path out = folder.resolve("said"); // daemons would hold a pipe open
    lastStatus = builder.redirectOutput(out.toFile()).start().waitFor();
    return Files.readString(out).strip();
  }

  private String said(String... command) throws IOException, InterruptedException {
    String said = run(command);
    assertEquals(0, lastStatus, () -> String.join(" ", command) + ": " + said);
    return said;
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

    String template = Dmt.run("study", "template", "kubernetes").succeeds();
    Path site = folder.resolve("site.yaml");
    Files.writeString(site, template.replace("mountPath: /shared", "mountPath: " + folder));
    Path there = folder.resolve("it's $(HOME) & $$");
    List<Object> jobs = new ArrayList<>(words);
    jobs.addAll(List.of("--output", there, "--executor", "kubernetes", "--job-template", site));
    jobs.add("--wait");
    processes.ends(processes.start(jobs, environment), 0);

    String log = processes.log();
    assertTrue(log.contains("1 of 1 cells done"), log);
    assertEquals(
        Files.readString(here.resolve("results.json")),
        Files.readString(there.resolve("results.json")));
    String report = Files.readString(there.resolve("jobs/report.log"));
    assertTrue(report.contains(" may begin"), report);
    deletingTheStudysObjectDeletesItsJobs();
  }

  private void deletingTheStudysObjectDeletesItsJobs() throws Exception {
    assertTrue(said("kubectl", "get", "jobs,pods", "-o", "name").contains("job.batch/report"));
    said("kubectl", "delete", "configmap", "-l", "dmt.ai/study");
    while (!said("kubectl", "get", "jobs,pods", "-o", "name").isEmpty()) {
      Thread.sleep(200);
    }
  }
}
