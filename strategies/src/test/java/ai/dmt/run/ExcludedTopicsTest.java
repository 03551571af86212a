package ai.dmt.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.data.DataException;
import ai.dmt.data.DropReason;
import ai.dmt.data.Source;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forty rows of one question each, of which every third is about a program. */
class ExcludedTopicsTest {
  private static final int ROWS = 40;

  @TempDir private Path folder;
  private Path model;
  private Path file;

  @BeforeEach
  void writeFiles() throws IOException {
    model = TinyModel.write(folder.resolve("model"));
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      String answer =
          isCode(i) ? "```python\\nprint(%s)\\n```" : "It rained in May, said guest %s.";
      records.append(
          "{\"id\": \"r%s\", \"question\": \"number %s?\", \"answer\": \"%s\"}\n"
              .formatted(i, i, answer.formatted(i)));
    }
    file = Files.writeString(folder.resolve("rows.jsonl"), records);
  }

  private static boolean isCode(int row) {
    return row % 3 == 0;
  }

  private SourceData read(String... changes) {
    Recipe recipe =
        RecipeReader.parse(
            """
            model: %s
            sources: {chat: {role: general, files: [%s]}}
            strategy: {name: multi-task}
            data: {cutoff_len: 512}
            """
                .formatted(model, file),
            "test",
            List.of(changes));
    try (PreparedSources prepared = PreparedSources.of(recipe, CacheUse.none())) {
      return prepared.sources().get(0);
    }
  }

  private static List<Long> lines(Source source) {
    return source.samples().stream().map(sample -> sample.origin().line()).toList();
  }

  /** The paths of a recipe that say what is read and what is held out. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "data.eval_fraction=0",
        "data.eval_fraction=0.3",
        "sources.chat.max_samples=20",
        "sources.chat.held_out=[%s]"
      })
  void topicsLeaveWhatIsTrainedOnAlone(String change) {
    String[] some = {"data.eval_fraction=0.2", change.formatted(file)};
    SourceData whole = read(some);
    SourceData without = read(some[0], some[1], "sources.chat.prepare.exclude=[code]");
    assertEquals(lines(whole.heldOut()), lines(without.heldOut()));
    List<Long> expected =
        lines(whole.train()).stream().filter(line -> !isCode((int) (line - 1))).toList();
    assertTrue(expected.size() < whole.train().samples().size(), expected::toString);
    assertEquals(expected, lines(without.train()));
    assertTrue(without.drops().of(DropReason.ABOUT_CODE) > 0, without.drops()::toString);
  }

  @Test
  void aSourceOfTheTopicAloneIsToldByName() throws IOException {
    Files.writeString(
        file, "{\"question\": \"one?\", \"answer\": \"```python\\nprint(1)\\n```\"}\n");
    String message =
        assertThrows(DataException.class, () -> read("sources.chat.prepare.exclude=[code]"))
            .getMessage();
    assertTrue(message.contains("source chat has no sample to train on"), message);
  }
}
