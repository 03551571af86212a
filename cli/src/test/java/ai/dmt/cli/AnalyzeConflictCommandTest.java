package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two sources of the same kind of rows, one of others, at a random model. */
@Tag("native")
class AnalyzeConflictCommandTest {
  @TempDir private Path folder;
  private Path model;
  private Path output;

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    output = folder.resolve("out");
    write("sums", 0, "What is %d plus one?", "It is %d.");
    write("more", 100, "What is %d plus one?", "It is %d.");
    write("tales", 0, "Tell me a story, number %d.", "Once upon a time a girl of %d had a dog.");
  }

  private void write(String name, int first, String question, String answer) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = first; i < first + 24; i++) {
      lines.append(
          "{\"question\": \"%s\", \"answer\": \"%s\"}\n"
              .formatted(question.formatted(i), answer.formatted(i + 1)));
    }
    Files.writeString(folder.resolve(name + ".jsonl"), lines);
  }

  private Dmt analyze(Object... more) {
    List<Object> words = new ArrayList<>(List.of("analyze", "conflict"));
    words.addAll(List.of(more));
    return Dmt.run(words.toArray());
  }

  private String source(String name) {
    return name + "=" + folder.resolve(name + ".jsonl");
  }

  private static List<String> row(String out, String pair) {
    return out.lines()
        .filter(line -> line.contains(pair))
        .findFirst()
        .map(line -> List.of(line.strip().split(" {2,}")))
        .orElseThrow(() -> new AssertionError(out));
  }

  @Test
  void sourcesOfOneKindHaveOneDirectionAndShareTheirWords() {
    String out =
        analyze(
                "--model",
                model,
                "--output",
                output,
                "--data",
                source("sums"),
                source("more"),
                source("tales"))
            .succeeds();
    List<String> same = row(out, "sums, more");
    assertEquals("aligned", same.get(4), out);
    assertTrue(Double.parseDouble(same.get(2)) > 0.9, out);
    double other = Double.parseDouble(row(out, "sums, tales").get(2));
    assertTrue(other < Double.parseDouble(same.get(2)) - 0.1, out);
    assertTrue(Files.exists(output.resolve("report.html")));
    assertTrue(Files.exists(output.resolve("figures/layers-0.png")));
  }

  @Test
  void aStudysGridSaysWhatTellsItsEffects() throws IOException {
    Path preset = folder.resolve("mini.yaml");
    Files.write(
        preset,
        List.of(
            "name: mini",
            "recipe:",
            "  model: " + model,
            "  sources:",
            "    math: {role: specialized, files: [sums.jsonl]}",
            "    general: {role: general, files: [tales.jsonl]}",
            "  data: {cutoff_len: 512, eval_fraction: 0.25}",
            "  training: {num_train_epochs: 1, global_train_batch_size: 6, learning_rate: 1e-3}",
            "  engine: {threads: 1}",
            "data_dir: " + folder,
            "seeds: 3",
            "grid: {specialized: [0, 1/2, 1], general: [0, 1/2, 1]}"));
    Path study = folder.resolve("study");
    Dmt.run("study", "grid", "--preset", preset, "--output", study).succeeds();
    String page = Files.readString(study.resolve("report.html"));
    assertTrue(page.contains("Where interference begins"), "the report has the grid");
    String out = analyze("--study", study, "--sets", 3, "--output", output).succeeds();
    assertTrue(row(out, "rows of others per own row").contains("place by place"), out);
    assertTrue(row(out, "gradient cosine, base model").contains("not decided"), out);
    assertEquals("base model", row(out, "math, general").get(0));
    assertTrue(Files.readString(output.resolve("report.md")).contains("8 places"), out);
  }

  @Test
  void badInputIsTold() {
    String one = source("sums");
    analyze("--model", model, "--data", one).fails(ExitCode.USAGE, "give two or more, got 1");
    analyze("--model", model, "--data", one, source("more"), "--sets", 2)
        .fails(ExitCode.USAGE, "needs 3 or more sets");
    analyze("--model", model, "--data", one, source("more"), "--sets", 25)
        .fails(ExitCode.USAGE, "source sums has 24 samples, too few for 25 sets");
    analyze("--model", model).fails(ExitCode.USAGE, "give --model with --data");
    analyze("--study", folder).fails(ExitCode.USAGE, "holds no results.json");
  }
}
