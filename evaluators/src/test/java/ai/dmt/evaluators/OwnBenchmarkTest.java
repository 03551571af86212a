package ai.dmt.evaluators;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.comparison.Comparison;
import ai.dmt.evaluators.comparison.ComparisonOptions;
import ai.dmt.evaluators.comparison.ScoreComparison;
import ai.dmt.evaluators.comparison.ScoredModel;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program, the service file and the problems of docs/own-benchmark.md, as they stand there. */
class OwnBenchmarkTest {
  private static final Path PAGE = Path.of("../docs/own-benchmark.md");

  @TempDir private Path folder;
  private ClassLoader before;
  private URLClassLoader jar;
  private Path problems;

  @BeforeEach
  void compileThePage() throws IOException {
    Path source = Files.createDirectories(folder.resolve("example"));
    source = Files.writeString(source.resolve("CapitalsEvaluator.java"), block("java"));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", folder.toString(), "-cp", classPath, source.toString());
    assertEquals(0, status, "the page's program does not compile");
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve("ai.dmt.evaluators.Evaluator"), block("text"));
    problems = Files.writeString(folder.resolve("capitals.jsonl"), block("json"));
    before = Thread.currentThread().getContextClassLoader();
    jar = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before);
    Thread.currentThread().setContextClassLoader(jar);
  }

  @AfterEach
  void forgetIt() throws IOException {
    Thread.currentThread().setContextClassLoader(before);
    jar.close();
  }

  private static String block(String language) throws IOException {
    String page = Files.readString(PAGE);
    String open = "```" + language + "\n";
    int start = page.indexOf(open) + open.length();
    assertTrue(start >= open.length(), PAGE + " has no block of " + language);
    return page.substring(start, page.indexOf("```", start));
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
