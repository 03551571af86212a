package ai.dmt.cli;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What becomes of a study's jobs, seen and steered by a client library of Kubernetes, which knows
 * nothing of how dmt asks the server.
 */
final class JobLives implements AutoCloseable {
  private static final String NAMESPACE = "default";
  private static final String STUDY = "dmt.ai/study";
  private static final String NEEDS = "dmt.ai/needs";

  private final KubernetesClient client;
  private final Watch watch;
  private final List<String> events = new ArrayList<>(); // "JOB STATE", in the server's order
  private final Map<String, String> states = new LinkedHashMap<>(); // the last of each job
  private final Map<String, Job> jobs = new LinkedHashMap<>();
  private WatcherException failure; // null unless the server ended the watch

  /** Watches all jobs of studies from now on. */
  JobLives(Path kubeconfig) {
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
            .build();
    watch =
        client
            .batch()
            .v1()
            .jobs()
            .inNamespace(NAMESPACE)
            .withLabel(STUDY)
            .watch(
                new Watcher<>() {
                  @Override
                  public void eventReceived(Action action, Job job) {
                    take(action, job);
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    fail(cause);
                  }
                });
  }

  private synchronized void take(Watcher.Action action, Job job) {
    String name = job.getMetadata().getName();
    String state = action == Watcher.Action.DELETED ? "deleted" : state(job);
    jobs.put(name, job);
    if (!state.equals(states.put(name, state))) {
      events.add(name + " " + state);
    }
    notifyAll();
  }

  private synchronized void fail(WatcherException cause) {
    failure = cause;
    notifyAll();
  }

  private static String state(Job job) {
    Optional<String> end =
        job.getStatus() == null
            ? Optional.empty()
            : job.getStatus().getConditions().stream()
                .filter(each -> each.getStatus().equals("True"))
                .map(each -> each.getType())
                .findFirst();
    if (end.isPresent()) {
      return end.get();
    }
    Integer active = job.getStatus() == null ? null : job.getStatus().getActive();
    if (active != null && active > 0) {
      return "runs";
    }
    return job.getSpec().getParallelism() == 0 ? "waits" : "begins";
  }

  /** What happened so far. */
  synchronized List<String> events() {
    return List.copyOf(events);
  }

  /** All jobs that were ever there, as they were seen last. */
  synchronized Map<String, Job> jobs() {
    return new LinkedHashMap<>(jobs);
  }

  /** Names of the jobs that one waits for. */
  static List<String> needs(Job job) {
    Map<String, String> annotations = job.getMetadata().getAnnotations();
    String needs = annotations == null ? null : annotations.get(NEEDS);
    return needs == null ? List.of() : Arrays.asList(needs.split(","));
  }

  /** Kind and name of the one object that owns another. */
  static String owner(HasMetadata owned) {
    List<OwnerReference> owners = owned.getMetadata().getOwnerReferences();
    return owners.size() == 1
        ? owners.get(0).getKind() + " " + owners.get(0).getName()
        : "" + owners;
  }

  /** Deletes the first pod of a task that runs, as preemption does. @return the pod */
  Pod preempt() {
    while (true) {
      for (Pod pod : running()) {
        client.pods().inNamespace(NAMESPACE).withName(pod.getMetadata().getName()).delete();
        return pod;
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private List<Pod> running() {
    return client.pods().inNamespace(NAMESPACE).withLabel(STUDY).list().getItems().stream()
        .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
        .filter(pod -> !job(pod).startsWith("report-"))
        .toList();
  }

  /** The name of a pod's job. */
  static String job(Pod pod) {
    return pod.getMetadata().getLabels().get("job-name");
  }

  /** Deletes what owns the jobs, and waits until the server has deleted them as well. */
  void deleteStudies() throws InterruptedException, WatcherException {
    client.configMaps().inNamespace(NAMESPACE).withLabel(STUDY).delete();
    synchronized (this) {
      while (!Set.of("deleted").equals(new HashSet<>(states.values()))) {
        if (failure != null) {
          throw failure;
        }
        wait(1000);
      }
    }
  }

  @Override
  public void close() {
    watch.close();
    client.close();
  }
}
