package ai.dmt.evaluators.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.UnscoredException;
import ai.dmt.evaluators.judge.JudgeServer;
import ai.dmt.evaluators.mtbench.MtBenchFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** MT-Bench as a service with a judge behind an endpoint, here a server on a loopback port. */
@Timeout(60)
class HttpJudgingTest {
  private static final int QUESTIONS = 3;

  @TempDir private Path folder;
  private MtBenchFiles files;

  @BeforeEach
  void writeFiles() {
    files = new MtBenchFiles(folder, QUESTIONS);
  }

  private BenchmarkOptions options(String url) {
    return BenchmarkOptions.defaults()
        .with("judge-url", url)
        .with("judge-model", "m")
        .with("judge-references", "reference.jsonl")
        .with("judge-tries", "1");
  }

  private Benchmark open(BenchmarkOptions options) {
    return Evaluators.byName("mtbench").open(files.questionFile(), options);
  }

  private static List<CompletionRecord> answers() {
    List<CompletionRecord> answers = new ArrayList<>();
    for (int turn = 1; turn <= 2; turn++) {
      for (int id = 1; id <= QUESTIONS; id++) {
        answers.add(
            new CompletionRecord(Origin.UNKNOWN, "" + id, "answer %s.%s".formatted(id, turn)));
      }
    }
    return answers;
  }

  /** Ratings of the three repeats of a turn are 4, 6 and 8: mean 6, deviation of repeats 2. */
  @Test
  void repeatsAreAveragedAndTheirSpreadIsTold() {
    Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    try (JudgeServer server =
        new JudgeServer(
            (request, earlier) -> {
              int before =
                  asked
                      .computeIfAbsent(request.userPrompt(), text -> new AtomicInteger())
                      .getAndIncrement();
              request.reply("so: [[%s]]".formatted(4 + 2 * before));
            })) {
      Benchmark benchmark =
          open(
              options(server.url())
                  .with("judge-key", "secret-key")
                  .with("judge-repeats", "3")
                  .with("judge-concurrency", "1")
                  .with("judge-cache", folder.resolve("replies").toString()));
      assertTrue(benchmark.unscorable().isEmpty());
      Map<String, Double> scores =
          benchmark.score(answers()).scores().stream()
              .collect(Collectors.toMap(Score::name, Score::score));
      assertEquals(6, scores.get("average"), 1e-12);
      assertEquals(
          List.of(4.0, 6.0, 8.0),
          List.of(scores.get("repeat 1"), scores.get("repeat 2"), scores.get("repeat 3")));
      assertEquals(2, scores.get("sd of repeats"), 1e-12);
      assertEquals(6, scores.get("math"), 1e-12);
      assertEquals(3 * 2 * QUESTIONS, server.requests().size());
      assertTrue(
          server.requests().stream().anyMatch(r -> r.userPrompt().contains("R reference 3.1")));
      assertEquals(
          List.of("Bearer secret-key"),
          server.requests().get(0).exchange().getRequestHeaders().get("Authorization"));
      benchmark.score(answers());
      assertEquals(3 * 2 * QUESTIONS, server.requests().size(), "the cache has all replies");
    }
  }

  @Test
  void aJudgeThatDoesNotReplyLeavesNoScore() {
    try (JudgeServer server = new JudgeServer((request, earlier) -> request.send(500, "down"))) {
      Benchmark benchmark = open(options(server.url()));
      UnscoredException e = assertThrows(UnscoredException.class, () -> benchmark.score(answers()));
      assertTrue(
          e.getMessage().startsWith("no reply from the judge m in 1 tries: "), e.getMessage());
      assertTrue(server.requests().size() < 2 * QUESTIONS, "it stops at the first");
    }
  }

  @Test
  void aJudgeThatRefusesOrNeverRatesLeavesNoScore() {
    try (JudgeServer server = new JudgeServer((request, earlier) -> request.send(401, "no"))) {
      Benchmark benchmark = open(options(server.url()).with("judge-key", "secret-key"));
      String message =
          assertThrows(UnscoredException.class, () -> benchmark.score(answers())).getMessage();
      assertTrue(message.startsWith("the judge m cannot be asked: "), message);
      assertFalse(message.contains("secret-key"), message);
    }
    try (JudgeServer server = new JudgeServer((request, earlier) -> request.reply("good"))) {
      Benchmark benchmark = open(options(server.url()));
      String message =
          assertThrows(UnscoredException.class, () -> benchmark.score(answers())).getMessage();
      assertEquals("none of the 6 replies of the judge m holds a rating", message);
    }
  }

  @Test
  void settingsAtFaultAreToldBeforeAnythingIsAsked() {
    refuses("judge-model", options("http://127.0.0.1:1/v1").with("judge-model", ""));
    refuses("judge-repeats", options("http://127.0.0.1:1/v1").with("judge-repeats", "1.5"));
    refuses("judge-timeout", options("http://127.0.0.1:1/v1").with("judge-timeout", "soon"));
    refuses("no.jsonl", options("http://127.0.0.1:1/v1").with("judge-references", "no.jsonl"));
    refuses("judge-url", BenchmarkOptions.defaults().with("judge-model", "m"));
  }

  private void refuses(String named, BenchmarkOptions options) {
    String message = assertThrows(ConfigException.class, () -> open(options)).getMessage();
    assertTrue(message.contains(named), message);
  }
}
