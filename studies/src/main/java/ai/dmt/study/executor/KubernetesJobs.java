package ai.dmt.study.executor;

import ai.dmt.study.executor.JobState.Phase;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The jobs and pods of a study as an API server told them.
 *
 * <p>[Note: jobs wait without pods] Kubernetes knows no dependencies between jobs. One that waits
 * has a parallelism of 0, so that its controller makes no pod and no node keeps room for it, and an
 * annotation names the jobs that must have succeeded. The study's last job, which has nothing else
 * to do until they are over, sets the parallelism to 1. Everything that it decides by is with the
 * API server: it may be killed and begin again.
 */
final class KubernetesJobs {
  static final String STUDY = "dmt.ai/study";
  static final String NEEDS = "dmt.ai/needs";

  /** Of pods, by their job's controller. */
  private static final String JOB_NAME = "job-name";

  private final Map<String, JsonNode> jobs = new LinkedHashMap<>(); // by name
  private final Map<String, List<JsonNode>> pods = new HashMap<>(); // by job's name

  /**
   * @param list of jobs and pods
   */
  KubernetesJobs(JsonNode list) {
    for (JsonNode item : list.path("items")) {
      if (item.path("kind").asText().equals("Job")) {
        jobs.put(item.at("/metadata/name").asText(), item);
      } else {
        String job = item.path("metadata").path("labels").path(JOB_NAME).asText();
        pods.computeIfAbsent(job, key -> new ArrayList<>()).add(item);
      }
    }
  }

  /** The state of a job, also of one that is not there any more. */
  JobState state(String name) {
    return state(name, new HashSet<>());
  }

  private JobState state(String name, Set<String> asked) {
    JsonNode job = jobs.get(name);
    if (job == null || !asked.add(name) || !job.at("/metadata/deletionTimestamp").isMissingNode()) {
      return JobState.FORGOTTEN;
    }
    JsonNode end = end(job);
    if (end != null) {
      String reason = end.path("reason").asText();
      return new JobState(Phase.ENDED, end.path("type").asText(), reason);
    }
    return waits(job) ? waiting(job, asked) : begun(name, job);
  }

  /** The condition that says that a job is over; null if it is not. */
  private static @Nullable JsonNode end(JsonNode job) {
    for (JsonNode condition : job.at("/status/conditions")) {
      String type = condition.path("type").asText();
      boolean holds = condition.path("status").asText().equals("True");
      if (holds && (type.equals("Complete") || type.equals("Failed"))) {
        return condition;
      }
    }
    return null;
  }

  private static boolean waits(JsonNode job) {
    return job.at("/spec/parallelism").asInt(1) == 0;
  }

  private static List<String> needs(JsonNode job) {
    String needs = job.path("metadata").path("annotations").path(NEEDS).asText();
    return needs.isEmpty() ? List.of() : List.of(needs.split(","));
  }

  private JobState waiting(JsonNode job, Set<String> asked) {
    List<String> open = new ArrayList<>();
    for (String need : needs(job)) {
      if (!succeeded(need)) {
        JobState state = state(need, new HashSet<>(asked));
        if (state.phase() == Phase.ENDED) {
          return new JobState(Phase.ENDED, "Never begins", "needs " + need);
        }
        open.add(need);
      }
    }
    return new JobState(
        Phase.QUEUED, "Waiting", open.isEmpty() ? "" : "for " + String.join(", ", open));
  }

  private boolean succeeded(String name) {
    JsonNode job = jobs.get(name);
    JsonNode end = job == null ? null : end(job);
    return end != null && end.path("type").asText().equals("Complete");
  }

  private JobState begun(String name, JsonNode job) {
    List<JsonNode> all = pods.getOrDefault(name, List.of());
    List<JsonNode> alive =
        all.stream().filter(pod -> pod.at("/metadata/deletionTimestamp").isMissingNode()).toList();
    for (JsonNode pod : alive) {
      if (pod.at("/status/phase").asText().equals("Running")) {
        return new JobState(Phase.RUNNING, "Running", pod.at("/spec/nodeName").asText());
      }
    }
    String reason =
        alive.stream()
            .filter(pod -> pod.at("/status/phase").asText("Pending").equals("Pending"))
            .map(KubernetesJobs::whyPending)
            .filter(why -> !why.isEmpty())
            .collect(Collectors.joining("; "));
    int failed = job.at("/status/failed").asInt();
    if (reason.isEmpty() && failed > 0) {
      reason = "again after %s tries that were killed or failed".formatted(failed);
    }
    return new JobState(Phase.QUEUED, "Pending", reason);
  }

  /** What keeps a pod from running: no node for it, or no image. */
  private static String whyPending(JsonNode pod) {
    for (JsonNode container : pod.at("/status/containerStatuses")) {
      JsonNode waiting = container.at("/state/waiting");
      if (!waiting.isMissingNode()) {
        return (waiting.path("reason").asText() + " " + waiting.path("message").asText()).strip();
      }
    }
    for (JsonNode condition : pod.at("/status/conditions")) {
      if (condition.path("type").asText().equals("PodScheduled")
          && condition.path("status").asText().equals("False")) {
        return (condition.path("reason").asText() + ": " + condition.path("message").asText())
            .strip();
      }
    }
    return "";
  }

  /** Those of some jobs that wait for nothing any more. */
  List<String> ready(Collection<String> names) {
    List<String> ready = new ArrayList<>();
    for (String name : names) {
      JsonNode job = jobs.get(name);
      if (job != null
          && state(name).phase() == Phase.QUEUED
          && waits(job)
          && needs(job).stream().allMatch(this::succeeded)) {
        ready.add(name);
      }
    }
    return ready;
  }
}
