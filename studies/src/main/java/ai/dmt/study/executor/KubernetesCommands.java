package ai.dmt.study.executor;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** What is asked of kubectl, which knows how to reach a cluster and who the user is there. */
final class KubernetesCommands {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final CommandRunner runner;
  private final String namespace;

  /**
   * @param namespace "" for that of kubectl's context
   */
  KubernetesCommands(CommandRunner runner, String namespace) {
    this.runner = runner;
    this.namespace = namespace;
  }

  /**
   * The server's release.
   *
   * @param major such as 1
   * @param minor such as 32
   */
  record Version(int major, int minor) {
    boolean isAtLeast(int wantedMajor, int wantedMinor) {
      return major > wantedMajor || major == wantedMajor && minor >= wantedMinor;
    }
  }

  /** Demands that there is a cluster. @return its version */
  Version version() {
    try {
      CommandRunner.Result result = run("", "version", "--output=json");
      JsonNode server = json(result).path("serverVersion");
      if (result.status() != 0 || server.isMissingNode()) {
        throw new ConfigException(
            "kubectl finds no cluster: %s; kubectl config get-contexts lists those that it knows"
                .formatted(result.err().strip()));
      }
      return new Version(number(server.path("major")), number(server.path("minor")));
    } catch (JobException e) {
      throw new ConfigException("kubectl does not answer: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ConfigException(
          "there is no kubectl on the PATH: install it (Debian's package is kubernetes-client), or"
              + " leave out --executor kubernetes to work on this machine",
          e);
    }
  }

  private static int number(JsonNode text) {
    String digits = text.asText().replaceAll("\\D.*", ""); // some say 32+
    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }

  /**
   * Makes an object unless there is one of its name.
   *
   * @return the object as the server has it
   */
  JsonNode ensure(JsonNode object, String resource, String name) throws IOException {
    JsonNode there = get(resource, name);
    if (!there.isMissingNode()) {
      return there;
    }
    CommandRunner.Result made = run(object.toString(), "create", "--filename=-", "--output=json");
    if (made.status() == 0) {
      return json(made);
    }
    there = get(resource, name); // somebody was faster
    if (there.isMissingNode()) {
      throw new JobException(
          "kubectl cannot make the %s %s: %s".formatted(resource, name, words(made)));
    }
    return there;
  }

  private JsonNode get(String resource, String name) throws IOException {
    CommandRunner.Result result =
        run("", "get", resource, name, "--ignore-not-found", "--output=json");
    if (result.status() != 0) {
      throw new JobException(
          "kubectl cannot read %s %s: %s".formatted(resource, name, words(result)));
    }
    return json(result);
  }

  /** Makes a job. @param label for messages */
  void create(String label, JsonNode job) throws IOException {
    CommandRunner.Result result = run(job.toString(), "create", "--filename=-", "--output=name");
    if (result.status() != 0) {
      throw new JobException("kubectl refuses the job \"%s\": %s".formatted(label, words(result)));
    }
  }

  /** The jobs of a study, and their pods. */
  KubernetesJobs jobs(String study) throws IOException {
    CommandRunner.Result result =
        run(
            "",
            "get",
            "jobs.batch,pods",
            "--selector=%s=%s".formatted(KubernetesJobs.STUDY, study),
            "--output=json");
    if (result.status() != 0) {
      throw new JobException("kubectl get failed: " + words(result));
    }
    return new KubernetesJobs(json(result));
  }

  /** Lets a job that waits begin; one that has gone is no fault. */
  void begin(String name) throws IOException {
    CommandRunner.Result result =
        run(
            "",
            "patch",
            "jobs.batch",
            name,
            "--type=merge",
            "--patch={\"spec\":{\"parallelism\":1}}",
            "--output=name");
    if (result.status() != 0 && !result.err().contains("(NotFound)")) {
      throw new JobException("kubectl patch failed: " + words(result));
    }
  }

  /** Ends jobs and deletes them; pods get SIGTERM and the time that they asked for. */
  void delete(Collection<String> names) throws IOException {
    if (names.isEmpty()) {
      return;
    }
    List<String> words =
        new ArrayList<>(
            List.of(
                "delete",
                "jobs.batch",
                "--ignore-not-found",
                "--cascade=background",
                "--wait=false"));
    words.addAll(names);
    CommandRunner.Result result = run("", words.toArray(new String[0]));
    if (result.status() != 0) {
      throw new JobException("kubectl delete failed: " + words(result));
    }
  }

  private CommandRunner.Result run(String input, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("kubectl"));
    if (!namespace.isEmpty()) {
      command.add("--namespace=" + namespace);
    }
    command.addAll(Arrays.asList(words));
    return runner.run(command, input);
  }

  private static JsonNode json(CommandRunner.Result result) throws IOException {
    try {
      return JSON.readTree(result.out());
    } catch (JsonProcessingException e) {
      throw new JobException("kubectl said no JSON: " + words(result));
    }
  }

  /** As the server said it. */
  private static String words(CommandRunner.Result result) {
    String said = (result.err().strip() + "\n" + result.out().strip()).strip();
    return said.isEmpty() ? "exit status " + result.status() : said;
  }
}
