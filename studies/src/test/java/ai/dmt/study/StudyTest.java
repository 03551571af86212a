package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.provenance.Change;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("native")
class StudyTest {
  private static final List<String> SMALL =
      List.of(
          "seeds=1",
          "world.scale=1/2000",
          "benchmarks.gsm8k.limit=2",
          "benchmarks.humaneval.limit=2",
          "benchmarks.mtbench.limit=2");

  @TempDir private Path folder;

  @Test
  void aCellIsTrainedScoredAndReadAsAnObject() throws Exception {
    List<String> lines = new ArrayList<>();
    Study study =
        Study.open(StudyPresets.read("tiny", SMALL), folder.resolve("study"))
            .withQuestions(List.of(StudyQuestion.STRATEGIES))
            .withCells(List.of("multi-task seed 11"))
            .withLog(lines::add);
    assertEquals(List.of(), study.results());

    StudyRun.Outcome outcome = study.run();

    assertEquals(List.of(), outcome.failed());
    assertEquals(1, outcome.cells());
    CellResult cell = study.results().get(0);
    assertEquals("multi-task seed 11", cell.id());
    assertEquals("multi-task", cell.strategy());
    assertEquals(11, cell.seed());
    assertTrue(cell.scores().containsKey("gsm8k"), cell::toString);
    assertEquals(Set.of("code", "math", "general"), cell.heldOut().keySet());
    assertTrue(lines.size() >= 2, lines::toString);
    assertTrue(Files.exists(folder.resolve("study/report.html")));
    whatChangesIsNamed(new StudyFolder(folder.resolve("study")));
  }

  private static void whatChangesIsNamed(StudyFolder study) throws Exception {
    assertEquals(List.of(), study.verify().changes());
    Path definition = study.study();
    String text = Files.readString(definition);
    Files.writeString(definition, text.replaceFirst("learning_rate: [^\n]+", "learning_rate: 0.5"));
    List<Change> changes = study.verify().changes();
    assertEquals(1, changes.size(), changes::toString);
    assertTrue(changes.get(0).what().endsWith("training.learning_rate"), changes::toString);
    assertEquals("0.5", changes.get(0).actual());
    Files.writeString(definition, text);
    try (Stream<Path> nodes = Files.list(study.node("x").getParent())) {
      Path model =
          nodes
              .map(node -> node.resolve("model"))
              .filter(Files::isDirectory)
              .findFirst()
              .orElseThrow();
      assertTrue(Files.readString(model.resolve("README.md")).contains("| math |"));
      Files.delete(model.resolve("model.safetensors"));
    }
    List<Change> gone = study.verify().changes();
    assertEquals(1, gone.size(), gone::toString);
    assertEquals("missing", gone.get(0).actual());
  }
}
