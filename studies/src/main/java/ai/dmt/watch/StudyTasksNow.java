package ai.dmt.watch;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.internal.files.Claim;
import ai.dmt.internal.text.JsonText;
import ai.dmt.run.MetricsFile;
import ai.dmt.study.StudyFolder;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What is worked on in the folder of a study, by whichever processes, and what has failed. */
final class StudyTasksNow {
  private static final long FRESH_MILLIS = 120_000; // of a process of another machine
  private static final String LOCK = ".lock";
  private static final String TASK = "task";

  private final StudyFolder folder;
  private final Map<String, String> labels = new HashMap<>(); // of finished stages, by key

  /**
   * A task that a process works on.
   *
   * @param key of the task
   * @param label for people
   * @param where host and process
   * @param process on this machine; empty if it is on another
   * @param training whether it trains a stage
   */
  record Running(String key, String label, String where, OptionalLong process, boolean training) {}

  /**
   * A task without a result.
   *
   * @param label for people
   * @param reason for people
   * @param missing whether it cannot be had on this machine, though nothing failed
   */
  record Failed(String key, String label, String reason, boolean missing) {}

  StudyTasksNow(StudyFolder folder) {
    this.folder = folder;
  }

  /** Tasks that are worked on, by their labels. */
  List<Running> running() throws IOException {
    List<Running> running = new ArrayList<>();
    for (Path lock : files(folder.locks())) {
      String file = lock.getFileName().toString();
      if (!file.endsWith(LOCK) || Files.size(lock) == 0) {
        continue; // of no task
      }
      String key = file.substring(0, file.length() - LOCK.length());
      OptionalLong process = Claim.process(lock);
      Path unfinished = ModelFolder.unfinished(folder.node(key));
      boolean training = Files.exists(unfinished);
      if (process.isPresent() || training && isFresh(unfinished)) {
        JsonNode task = read(lock);
        String host = task.path("host").asText();
        running.add(
            new Running(
                key,
                task.path(TASK).asText(key),
                "%s, process %s".formatted(host, task.path("process").asText()),
                process,
                training));
      }
    }
    running.sort(java.util.Comparator.comparing(Running::label));
    return running;
  }

  private static boolean isFresh(Path unfinished) throws IOException {
    Path metrics = unfinished.resolve(MetricsFile.NAME);
    return Files.exists(metrics)
        && System.currentTimeMillis() - Files.getLastModifiedTime(metrics).toMillis()
            < FRESH_MILLIS;
  }

  List<Failed> failed() throws IOException {
    List<Failed> failed = new ArrayList<>();
    for (Path file : files(folder.failures())) {
      JsonNode failure = read(file);
      failed.add(
          new Failed(
              file.getFileName().toString().replaceFirst("\\.json$", ""),
              failure.path(TASK).asText(),
              failure.path("reason").asText(),
              failure.path("missing").asBoolean()));
    }
    return failed;
  }

  /** Finished stages: labels by key, in the order of the labels. */
  Map<String, String> finished() throws IOException {
    for (Path node : files(folder.nodes())) {
      String key = node.getFileName().toString();
      if (!key.startsWith(".") && !labels.containsKey(key)) {
        if (Files.exists(node.resolve(MetricsFile.NAME))) { // else it is a base model's losses
          labels.put(key, read(node.resolve("timing.json")).path(TASK).asText(key));
        }
      }
    }
    Map<String, String> sorted = new java.util.LinkedHashMap<>();
    labels.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(label -> sorted.put(label.getKey(), label.getValue()));
    return sorted;
  }

  /** Cells that were asked for. */
  int cells() throws IOException {
    return files(folder.cells()).size();
  }

  /** A file that is being written, or not there, says nothing. */
  private static JsonNode read(Path file) {
    try {
      return JsonText.read(file);
    } catch (IOException | ai.dmt.config.ConfigException e) {
      return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
