package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
      String report =
          kubernetes.demandSameResults(there, "--executor", "kubernetes", "--job-template", site);
      assertTrue(report.contains(" may begin"), report);
      deletingTheStudysObjectDeletesItsJobs(kubernetes);
    }
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

  private static void deletingTheStudysObjectDeletesItsJobs(SchedulerHere kubernetes)
      throws Exception {
    String[] all = {"kubectl", "get", "jobs,pods", "-o", "name"};
    assertTrue(kubernetes.said(all).contains("job.batch/report"));
    kubernetes.said("kubectl", "delete", "configmap", "-l", "dmt.ai/study");
    while (!kubernetes.said(all).isEmpty()) {
      Thread.sleep(200);
    }
  }
}
