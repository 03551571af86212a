package ai.dmt.rft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.gsm8k.Gsm8kProblem;
import ai.dmt.model.Model;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathSamplingTest {
  private static final PathSettings SETTINGS =
      PathSettings.defaults().withSamples(3).withMaxNewTokens(5).withBatchSize(2);

  @TempDir private Path folder;

  /** As an exception in a listener ends a run, so does a signal: after a sample or in a line. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static List<Gsm8kProblem> problems(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> new Gsm8kProblem("" + i, Origin.UNKNOWN, i + "+1?", "#### %s".formatted(i + 1)))
        .toList();
  }

  private Model model() throws IOException {
    return Model.open(TinyModel.write(folder.resolve("model")));
  }

  private int run(Model model, PathSettings settings, String name, IntConsumer done) {
    return new PathSampling(model, model.template(), settings)
        .run(problems(5), folder.resolve(name), done);
  }

  private Set<String> lines(String name) throws IOException {
    return new TreeSet<>(Files.readAllLines(folder.resolve(name).resolve(PathSampling.SAMPLES)));
  }

  @Test
  void aRunThatIsKilledAnywhereGoesOnToTheSameSamples() throws IOException {
    try (Model model = model()) {
      assertEquals(0, run(model, SETTINGS, "whole", made -> {}));
      Set<String> whole = lines("whole");
      assertEquals(15, whole.size());
      byte[] bytes = Files.readAllBytes(folder.resolve("whole").resolve(PathSampling.SAMPLES));
      for (int length : new int[] {0, 1, bytes.length / 3, bytes.length - 1, bytes.length}) {
        Path cut = Files.createDirectories(folder.resolve("cut" + length));
        Files.copy(
            folder.resolve("whole").resolve(PathSampling.SETTINGS),
            cut.resolve(PathSampling.SETTINGS));
        Files.write(cut.resolve(PathSampling.SAMPLES), Arrays.copyOf(bytes, length));
        run(model, SETTINGS.withBatchSize(5), "cut" + length, made -> {});
        assertEquals(whole, lines("cut" + length), "cut at " + length);
      }
      assertThrows(
          Killed.class,
          () ->
              run(
                  model,
                  SETTINGS,
                  "killed",
                  made -> {
                    if (made == 4) {
                      throw new Killed();
                    }
                  }));
      assertTrue(whole.containsAll(lines("killed")) && lines("killed").size() >= 4);
      run(model, SETTINGS, "killed", made -> {});
      assertEquals(whole, lines("killed"));
    }
  }

  @Test
  void moreSamplesAreAddedAndAllDiffer() throws IOException {
    try (Model model = model()) {
      run(model, SETTINGS.withSamples(1), "grown", made -> {});
      run(model, SETTINGS, "grown", made -> {});
      run(model, SETTINGS, "whole", made -> {});
      assertEquals(lines("whole"), lines("grown"));
      Set<String> texts = new HashSet<>();
      SampledPaths.read(
          folder.resolve("whole").resolve(PathSampling.SAMPLES),
          sample -> texts.add(sample.completion()));
      assertTrue(texts.size() > 10, texts::toString);
      run(model, SETTINGS.withSeed(1), "seed", made -> {});
      assertTrue(lines("seed").stream().filter(lines("whole")::contains).count() < 5);
    }
  }

  @Test
  void samplesOfOtherSettingsOrWithoutAnyAreLeftAlone() throws IOException {
    try (Model model = model()) {
      run(model, SETTINGS, "a", made -> {});
      Set<String> before = lines("a");
      String message =
          assertThrows(
                  ConfigException.class, () -> run(model, SETTINGS.withSeed(7), "a", made -> {}))
              .getMessage();
      assertTrue(
          message.endsWith(
              "the samples there were made with seed 0, these would be with 7; take another folder"),
          message);
      Files.delete(folder.resolve("a").resolve(PathSampling.SETTINGS));
      assertThrows(ConfigException.class, () -> run(model, SETTINGS, "a", made -> {}));
      assertEquals(before, lines("a"));
    }
  }

  @Test
  void oneProcessAtATimeSamplesIntoAFolder() throws IOException {
    Path file = folder.resolve(PathSampling.SAMPLES);
    try (SampledPaths first = SampledPaths.open(file)) {
      first.add(0, 0, "a\n\ud83d\ude00", "stop");
      assertThrows(ConfigException.class, () -> SampledPaths.open(file).close());
    }
    try (SampledPaths second = SampledPaths.open(file)) {
      assertTrue(second.has(0, 0));
    }
  }

  @Test
  void damageInTheMiddleIsNamedAndAnUnfinishedEndIsNot() throws IOException {
    Path file = folder.resolve("s.jsonl");
    String line = "{\"problem\": 0, \"sample\": 0, \"completion\": \"\u00e4 #### 1\"}\n";
    Files.writeString(file, line + line + "{\"problem\": 1, \"sam", StandardCharsets.UTF_8);
    RftData data = new RftData(problems(2));
    data.add(file);
    RftData.Report report = data.write(folder.resolve("rft.jsonl"));
    assertEquals(new PathSelection.Counts(2, 0, 0, 1), report.counts());
    assertEquals(
        List.of(
            "{\"query\":\"0+1?\",\"response\":\"#### 1\"}",
            "{\"query\":\"0+1?\",\"response\":\"\u00e4 #### 1\"}",
            "{\"query\":\"1+1?\",\"response\":\"#### 2\"}"),
        Files.readAllLines(folder.resolve("rft.jsonl")));
    for (String bad :
        List.of(
            "{\"problem\": 1, \"sam\n" + line,
            "{\"problem\": 2, \"sample\": 0, \"completion\": \"\"}\n",
            "{\"problem\": -1, \"sample\": 0, \"completion\": \"\"}\n",
            "[]\n",
            "\n",
            "{\"problem\": 1, \"sample\": 0}\n")) {
      Files.writeString(file, line + bad);
      String message =
          assertThrows(DataException.class, () -> new RftData(problems(2)).add(file)).getMessage();
      assertTrue(message.startsWith(file + ":2: "), message);
    }
  }
}
