package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.study.MadeUpStudy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Texts, numbers and weights are the same, to the byte, under locales with other letters and
 * digits.
 */
@Tag("native")
@Timeout(300)
class LocaleTest {
  /** What holds times, or the path of its folder, itself or as a sum of another file that does. */
  private static final Set<String> OWN =
      Set.of("metrics.jsonl", "plan.json", "provenance.json", "recipe.yaml");

  @TempDir private static Path folder;

  @BeforeAll
  static void writeInputs() throws Exception {
    Path recipe =
        TinyRecipe.write(
            folder,
            12,
            "strategy: {name: dmt, k: 0.25}",
            "data: {cutoff_len: 512}",
            "training: {num_train_epochs: 1, global_train_batch_size: 6, learning_rate: 1e-3,"
                + " report_to: none}",
            "engine: {threads: 1}");
    String stated = Files.readString(recipe).replace("files:", "samples: 120000, files:");
    Files.writeString(folder.resolve("plan.yaml"), stated);
    List<String> problems = new ArrayList<>();
    List<String> completions = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      problems.add("{\"question\": \"q\", \"answer\": \"#### %s\"}".formatted(1000 * i));
      completions.add("{\"id\": %s, \"completion\": \"#### %s\"}".formatted(i, 7000 * (i / 7)));
    }
    Files.write(folder.resolve("problems.jsonl"), problems);
    Files.write(folder.resolve("completions.jsonl"), completions);
    MadeUpStudy.write(folder.resolve("study"));
    run("und");
  }

  /** Runs the probe in a JVM of a locale. @return its results */
  private static Path run(String tag) throws IOException, InterruptedException {
    Path results = Files.createDirectories(folder.resolve(tag));
    String[] parts = tag.split("-", 3);
    List<String> command = JavaWords.of(LocaleProbe.class);
    command.add(1, "-Duser.language=" + (tag.equals("und") ? "" : parts[0]));
    command.add(2, "-Duser.country=" + (parts.length > 1 ? parts[1] : ""));
    command.add(3, "-Duser.extensions=" + (parts.length > 2 ? parts[2] : ""));
    command.add(4, "-Xmx512m");
    command.addAll(List.of(folder.toString(), results.toString()));
    Path log = folder.resolve(tag + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(200, TimeUnit.SECONDS), "the probe does not end");
    assertEquals(0, process.exitValue(), Files.readString(log));
    return results;
  }

  private static Set<String> files(Path results) throws IOException {
    try (Stream<Path> files = Files.walk(results)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !OWN.contains(file.getFileName().toString()))
          .map(file -> results.relativize(file).toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tr-TR-u-nu-mymr", "ar-EG-u-nu-arab"})
  void nothingHangsOnTheLocale(String tag) throws Exception {
    Path expected = folder.resolve("und");
    Path actual = run(tag);
    assertEquals(files(expected), files(actual));
    for (String file : files(expected)) {
      byte[] one = Files.readAllBytes(expected.resolve(file));
      byte[] other = Files.readAllBytes(actual.resolve(file));
      int at = Arrays.mismatch(one, other);
      assertArrayEquals(one, other, () -> file + " differs from byte " + at);
    }
  }
}
