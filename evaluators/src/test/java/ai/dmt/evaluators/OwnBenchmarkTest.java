package ai.dmt.evaluators;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.GuidePage;
import ai.dmt.config.ConfigException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.comparison.Comparison;
import ai.dmt.evaluators.comparison.ComparisonOptions;
import ai.dmt.evaluators.comparison.ScoreComparison;
import ai.dmt.evaluators.comparison.ScoredModel;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program, the service file and the problems of docs/own-benchmark.md, as they stand there. */
class OwnBenchmarkTest {
  private static final GuidePage PAGE = new GuidePage(Path.of("../docs/own-benchmark.md"));

  @TempDir private Path folder;
  private ClassLoader before;
  private URLClassLoader jar;
  private Path problems;

  @BeforeEach
  void compileThePage() throws IOException {
    PAGE.compile("CapitalsEvaluator", folder);
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve("ai.dmt.evaluators.Evaluator"), PAGE.block("text"));
    problems = Files.writeString(folder.resolve("capitals.jsonl"), PAGE.block("json"));
    before = Thread.currentThread().getContextClassLoader();
    jar = GuidePage.loader(folder);
    Thread.currentThread().setContextClassLoader(jar);
  }

  @AfterEach
  void forgetIt() throws IOException {
    Thread.currentThread().setContextClassLoader(before);
    jar.close();
  }

  private static CompletionRecord answer(String id, String text) {
    return new CompletionRecord(Origin.UNKNOWN, id, text);
  }

  @Test
  void itIsFoundAskedAndScored() {
    assertTrue(Evaluators.names().containsAll(List.of("capitals", "gsm8k")));
    Benchmark benchmark = Evaluators.byName("capitals").open(problems, BenchmarkOptions.defaults());
    List<Prompt> prompts = benchmark.prompts();
    assertEquals(List.of("France", "Peru"), prompts.stream().map(Prompt::id).toList());
    assertTrue(prompts.get(1).conversation().toString().contains("the capital of Peru?"));
    ScoreReport good =
        benchmark.score(List.of(answer("Peru", "Lima, of course."), answer("France", "Paris")));
    assertEquals(1, good.scores().get(0).score());
    ScoreReport bad = benchmark.score(List.of(answer("France", "Lyon"), answer("Peru", "Lima")));
    assertEquals(0.5, bad.scores().get(0).score());
    ScoreComparison compared =
        Comparison.of(
                List.of(
                    new ScoredModel("good", List.of(good)), new ScoredModel("bad", List.of(bad))),
                ComparisonOptions.all())
            .comparisons()
            .get(0);
    assertEquals(List.of("France"), compared.paired().lower());
  }

  @Test
  void settingsAndLimitsAreItsOwn() {
    Evaluator capitals = Evaluators.byName("capitals");
    BenchmarkOptions french =
        BenchmarkOptions.defaults().with("question", "Capitale de %s ?").withLimit(1);
    List<Prompt> prompts = capitals.open(problems, french).prompts();
    assertEquals(1, prompts.size());
    assertTrue(prompts.get(0).conversation().toString().contains("Capitale de France ?"));
    BenchmarkOptions wrong = BenchmarkOptions.defaults().with("questoin", "x");
    assertTrue(
        assertThrows(ConfigException.class, () -> capitals.open(problems, wrong))
            .getMessage()
            .contains("did you mean question?"));
  }
}
