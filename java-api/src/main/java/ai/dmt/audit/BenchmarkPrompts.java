package ai.dmt.audit;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.data.ReadOptions;
import ai.dmt.data.RecordFiles;
import ai.dmt.data.RecordSource;
import ai.dmt.internal.files.Disk;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Prompts of a benchmark.
 *
 * @param name of the benchmark
 * @param prompts in the order of the file
 */
public record BenchmarkPrompts(String name, List<Prompt> prompts) {
  /** Fields that hold a prompt; the first that a record has is taken. */
  private static final List<String> PROMPTS = List.of("turns", "question", "prompt", "instruction");

  private static final List<String> IDS = List.of("task_id", "question_id", "id");

  /**
   * A prompt.
   *
   * @param problem id of its problem, or the line in the file
   * @param text of the prompt
   */
  public record Prompt(String problem, String text) {}

  /**
   * Copies the list.
   *
   * @param name see {@link #name()}
   * @param prompts see {@link #prompts()}
   */
  public BenchmarkPrompts {
    prompts = List.copyOf(prompts);
  }

  /**
   * Reads the file of a benchmark as it is published: GSM8K's {@code question}, HumanEval's {@code
   * prompt}, MT-Bench's {@code turns} (each turn is a prompt); as JSON lines or array, plain or
   * compressed.
   *
   * @param name what the benchmark is called in reports
   * @param file to read
   * @return prompts in the order of the file, at least one
   * @throws DataException if it cannot be read, or a record has no prompt
   */
  public static BenchmarkPrompts read(String name, Path file) {
    List<Prompt> prompts = new ArrayList<>();
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          new Origin(file.toString(), 0), "no such file, expected benchmark " + name);
    }
    try (RecordSource records = RecordFiles.open(file, ReadOptions.DEFAULT_MAX_RECORD_BYTES)) {
      for (JsonNode record = records.next(); record != null; record = records.next()) {
        add(prompts, record, records.origin());
      }
    } catch (IOException e) {
      throw new DataException(
          new Origin(file.toString(), 0), "cannot be read: " + Disk.reason(e), e);
    }
    if (prompts.isEmpty()) {
      throw new DataException(new Origin(file.toString(), 0), "has no records, expected prompts");
    }
    return new BenchmarkPrompts(name, prompts);
  }

  private static void add(List<Prompt> prompts, JsonNode record, Origin origin) {
    String id =
        IDS.stream()
            .filter(record::hasNonNull)
            .findFirst()
            .map(field -> record.path(field).asText())
            .orElse("line " + origin.line());
    JsonNode prompt =
        PROMPTS.stream().filter(record::hasNonNull).findFirst().map(record::path).orElse(null);
    if (prompt != null && prompt.isTextual()) {
      prompts.add(new Prompt(id, prompt.textValue()));
    } else if (prompt != null && prompt.isArray() && !prompt.isEmpty()) {
      for (int turn = 0; turn < prompt.size(); turn++) {
        prompts.add(new Prompt(id + " turn " + (turn + 1), prompt.path(turn).asText()));
      }
    } else {
      throw new DataException(
          origin,
          "has no prompt, expected a text in one of %s, or texts in turns".formatted(PROMPTS));
    }
  }
}
