package ai.dmt.study.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.study.executor.CommandRunner.Result;
import ai.dmt.study.executor.JobState.Phase;
import ai.dmt.study.executor.StudyExecutor.After;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of kubectl, and what is made of its answers. A stand-in keeps the objects. */
class KubernetesExecutorTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JobResources SMALL = new JobResources(2, 3L << 30, 0, 5);

  @TempDir private Path folder;
  private final Cluster cluster = new Cluster();
  private KubernetesExecutor executor;

  /** What kubectl 1.32 prints, as far as it is asked. */
  private static final class Cluster implements CommandRunner {
    private final List<ObjectNode> jobs = new ArrayList<>();
    private final List<ObjectNode> pods = new ArrayList<>();
    private final List<List<String>> asked = new ArrayList<>();
    private final List<Result> failures = new ArrayList<>(); // given before anything else
    private String minor = "32+";
    private ObjectNode owner = null; // until it is made

    @Override
    public Result run(List<String> command, String input) throws IOException {
      asked.add(command);
      if (!failures.isEmpty()) {
        return failures.remove(0);
      }
      List<String> words = command.stream().filter(word -> !word.startsWith("-")).toList();
      switch (words.get(1)) {
        case "version":
          return said(
              "{\"serverVersion\": {\"major\": \"1\", \"minor\": \"%s\"}}".formatted(minor));
        case "create":
          return create((ObjectNode) JSON.readTree(input));
        case "patch":
          job(words.get(3)).withObject("/spec").put("parallelism", 1);
          return said("");
        case "delete":
          jobs.removeIf(job -> words.contains(job.at("/metadata/name").asText()));
          return said("");
        case "get":
          return words.get(2).equals("configmap") ? said(owner == null ? "" : owner + "") : list();
        default:
          throw new IOException("Cannot run program \"%s\"".formatted(command));
      }
    }

    private static Result said(String out) {
      return new Result(0, out, "");
    }

    private Result create(ObjectNode object) {
      if (object.path("kind").asText().equals("ConfigMap")) {
        object.withObject("/metadata").put("uid", "uid-1");
        owner = object;
      } else {
        jobs.add(object);
      }
      return said(object.toString());
    }

    private Result list() {
      ObjectNode list = JSON.createObjectNode();
      ArrayNode items = list.putArray("items");
      items.addAll(jobs).addAll(pods);
      return said(list.toString());
    }

    ObjectNode job(String name) {
      return jobs.stream()
          .filter(job -> job.at("/metadata/name").asText().equals(name))
          .findFirst()
          .orElseThrow();
    }

    void end(String name, String type, String reason) {
      job(name)
          .withObject("/status")
          .putArray("conditions")
          .addObject()
          .put("type", type)
          .put("status", "True")
          .put("reason", reason);
    }

    void pod(String job, String json) throws IOException {
      ObjectNode pod = (ObjectNode) JSON.readTree(json);
      pod.put("kind", "Pod").withObject("/metadata/labels").put("job-name", job);
      pods.add(pod);
    }
  }

  @BeforeEach
  void openExecutor() {
    executor = open("mountPath: " + folder);
  }

  private KubernetesExecutor open(String mount) {
    String text = Scheduler.KUBERNETES.template().replace("mountPath: /shared", mount);
    return new KubernetesExecutor(
        cluster,
        KubernetesTemplate.parse("kubernetes.yaml", text),
        new ExecutorSettings(folder, 3, Map.of("A", "b")));
  }

  private String submit(String label, List<String> needs) throws IOException {
    return submit(label, new After(needs, List.of()));
  }

  private String submit(String label, After after) throws IOException {
    return executor.submit(
        new Job(Job.safeName(label), label, List.of("dmt", "study-job", "/a b", "key"), SMALL),
        after);
  }

  private JobState state(String id) throws IOException {
    return executor.states(List.of(id)).get(id);
  }

  @Test
  void aJobOfTheBundledTemplateHasWhatThePlannerSays() throws IOException {
    String id = submit("Math only: it's $(x)", List.of());
    assertTrue(id.matches("math-only-it-s-x-[0-9a-z]{5}"), id);
    JsonNode job = cluster.job(id);
    JsonNode spec = job.at("/spec/template/spec");
    JsonNode container = spec.at("/containers/0");
    assertEquals("[\"dmt\",\"study-job\",\"/a b\",\"key\"]", container.path("args").toString());
    assertEquals(
        "{\"requests\":{\"cpu\":\"2\",\"memory\":\"3073Mi\"},\"limits\":{\"memory\":\"3073Mi\"}}",
        container.path("resources").toString());
    assertEquals(300, spec.path("activeDeadlineSeconds").asInt());
    assertEquals(folder.toString(), container.path("workingDir").asText());
    assertEquals("{\"name\":\"A\",\"value\":\"b\"}", container.at("/env/2").toString());
    assertFalse(spec.path("automountServiceAccountToken").asBoolean(true));
    assertEquals(3, job.at("/spec/backoffLimit").asInt());
    assertEquals(1, job.at("/spec/parallelism").asInt());
    assertEquals("uid-1", job.at("/metadata/ownerReferences/0/uid").asText());
    String study = job.at("/metadata/labels").path(KubernetesJobs.STUDY).asText();
    assertEquals(study, cluster.owner.at("/metadata/name").asText());
    assertEquals(study, job.at("/metadata/ownerReferences/0/name").asText());
    assertEquals(
        study, job.at("/spec/template/metadata/labels").path(KubernetesJobs.STUDY).asText());
    assertTrue(study.matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"), study);
    assertEquals(2, job.at("/spec/podFailurePolicy/rules").size());
  }

  @Test
  void anOlderServerGetsNoPolicyOfFailures() throws IOException {
    cluster.minor = "20";
    assertTrue(cluster.job(submit("a", List.of())).at("/spec/podFailurePolicy").isMissingNode());
  }

  @Test
  void jobsBeginOnceWhatTheyNeedHasSucceeded() throws Exception {
    String first = submit("first", List.of());
    String second = submit("second", List.of(first));
    String third = submit("third", List.of(first, second));
    String last = submit("report", new After(List.of(), List.of(first, second, third)));
    assertTrue(
        cluster.job(last).at("/spec/template/spec/automountServiceAccountToken").asBoolean());
    assertEquals(
        "100m",
        cluster.job(last).at("/spec/template/spec/containers/0/resources/requests/cpu").asText());
    assertEquals(new JobState(Phase.QUEUED, "Waiting", "for " + first), state(second));
    assertEquals(new JobState(Phase.QUEUED, "Pending", ""), state(last));

    List<String> log = new ArrayList<>();
    List<String> all = List.of(first, second, third);
    List<String> ends = new ArrayList<>(all);
    cluster.end(ends.remove(0), "Complete", "");
    executor.oversee(
        all,
        line -> { // each job ends as soon as it may begin
          log.add(line);
          cluster.end(ends.remove(0), "Complete", "");
        });
    assertEquals(
        List.of("job %s may begin".formatted(second), "job %s may begin".formatted(third)), log);
    assertEquals(new JobState(Phase.ENDED, "Complete", ""), state(third));
  }

  @Test
  void whatNeedsAFailureNeverBegins() throws Exception {
    String first = submit("first", List.of());
    String second = submit("second", List.of(first));
    String third = submit("third", List.of(second));
    cluster.end(first, "Failed", "BackoffLimitExceeded");
    executor.oversee(List.of(first, second, third), line -> {});
    assertEquals(new JobState(Phase.ENDED, "Failed", "BackoffLimitExceeded"), state(first));
    assertEquals(new JobState(Phase.ENDED, "Never begins", "needs " + second), state(third));
    assertEquals(0, cluster.job(second).at("/spec/parallelism").asInt());
    executor.cancel(List.of(first, second));
    assertFalse(state(first).phase().isActive());
    assertFalse(state(third).phase().isActive(), "what it needs is not there any more");
  }

  @Test
  void aServerThatIsAwayIsAskedAgainAndOneThatForbidsIsNot() throws Exception {
    String first = submit("first", List.of());
    cluster.end(first, "Complete", "");
    cluster.failures.add(new Result(1, "", "Unable to connect to the server: EOF"));
    List<String> log = new ArrayList<>();
    executor.oversee(List.of(first), log::add);
    assertEquals(
        List.of("asking again: kubectl get failed: Unable to connect to the server: EOF"), log);
    cluster.failures.add(
        new Result(1, "", "Error from server (Forbidden): jobs.batch is forbidden"));
    assertThrows(JobException.class, () -> executor.oversee(List.of(first), log::add));
  }

  @Test
  void podsTellHowAJobThatHasBegunIs() throws IOException {
    String job = submit("a", List.of());
    cluster.pod(
        job,
        """
        {"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
         "reason": "Unschedulable", "message": "0/2 nodes are available: 2 Insufficient cpu."}]}}""");
    assertEquals(
        new JobState(
            Phase.QUEUED, "Pending", "Unschedulable: 0/2 nodes are available: 2 Insufficient cpu."),
        state(job));
    cluster.pods.clear();
    cluster.pod(
        job,
        """
        {"status": {"phase": "Pending", "containerStatuses": [{"state": {"waiting":
         {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}]}}""");
    assertEquals("ImagePullBackOff Back-off pulling image", state(job).reason());
    cluster.pods.clear();
    cluster.job(job).withObject("/status").put("failed", 1);
    cluster.pod(job, "{\"status\": {\"phase\": \"Failed\"}}");
    assertEquals("again after 1 tries that were killed or failed", state(job).reason());
    cluster.pod(job, "{\"spec\": {\"nodeName\": \"n1\"}, \"status\": {\"phase\": \"Running\"}}");
    assertEquals(new JobState(Phase.RUNNING, "Running", "n1"), state(job));
  }

  @Test
  void refusalsComeAsTheServerSaidThem() throws IOException {
    submit("a", List.of());
    cluster.failures.add(
        new Result(1, "", "Error from server (BadRequest): unknown field \"x\"\n"));
    JobException refusal = assertThrows(JobException.class, () -> submit("b", List.of()));
    assertEquals(
        "kubectl refuses the job \"b\": Error from server (BadRequest): unknown field \"x\"",
        refusal.getMessage());
  }

  @Test
  void withoutAClusterItSaysWhatToDo() {
    cluster.failures.add(new Result(1, "{\"clientVersion\": {}}", "connection refused"));
    String message =
        assertThrows(ConfigException.class, () -> executor.demandAvailable()).getMessage();
    assertTrue(message.startsWith("kubectl finds no cluster: connection refused; "), message);
    KubernetesExecutor bare =
        new KubernetesExecutor(
            (command, input) -> {
              throw new IOException("error=2");
            },
            KubernetesTemplate.parse(
                "x", Scheduler.KUBERNETES.template().replace("/shared", folder.toString())),
            new ExecutorSettings(folder, 0, Map.of()));
    message = assertThrows(ConfigException.class, bare::demandAvailable).getMessage();
    assertTrue(message.startsWith("there is no kubectl on the PATH: install it"), message);
  }

  @Test
  void aFolderThatPodsDoNotSeeIsRefused() {
    String message =
        assertThrows(ConfigException.class, () -> open("mountPath: /elsewhere")).getMessage();
    assertTrue(message.startsWith("pods do not see %s: ".formatted(folder)), message);
    assertTrue(message.contains("/elsewhere"), message);
  }

  @Test
  void aJobIsShownAsAManifest() throws IOException {
    String text =
        executor.text(
            new Job("report", "report", List.of("dmt", "study-job"), SMALL),
            new After(List.of("${0}"), List.of()));
    assertTrue(text.startsWith("---\n"), text);
    assertTrue(
        text.contains("dmt.ai/needs: ${0}") || text.contains("dmt.ai/needs: \"${0}\""), text);
    assertTrue(text.contains("parallelism: 0"), text);
    assertTrue(cluster.asked.isEmpty(), "no cluster is needed");
  }

  @Test
  void aNamespaceOfTheTemplateIsThatOfEverything() throws IOException {
    String text =
        Scheduler.KUBERNETES
            .template()
            .replace("/shared", folder.toString())
            .replace("kind: Job\n", "kind: Job\nmetadata: {namespace: team}\n");
    executor =
        new KubernetesExecutor(
            cluster,
            KubernetesTemplate.parse("x", text),
            new ExecutorSettings(folder, 0, Map.of()));
    state(submit("a", List.of()));
    assertTrue(cluster.asked.stream().allMatch(words -> words.contains("--namespace=team")));
  }
}
