package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A study on a real control plane of Kubernetes, where this machine has one; its nodes are
 * stand-ins. A client library watches the jobs, and takes a pod away. scripts/kubernetes_check.sh
 * shows what happens when pods and nodes are killed.
 */
@Tag("multirank")
@Timeout(240)
class KubernetesStudyTest {
  @TempDir private Path folder;

  @Test
  void aStudyOfJobsHasTheResultsOfOneOfProcesses() throws Exception {
    Path server = folder.resolve("kubernetes");
    Map<String, String> environment =
        Map.of(
            "DMT_KUBERNETES_DIR", server.toString(),
            "DMT_KUBERNETES_PORT", SchedulerHere.port(),
            "KUBECONFIG", server.resolve("kubeconfig").toString(),
            "PATH", image() + ":" + System.getenv("PATH"));
    try (SchedulerHere kubernetes =
        SchedulerHere.start("kubernetes_server.sh", folder, environment)) {
      String study = SchedulerHere.SCRIPTS.resolve("kubernetes/study").toString();
      kubernetes.said("kubectl", "apply", "-k", study);
      String template = Dmt.run("study", "template", "kubernetes").succeeds();
      Path site = folder.resolve("site.yaml");
      Files.writeString(site, template.replace("mountPath: /shared", "mountPath: " + folder));
      Path there = folder.resolve("it's $(HOME) & $$");
      try (JobLives lives = new JobLives(server.resolve("kubeconfig"))) {
        CompletableFuture<Pod> preempted = CompletableFuture.supplyAsync(lives::preempt);
        String report =
            kubernetes.demandSameResults(there, "--executor", "kubernetes", "--job-template", site);
        assertTrue(report.contains(" may begin"), report);
        demandLives(lives, JobLives.job(preempted.get(10, TimeUnit.SECONDS)));
        lives.deleteStudies();
      }
      assertEquals("", kubernetes.said("kubectl", "get", "jobs", "-o", "name"));
    }
  }

  /** What the server told the library: whose jobs are, in which order they ran, how they ended. */
  private static void demandLives(JobLives lives, String preempted) {
    List<String> events = lives.events();
    Map<String, Job> jobs = lives.jobs();
    assertTrue(jobs.size() > 3 && jobs.containsKey(preempted), jobs.keySet()::toString);
    Set<String> owners = new HashSet<>();
    jobs.forEach(
        (name, job) -> {
          owners.add(JobLives.owner(job));
          int runs = events.indexOf(name + " runs");
          int end = events.indexOf(name + " Complete");
          assertTrue(runs >= 0 && end > runs, () -> name + " runs and completes: " + events);
          for (String needed : JobLives.needs(job)) {
            assertTrue(events.contains(name + " waits"), () -> name + " waits: " + events);
            int before = events.indexOf(needed + " Complete");
            assertTrue(
                before >= 0 && before < runs,
                () -> "%s runs after %s has completed: %s".formatted(name, needed, events));
          }
        });
    assertEquals(1, owners.size(), owners::toString);
    assertTrue(owners.iterator().next().startsWith("ConfigMap dmt-"), owners::toString);
    assertTrue(jobs.values().stream().anyMatch(job -> !JobLives.needs(job).isEmpty()));
  }

  /** A folder with dmt, as the image of pods has it. */
  private Path image() throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    String java = String.join("' '", JavaWords.of(Main.class));
    Path dmt = bin.resolve("dmt");
    Files.writeString(dmt, "#!/usr/bin/env bash\nexec '%s' \"$@\"\n".formatted(java));
    assertTrue(dmt.toFile().setExecutable(true));
    return bin;
  }
}
