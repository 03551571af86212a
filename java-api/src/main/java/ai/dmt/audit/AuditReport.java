package ai.dmt.audit;

import ai.dmt.internal.files.FileOutput;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The audit of all sources.
 *
 * @param sources in their order
 * @param shared what each two sources share
 * @param benchmarks prompts of each benchmark that was looked for
 * @param overlap every prompt that was found
 */
public record AuditReport(
    List<SourceAudit.Report> sources,
    List<SourceAudit.Shared> shared,
    Map<String, Integer> benchmarks,
    List<OverlapScan.Hit> overlap) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /**
   * Copies the lists.
   *
   * @param sources see {@link #sources()}
   * @param shared see {@link #shared()}
   * @param benchmarks see {@link #benchmarks()}
   * @param overlap see {@link #overlap()}
   */
  public AuditReport {
    sources = List.copyOf(sources);
    shared = List.copyOf(shared);
    overlap = List.copyOf(overlap);
  }

  /**
   * Writes all of it as JSON, indented and in UTF-8; keys are in snake case.
   *
   * @param file to write; one that is there is overwritten
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    FileOutput.write(file, JSON.writeValueAsString(this) + "\n");
  }
}
