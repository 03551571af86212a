package ai.dmt.evaluators.dialogue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.data.Turn;
import ai.dmt.evaluators.Benchmark;
import ai.dmt.evaluators.BenchmarkOptions;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.Evaluators;
import ai.dmt.evaluators.Prompt;
import ai.dmt.evaluators.Score;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.judge.Opinion;
import ai.dmt.evaluators.mtbench.ModelAnswer;
import ai.dmt.evaluators.mtbench.MtBenchFiles;
import ai.dmt.evaluators.mtbench.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MtBenchEvaluatorTest {
  @TempDir private Path folder;

  private Path questions() throws IOException {
    return Files.writeString(
        folder.resolve("q.jsonl"),
        """
        {"question_id": 7, "category": "lists", "turns": ["Say pear.", "Again."], "rules": \
        [[{"type": "equals", "text": "pear"}], [{"type": "contains", "text": "pear"}]]}
        {"question_id": 8, "category": "math", "turns": ["1 + 1?"], "rules": \
        [[{"type": "contains", "text": "2"}]]}
        """);
  }

  private Benchmark open(BenchmarkOptions options) throws IOException {
    return Evaluators.byName("mtbench").open(questions(), options);
  }

  private static CompletionRecord completion(String id, String text) {
    return new CompletionRecord(Origin.UNKNOWN, id, text);
  }

  private static String texts(Prompt prompt) {
    return prompt.conversation().turns().stream().map(Turn::text).collect(Collectors.joining("|"));
  }

  @Test
  void theSecondTurnFollowsTheModelsOwnFirstAnswer() throws IOException {
    Benchmark benchmark = open(BenchmarkOptions.defaults());
    List<Prompt> first = benchmark.prompts();
    assertEquals(List.of("7", "8"), first.stream().map(Prompt::id).toList());
    assertEquals(0.7, first.get(0).generation().temperature());
    assertEquals(0, first.get(1).generation().temperature());
    assertEquals(1024, first.get(0).generation().maxNewTokens());

    List<CompletionRecord> answers = List.of(completion("7", " plum\n"), completion("8", "2"));
    List<Prompt> second = benchmark.followUps(answers);
    assertEquals(List.of("7"), second.stream().map(Prompt::id).toList());
    assertEquals("Say pear.|plum|Again.", texts(second.get(0)));

    List<CompletionRecord> all = List.of(answers.get(0), answers.get(1), completion("7", "pear"));
    assertEquals(List.of(), benchmark.followUps(all));
    ScoreReport report = benchmark.score(all);
    Map<String, Double> scores =
        report.scores().stream().collect(Collectors.toMap(Score::name, Score::score));
    assertEquals(5.5, scores.get("turn 1"));
    assertEquals(10, scores.get("turn 2"));
    assertEquals(7, scores.get("average"));
    assertEquals(5.5, scores.get("lists"));
    assertEquals(
        List.of("7/0", "7/1", "8/0"),
        report.items().stream().map(item -> item.id() + "/" + item.sample()).toList());
    assertThrows(DataException.class, () -> benchmark.score(answers));
    assertThrows(DataException.class, () -> benchmark.score(List.of(completion("9", "x"))));
  }

  @Test
  void temperatureCanBeOneForAll() throws IOException {
    BenchmarkOptions options = BenchmarkOptions.defaults().with("temperature", "0").withLimit(1);
    List<Prompt> prompts = open(options).prompts();
    assertEquals(1, prompts.size());
    assertEquals(0, prompts.get(0).generation().temperature());
    assertThrows(
        ConfigException.class, () -> open(BenchmarkOptions.defaults().with("temperature", "hot")));
  }

  @Test
  void answersAreWrittenAsFastChatDoes() throws IOException {
    Benchmark benchmark = open(BenchmarkOptions.defaults());
    benchmark.export(
        "tuned",
        List.of(completion("7", "pear"), completion("8", "2"), completion("7", "pear\u00e9 ")),
        folder);
    Map<String, ModelAnswer> read = ModelAnswer.read(folder.resolve("model_answer/tuned.jsonl"));
    assertEquals(List.of("pear", "pear\u00e9"), read.get("7").turns());
    assertEquals("tuned", read.get("8").modelId());
  }

  @Test
  void questionsWithoutRulesHaveAnswersButNoScore() {
    MtBenchFiles files = new MtBenchFiles(folder, 2);
    Benchmark benchmark =
        Evaluators.byName("mtbench")
            .open(files.folder().resolve("question.jsonl"), BenchmarkOptions.defaults());
    assertEquals(2, benchmark.prompts().size());
    String reason = benchmark.unscorable().orElseThrow();
    assertTrue(reason.contains("question 1 has no rules"), reason);
    assertThrows(ConfigException.class, () -> benchmark.score(List.of()));
  }

  @Test
  void anyJudgeCanBeAsked() throws IOException {
    List<Question> asked = Question.read(questions());
    Benchmark benchmark =
        new MtBenchBenchmark(
            asked,
            new ai.dmt.evaluators.judge.Judge() {
              @Override
              public String name() {
                return "mine";
              }

              @Override
              public Opinion judge(ai.dmt.evaluators.mtbench.Match match, int repeat) {
                return new Opinion("p", "shown", "[[%s]]".formatted(match.turn()), 0, false);
              }
            });
    ScoreReport report =
        benchmark.score(List.of(completion("7", "a"), completion("8", "b"), completion("7", "c")));
    assertEquals(1.0, report.scores().get(0).score());
    assertEquals(2.0, report.scores().get(1).score());
  }
}
