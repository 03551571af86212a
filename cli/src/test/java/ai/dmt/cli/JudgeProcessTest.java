package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.evaluators.judge.JudgeServer;
import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.MtBenchFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A judging that is killed or interrupted in the middle, and started again. */
@Timeout(120)
class JudgeProcessTest {
  private static final int ANSWERED = 8;
  private static final String KEY = "sk-of-the-environment";

  @TempDir private Path folder;
  private MtBenchFiles files;
  private Path output;
  private final CountDownLatch go = new CountDownLatch(1);
  private JudgeServer server; // null until a test starts it
  private Process process; // null until it starts

  @BeforeEach
  void writeFiles() {
    files = new MtBenchFiles(folder, 12);
    output = folder.resolve("out.jsonl");
  }

  @AfterEach
  void stopAll() {
    if (process != null) {
      process.destroyForcibly();
    }
    go.countDown();
    server.close();
  }

  /** A server that rates as many requests and keeps the others waiting for {@link #go}. */
  private void startServer(int answered) {
    AtomicInteger count = new AtomicInteger();
    server =
        new JudgeServer(
            (request, earlier) -> {
              if (count.incrementAndGet() > answered) {
                go.await();
              }
              request.reply("Rating: [[%s]]".formatted(1 + request.userPrompt().length() % 10));
            });
  }

  private void startJudging(Path to) throws IOException {
    List<String> command = JavaWords.of(Main.class);
    command.addAll(
        List.of(
            "judge",
            "mtbench",
            "--base-url",
            server.url(),
            "--judge-model",
            "judge",
            "--api-key-env",
            "JUDGE_KEY",
            "--answers",
            files.answers("m", "answer").toString(),
            "--questions",
            files.questionFile().toString(),
            "--prompts",
            files.prompts().toString(),
            "--references",
            files.references().toString(),
            "--output",
            to.toString(),
            "--concurrency",
            "4"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JUDGE_KEY", KEY);
    process =
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(100, TimeUnit.SECONDS), "dmt does not end");
    return process.exitValue();
  }

  private void waitUntilAnswered() throws IOException, InterruptedException {
    Path partial = folder.resolve("out.jsonl.partial");
    while (!Files.exists(partial)
        || Files.readString(partial).chars().filter(c -> c == '\n').count() < ANSWERED) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(20);
    }
  }

  private static Set<String> prompts(List<JudgeServer.Request> requests) {
    return requests.stream().map(JudgeServer.Request::userPrompt).collect(Collectors.toSet());
  }

  @Test
  void killedJudgingContinuesAndAsksNothingTwice() throws Exception {
    startServer(ANSWERED);
    startJudging(output);
    waitUntilAnswered();
    process.destroyForcibly().waitFor(); // SIGKILL
    assertFalse(Files.exists(output));
    Set<String> answered =
        Files.readAllLines(folder.resolve("out.jsonl.partial")).stream()
            .map(line -> line.replaceFirst(".*\"user_prompt\": \"(.*?)\", \"judgment.*", "$1"))
            .collect(Collectors.toSet());
    assertEquals(ANSWERED, answered.size());
    server.close();

    startServer(Integer.MAX_VALUE); // on another port
    startJudging(output);
    assertEquals(ExitCode.OK, exitCode(), log());
    assertEquals(24 - ANSWERED, server.requests().size());
    Set<String> both = new HashSet<>(prompts(server.requests()));
    both.retainAll(answered);
    assertEquals(Set.of(), both);
    assertTrue(log().contains("24 of 24 judgements in " + output + ": 8 from the cache"), log());
    assertEquals(
        "Bearer " + KEY,
        server.requests().get(0).exchange().getRequestHeaders().getFirst("Authorization"));
    assertFalse(log().contains(KEY), log());

    Path undisturbed = folder.resolve("undisturbed.jsonl");
    startJudging(undisturbed);
    assertEquals(ExitCode.OK, exitCode(), log());
    assertEquals(withoutTimes(undisturbed), withoutTimes(output));
  }

  private static List<String> withoutTimes(Path file) {
    return Judgment.read(file).stream()
        .map(judgment -> judgment.json().replaceFirst(", \"tstamp\".*", ""))
        .toList();
  }

  @Test
  void signalLetsRequestsUnderWayEnd() throws Exception {
    startServer(ANSWERED);
    startJudging(output);
    waitUntilAnswered();
    while (server.requests().size() < ANSWERED + 4) {
      Thread.sleep(20);
    }
    process.destroy(); // SIGTERM
    while (!log().contains("dmt: stopping when the requests under way have ended")) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(20);
    }
    go.countDown();
    assertEquals(ExitCode.INTERRUPTED, exitCode(), log());
    assertTrue(log().contains("12 of 24 judgements, " + output + " is unchanged: "), log());
    assertEquals(ANSWERED + 4, server.requests().size());

    startJudging(output);
    assertEquals(ExitCode.OK, exitCode(), log());
    assertEquals(24, server.requests().size());
    assertEquals(24, server.asked().size(), "nothing twice");
  }
}
