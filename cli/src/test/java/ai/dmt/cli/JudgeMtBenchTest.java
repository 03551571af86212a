package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import ai.dmt.evaluators.ScoreReport;
import ai.dmt.evaluators.judge.JudgeServer;
import ai.dmt.evaluators.mtbench.JudgedAnswers;
import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.ModelAnswer;
import ai.dmt.evaluators.mtbench.MtBenchFiles;
import ai.dmt.evaluators.mtbench.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dmt judge mtbench} and {@code dmt score mtbench} in this process. */
@Timeout(120)
class JudgeMtBenchTest {
  @TempDir private Path folder;
  private MtBenchFiles files;
  private Path output;
  private JudgeServer server; // null until a test starts it

  @BeforeEach
  void writeFiles() {
    files = new MtBenchFiles(folder, 6);
    output = folder.resolve("out.jsonl");
  }

  @AfterEach
  void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  private Dmt judge(Object... more) {
    List<Object> words =
        new ArrayList<>(
            List.of(
                "judge",
                "mtbench",
                "--questions",
                files.questionFile(),
                "--output",
                output,
                "--base-url",
                server.url(),
                "--judge-model",
                "judge",
                "--prompts",
                files.prompts()));
    words.addAll(Arrays.asList(more));
    return Dmt.run(words.toArray());
  }

  /** The judge that FastChat asked, as far as its published file goes. */
  @Test
  void replayedJudgmentsGiveFastChatsFileAndScores() throws Exception {
    Path mtbench = SharedFiles.require("data/mtbench");
    Path stored = mtbench.resolve("model_judgment/gpt-4_single_medusa_vicuna7b.jsonl");
    String model = "vicuna-7b-v1.3";
    List<Judgment> published =
        Judgment.read(stored).stream().filter(j -> j.model().equals(model)).toList();
    Map<String, Judgment> byPrompt =
        published.stream().collect(Collectors.toMap(Judgment::userPrompt, Function.identity()));
    Path answers = folder.resolve("answers.jsonl");
    Files.write(
        answers,
        JudgedAnswers.of(model, published, Question.read(mtbench.resolve("question.jsonl")))
            .values()
            .stream()
            .map(ModelAnswer::json)
            .toList());
    server =
        new JudgeServer(
            (request, earlier) -> {
              Judgment judgment = byPrompt.get(request.userPrompt());
              if (judgment == null) {
                request.send(400, "FastChat never sent this prompt");
              } else {
                request.reply(judgment.judgment());
              }
            });

    Dmt.run(
            "judge",
            "mtbench",
            "--answers",
            answers,
            "--questions",
            mtbench.resolve("question.jsonl"),
            "--prompts",
            mtbench.resolve("judge_prompts.jsonl"),
            "--references",
            mtbench.resolve("reference_answer_gpt-4.jsonl"),
            "--output",
            output,
            "--base-url",
            server.url(),
            "--judge-model",
            "gpt-4",
            "--concurrency",
            8)
        .succeeds();

    assertEquals(160, server.requests().size());
    assertEquals(withoutTimes(published), withoutTimes(Judgment.read(output)));
    Path ours = folder.resolve("ours.json");
    Path theirs = folder.resolve("theirs.json");
    score("--judgments", output, "--json", ours).succeeds();
    score("--judgments", stored, "--model", model, "--json", theirs).succeeds();
    assertEquals(Files.readString(theirs), Files.readString(ours));
    assertEquals(6.103125, ScoreReport.read(ours).scores().get(2).score(), 1e-12);
  }

  private static List<String> withoutTimes(List<Judgment> judgments) {
    return judgments.stream().map(j -> j.json().replaceFirst(", \"tstamp\".*", "")).toList();
  }

  private static Dmt score(Object... more) {
    List<Object> words = new ArrayList<>(List.of("score", "mtbench"));
    words.addAll(Arrays.asList(more));
    return Dmt.run(words.toArray());
  }

  @Test
  void summaryAndExitCodeTellWhatFailed() throws IOException {
    server =
        new JudgeServer(
            (request, earlier) -> {
              if (request.userPrompt().contains("answer 1.2")) {
                request.send(500, "down");
              } else {
                request.reply(request.userPrompt().contains("2.2") ? "Hm." : "Rating: [[7]]");
              }
            });
    Path answers = files.answers("m", "answer");
    Dmt failed = judge("--answers", answers, "--references", files.references(), "--max-tries", 1);
    failed.fails(
        ExitCode.FAILED,
        "no reply: question 1 turn 2 of m",
        "no rating: question 2 turn 2 of m",
        "try 1 of 1 failed, given up: " + server.url() + "/chat/completions answered 500: down");
    assertEquals(
        "12 of 12 judgements in %s: 0 from the cache, 1 without a reply, 1 without a rating%n"
            .formatted(output),
        failed.out());

    Dmt scored = score("--judgments", output, "--questions", files.questionFile());
    assertTrue(scored.succeeds().contains("average"), scored::toString);
    assertTrue(
        scored
            .toString()
            .contains(
                "dmt: m: 2 of 12 judgements failed and are left out (1 without a reply, 1 without"
                    + " a rating): question 1 turn 2, question 2 turn 2"),
        scored::toString);

    server.close();
    server = new JudgeServer((request, earlier) -> request.reply("Rating: [[7]]"));
    assertEquals(
        "12 of 12 judgements in %s: 11 from the cache, 0 without a reply, 1 without a rating%n"
            .formatted(output),
        judge("--answers", answers, "--references", files.references()).succeeds());
    assertEquals(1, server.requests().size());
  }

  @Test
  void keyComesFromTheEnvironmentAlone() {
    server = new JudgeServer((request, earlier) -> request.reply("Rating: [[7]]"));
    Path answers = files.answers("m", "answer");
    List<Object> words =
        List.of("--answers", answers, "--references", files.references(), "--limit", 1);
    judge(words.toArray()).succeeds();
    assertFalse(
        server.requests().get(0).exchange().getRequestHeaders().containsKey("Authorization"));
    List<Object> named = new ArrayList<>(words);
    named.addAll(List.of("--api-key-env", "DMT_NO_SUCH_KEY"));
    judge(named.toArray())
        .fails(
            ExitCode.USAGE, "--api-key-env DMT_NO_SUCH_KEY: the environment has no such variable");
  }

  @Test
  void severalModelsAndRepeatsGoToOneFile() {
    server = new JudgeServer((request, earlier) -> request.reply("[[" + (5 + earlier) + "]]"));
    judge(
            "--answers",
            files.answers("m", "a"),
            files.answers("n", "b"),
            "--references",
            files.references(),
            "--repeats",
            2,
            "--judge-name",
            "gpt-4",
            "--concurrency",
            1)
        .succeeds();
    assertEquals(48, Judgment.read(output).size());
    assertEquals("gpt-4", Judgment.read(output).get(0).judge());
    String table = score("--judgments", output).succeeds();
    assertTrue(table.contains("repeat 2"), table);
    assertTrue(table.contains("sd of repeats"), table);
    String ofOne = score("--judgments", output, "--model", "n").succeeds();
    assertFalse(ofOne.contains(" m "), ofOne);
    score("--judgments", output, "--model", "x")
        .fails(ExitCode.USAGE, "--model x: " + output + " has m, n");
  }

  @Test
  void refusedRequestEndsWithExitCodeTwo() {
    server =
        new JudgeServer(
            (request, earlier) -> request.send(401, "{\"error\": {\"message\": \"who are you\"}}"));
    judge("--answers", files.answers("m", "a"), "--references", files.references())
        .fails(ExitCode.USAGE, "/chat/completions answered 401: who are you");
    assertFalse(Files.exists(output));
  }

  @Test
  void faultyInputIsNamedBeforeAnythingIsAsked() throws IOException {
    server = new JudgeServer((request, earlier) -> request.reply("[[5]]"));
    Path answers = files.answers("m", "a");
    judge("--answers", answers)
        .fails(
            ExitCode.USAGE,
            files.questionFile() + ":3: question 3 of category math needs a reference answer");
    List<String> lines = Files.readAllLines(answers);
    Files.write(answers, lines.subList(0, 5));
    judge("--answers", answers, "--references", files.references())
        .fails(
            ExitCode.USAGE,
            files.questionFile() + ":6: question 6 has no answer of m in " + answers);
    Files.write(answers, lines);
    Files.write(answers, List.of(lines.get(0).replace("[\"a 1.1\", \"a 1.2\"]", "[\"a 1.1\"]")));
    judge("--answers", answers, "--limit", 1)
        .fails(ExitCode.USAGE, answers + ":1: answer to question 1 has 1 turns, turn 2");
    Path twice = files.answers("m", "a");
    judge("--answers", twice, twice, "--limit", 1)
        .fails(ExitCode.USAGE, "model_id \"m\" is that of " + twice + " too");
    judge("--answers", twice, "--limit", 0).fails(ExitCode.USAGE, "--limit must be positive");
    judge("--answers", twice, "--local").fails(ExitCode.USAGE, "--local");
    Dmt.run("judge").fails(ExitCode.USAGE, "name a benchmark: mtbench");
    Files.writeString(
        files.prompts(), Files.readString(files.prompts()).replace("{question}", "{quest}"));
    judge("--answers", twice, "--limit", 1)
        .fails(
            ExitCode.USAGE,
            files.prompts() + ":1: the template has the place {quest}, expected one of [answer,");
    assertEquals(List.of(), server.requests());
  }

  @Test
  void rulesJudgeWithoutAnEndpoint() throws IOException {
    Path questions = folder.resolve("q.jsonl");
    Files.writeString(
        questions,
        "{\"question_id\": 1, \"category\": \"lists\", \"turns\": [\"Say a.\", \"Say b.\"],"
            + " \"rules\": [[{\"type\": \"contains\", \"text\": \"a\"}],"
            + " [{\"type\": \"contains\", \"text\": \"b\"}]]}\n");
    Path answers = files.answers("m", "a");
    String[] words = {
      "judge",
      "mtbench",
      "--local",
      "--questions",
      questions.toString(),
      "--answers",
      answers.toString(),
      "--output",
      output.toString()
    };
    assertEquals(
        "2 of 2 judgements in %s: 0 from the cache, 0 without a reply, 0 without a rating%n"
            .formatted(output),
        Dmt.run((Object[]) words).succeeds());
    String table =
        score("--judgments", output, "--questions", questions).succeeds().replaceAll(" +", " ");
    assertTrue(table.contains("turn 1 10.00"), table);
    assertTrue(table.contains("turn 2 1.00"), table);
    words[4] = files.questionFile().toString();
    Dmt.run((Object[]) words)
        .fails(
            ExitCode.USAGE,
            files.questionFile()
                + ":1: question 1 has no \"rules\", which the rule-based judge needs");
  }
}
