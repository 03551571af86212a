package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two sources that any model tells apart by their words. */
@Tag("native")
class AnalyzeRepresentationsCommandTest {
  @TempDir private Path folder;
  private Path model;
  private Path output;

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    output = folder.resolve("out");
    write("sums", "What is %d plus %d?");
    write("tales", "Tell me a story of a girl and her dog, number %d, %d pages.");
  }

  private void write(String name, String question) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      String asked = question.formatted(i, i + 1);
      lines.append("{\"question\": \"%s\", \"answer\": \"%s\"}\n".formatted(asked, i));
    }
    Files.writeString(folder.resolve(name + ".jsonl"), lines);
  }

  private Dmt analyze(Object... more) {
    List<Object> words = new ArrayList<>(List.of("analyze", "representations"));
    words.addAll(List.of("--model", model, "--compare", model, "--output", output));
    words.addAll(List.of("--data", "sums=" + folder.resolve("sums.jsonl")));
    words.add("tales=" + folder.resolve("tales.jsonl"));
    words.addAll(List.of(more));
    return Dmt.run(words.toArray());
  }

  @Test
  void aModelIsLikeItselfAndTellsTheSources() throws IOException {
    for (String pooling : List.of("mean", "last")) {
      analyze("--queries", 20, "--pooling", pooling).succeeds();
      JsonNode layers =
          new ObjectMapper()
              .readTree(output.resolve("representations.json").toFile())
              .path("layers");
      assertEquals(3, layers.size(), "the embedding and two blocks");
      for (JsonNode layer : layers) {
        assertTrue(
            Double.isNaN(layer.at("/cka/0/1").asDouble())
                || pooling.equals("last")
                || Math.abs(layer.at("/cka/0/1").asDouble() - 1) < 1e-9,
            layer::toString);
        assertEquals(layer.at("/probes/0"), layer.at("/probes/1"));
      }
      if (pooling.equals("mean")) {
        assertTrue(layers.at("/2/probes/0/source").asDouble() > 0.9, layers::toString);
      }
    }
    for (String figure : List.of("pca-0", "tsne-0", "pca-1", "tsne-1", "probe", "cka")) {
      assertTrue(Files.exists(output.resolve("figures/" + figure + ".png")), figure);
    }
    String page = Files.readString(output.resolve("report.html"));
    assertTrue(page.contains("20 queries of each of sums, tales; layer 1 of the figures"));
  }

  @Test
  void badInputIsTold() {
    analyze("--queries", 21).fails(ExitCode.USAGE, "source sums has 20 samples, --queries asks");
    analyze("--queries", 4).fails(ExitCode.USAGE, "--queries must be 5 or more, got 4");
    analyze("--queries", 5, "--layer", 3).fails(ExitCode.USAGE, "--layer must be in 0 to 2, got 3");
    analyze("--pooling", "max").fails(ExitCode.USAGE, "--pooling must be mean or last, got max");
    analyze("--compare", folder.resolve("none")).fails(ExitCode.USAGE);
    Dmt.run(
            "analyze",
            "representations",
            "--model",
            model,
            "--compare",
            model,
            "--output",
            output,
            "--queries",
            5,
            "--data",
            "sums=" + folder.resolve("sums.jsonl"))
        .fails(ExitCode.USAGE, "give two or more, got 1");
  }
}
