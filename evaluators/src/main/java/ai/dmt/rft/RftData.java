package ai.dmt.rft;

import ai.dmt.data.DataException;
import ai.dmt.evaluators.TextTable;
import ai.dmt.evaluators.gsm8k.Gsm8kProblem;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.internal.files.Disk;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes training data of sampled answers: for each problem the answer of its file, and then those
 * that {@link PathSelection} keeps.
 */
public final class RftData {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Gsm8kProblem> problems;
  private final List<PathSelection> selections = new ArrayList<>();

  /**
   * Begins without samples.
   *
   * @param problems in the order of their file, all of it
   */
  public RftData(List<Gsm8kProblem> problems) {
    this.problems = List.copyOf(problems);
    problems.forEach(problem -> selections.add(new PathSelection(problem)));
  }

  /**
   * What became of all samples.
   *
   * @param problems all of them
   * @param answered problems of which at least one sample is kept
   * @param counts of the samples
   */
  public record Report(int problems, int answered, PathSelection.Counts counts) {
    /** {@return a table for people} */
    public String table() {
      return TextTable.of(
          List.of(
              List.of("samples", Long.toString(counts.samples())),
              List.of("wrong or without an answer", Long.toString(counts.wrong())),
              List.of("with a broken equation", Long.toString(counts.broken())),
              List.of("with the equations of another", Long.toString(counts.repeated())),
              List.of("kept", Long.toString(counts.kept())),
              List.of("problems", Integer.toString(problems)),
              List.of("of them with a kept sample", Integer.toString(answered)),
              List.of("rows, the problems' own answers among them", Long.toString(rows()))),
          1);
    }

    /** {@return rows that are written} */
    public long rows() {
      return problems + counts.kept();
    }
  }

  /**
   * Takes all samples of a file, after those of files before it; several models' make a union.
   *
   * @param samples as {@link PathSampling} writes them
   * @throws DataException if a line is at fault, or is of a problem that there is not
   */
  public void add(Path samples) {
    SampledPaths.read(
        samples,
        sample -> {
          if (sample.problem() >= problems.size()) {
            throw new DataException(
                sample.origin(),
                "is of problem %s, but there are %s; it belongs to another file of problems"
                    .formatted(sample.problem(), problems.size()));
          }
          selections.get(sample.problem()).add(sample.completion());
        });
  }

  /**
   * Writes JSON lines {@code {"query", "response"}}, as data of the format "rft" has them. Rows of
   * a question stand together and have the same query, by which held-out splits keep them together.
   *
   * @param file replaced if it is there
   * @return what became of the samples
   * @throws UncheckedIOException if it cannot be written
   */
  public Report write(Path file) {
    List<ObjectNode> rows = new ArrayList<>();
    int answered = 0;
    PathSelection.Counts counts = PathSelection.Counts.NONE;
    for (int p = 0; p < selections.size(); p++) {
      Gsm8kProblem problem = problems.get(p);
      List<String> kept = selections.get(p).kept();
      rows.add(row(problem, problem.answer()));
      kept.forEach(path -> rows.add(row(problem, path)));
      answered += kept.isEmpty() ? 0 : 1;
      counts = counts.plus(selections.get(p).counts());
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    JsonLines.write(part, rows);
    try {
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + Disk.reason(e), e);
    }
    return new Report(selections.size(), answered, counts);
  }

  private static ObjectNode row(Gsm8kProblem problem, String response) {
    return JSON.createObjectNode().put("query", problem.question()).put("response", response);
  }
}
