package ai.dmt.study;

import ai.dmt.config.ConfigException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was submitted of a study, in {@code jobs/jobs.json}; changed only under {@link #lock}, so
 * that two people who start a study at once submit it once.
 */
final class JobsFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StudyFolder folder;
  private JobSettings settings;
  private int round;
  private boolean cancelled;
  private String report = ""; // id of the job that writes it
  private final Map<String, Entry> jobs = new LinkedHashMap<>();

  /**
   * The newest job of a task.
   *
   * @param name of the job, and of its log
   * @param id that the scheduler gave it
   */
  record Entry(String name, String id) {}

  JobsFile(StudyFolder folder, JobSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  /** Whoever submits, cancels or submits again holds it. */
  static TaskLock lock(StudyFolder folder) throws IOException {
    return TaskLock.acquire(folder.lock("jobs"));
  }

  private static Path file(StudyFolder folder) {
    return folder.jobs().resolve("jobs.json");
  }

  private static Path template(StudyFolder folder) {
    return folder.jobs().resolve("template");
  }

  static boolean exists(StudyFolder folder) {
    return Files.exists(file(folder));
  }

  /** Reads what was submitted. */
  static JobsFile read(StudyFolder folder) throws IOException {
    if (!exists(folder)) {
      throw new ConfigException(
          "%s has no jobs: the study was not started with --executor".formatted(folder.root()));
    }
    JsonNode node = JSON.readTree(Files.readString(file(folder)));
    Map<String, String> environment = new TreeMap<>();
    node.path("environment")
        .properties()
        .forEach(each -> environment.put(each.getKey(), each.getValue().asText()));
    Path template = template(folder);
    JobsFile jobs =
        new JobsFile(
            folder,
            new JobSettings(
                node.path("executor").asText(),
                Files.exists(template) ? template : null,
                node.path("retries").asInt(),
                environment));
    jobs.round = node.path("round").asInt();
    jobs.cancelled = node.path("cancelled").asBoolean();
    jobs.report = node.path("report").asText();
    for (JsonNode job : node.path("jobs")) {
      jobs.jobs.put(
          job.path("task").asText(),
          new Entry(job.path("name").asText(), job.path("job").asText()));
    }
    return jobs;
  }

  /** Written after each submission, so that a kill leaves no job that nobody knows. */
  void write() throws IOException {
    ObjectNode node =
        JSON.createObjectNode()
            .put("executor", settings.executor())
            .put("retries", settings.retries())
            .put("round", round)
            .put("cancelled", cancelled)
            .put("report", report);
    ObjectNode environment = node.putObject("environment");
    new TreeMap<>(settings.environment()).forEach(environment::put);
    ArrayNode list = node.putArray("jobs");
    jobs.forEach(
        (task, job) ->
            list.addObject().put("task", task).put("name", job.name()).put("job", job.id()));
    StudyFolder.replace(file(folder), node.toPrettyString() + "\n");
  }

  JobSettings settings() {
    return settings;
  }

  /** From now on jobs are submitted so, also by those who submit again. */
  void use(JobSettings fresh) throws IOException {
    Path kept = template(folder);
    if (fresh.template() == null) {
      Files.deleteIfExists(kept);
    } else if (!fresh.template().equals(kept)) {
      StudyFolder.replace(kept, Files.readString(fresh.template()));
    }
    settings = fresh;
  }

  int round() {
    return round;
  }

  void setRound(int number) {
    round = number;
  }

  boolean isCancelled() {
    return cancelled;
  }

  void setCancelled(boolean value) {
    cancelled = value;
  }

  /** Id of the job that writes the report at the end; "" if none was submitted. */
  String report() {
    return report;
  }

  void setReport(String id) {
    report = id;
  }

  /** By task. */
  Map<String, Entry> jobs() {
    return jobs;
  }

  /** Of all jobs, the report's first: it is what would submit others. */
  List<String> ids() {
    List<String> ids = new ArrayList<>();
    if (!report.isEmpty()) {
      ids.add(report);
    }
    jobs.values().forEach(job -> ids.add(job.id()));
    return ids;
  }
}
