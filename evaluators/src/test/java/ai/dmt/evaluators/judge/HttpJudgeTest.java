package ai.dmt.evaluators.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import ai.dmt.evaluators.mtbench.JudgePrompts;
import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.Match;
import ai.dmt.evaluators.mtbench.MtBenchFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The judge against a server on a loopback port. Waits between tries pass at once. */
@Timeout(60)
class HttpJudgeTest {
  private static final String KEY = "sk-very-secret";

  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock();
  private final List<String> failedTries = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger keysInReplies = new AtomicInteger();
  private final List<String> damaged = Collections.synchronizedList(new ArrayList<>());
  private MtBenchFiles files;
  private Path output;
  private Path cache;
  private JudgeServer server; // null until a test starts it
  private int maxTries = 16;
  private int concurrency = 4;
  private int repeats = 1;
  private double requestsPerMinute;
  private Duration timeout = Duration.ofSeconds(30);

  @BeforeEach
  void writeFiles() {
    files = new MtBenchFiles(folder, 12);
    output = folder.resolve("out/judgments.jsonl");
    cache = folder.resolve("cache");
  }

  @AfterEach
  void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  private void start(JudgeServer.Behaviour behaviour) {
    if (server != null) {
      server.close();
    }
    server = new JudgeServer(behaviour);
  }

  private JudgingRun run(JudgeClock time) {
    JudgeListener listener =
        new JudgeListener() {
          @Override
          public void onFailedTry(int tried, int max, String reason, Duration wait) {
            failedTries.add("%s of %s: %s".formatted(tried, max, reason));
          }

          @Override
          public void onKeyInReply() {
            keysInReplies.incrementAndGet();
          }

          @Override
          public void onDamagedReply(Path file, String fault) {
            damaged.add(file + " " + fault);
          }
        };
    HttpJudgeSettings settings =
        HttpJudgeSettings.of(server.url() + "/", "judge-model")
            .withKey(KEY)
            .withTimeout(timeout)
            .withRequestsPerMinute(requestsPerMinute)
            .withBackoff(Backoff.standard(maxTries, () -> 0.5));
    HttpJudge judge =
        new HttpJudge("gpt-4", new JudgePrompts(files.prompts()), settings, cache, time, listener);
    return new JudgingRun(judge, repeats, concurrency, time, listener);
  }

  private JudgingResult judge(List<Match> matches) throws InterruptedException {
    return run(clock).judge(matches, output);
  }

  private JudgingResult judge() throws InterruptedException {
    return judge(files.matches(files.answers("m", "answer")));
  }

  private static void rate(JudgeServer.Request request) throws IOException {
    request.reply("Fine. Rating: [[%s]]".formatted(1 + request.userPrompt().length() % 10));
  }

  private List<String> keptReplies() throws IOException {
    if (!Files.exists(cache)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(cache)) {
      return tree.filter(Files::isRegularFile).map(Path::toString).sorted().toList();
    }
  }

  @Test
  void requestIsThatOfFastChat() throws Exception {
    start((request, earlier) -> rate(request));
    concurrency = 1;
    judge();
    JudgeServer.Request first = server.requests().get(0);
    assertEquals(
        "{\"model\":\"judge-model\",\"messages\":[{\"role\":\"system\",\"content\":\"Be kind.\"},"
            + "{\"role\":\"user\",\"content\":\"Q first 1 A answer 1.1\"}],\"n\":1,"
            + "\"temperature\":0,\"max_tokens\":2048}",
        first.body().toString());
    assertEquals("Bearer " + KEY, first.exchange().getRequestHeaders().getFirst("Authorization"));
    List<String> prompts = server.requests().stream().map(JudgeServer.Request::userPrompt).toList();
    assertEquals("Q first 3 R reference 3.1 A answer 3.1", prompts.get(8));
    assertEquals("first 1|answer 1.1|second 1|answer 1.2", prompts.get(12));
    assertEquals(
        "reference 3.1|reference 3.2|answer 3.1|answer 3.2|first 3|second 3", prompts.get(20));
    assertEquals(
        1, server.requests().get(20).body().path("messages").size(), "no empty system message");
  }

  /** Every request fails in its own way before it succeeds, some more than once. */
  @Test
  void everyFaultIsSurvivedAndNothingIsJudgedTwice() throws Exception {
    Map<String, Integer> rated = new ConcurrentHashMap<>();
    Map<String, Integer> kinds = new ConcurrentHashMap<>();
    start(
        (request, earlier) -> {
          int kind = kinds.computeIfAbsent(request.userPrompt(), prompt -> kinds.size());
          if (earlier >= kind % 3 + 1) {
            rated.merge(request.userPrompt(), 1, Integer::sum);
            if (kind == 5) {
              request.reply("I would rather not say.");
            } else {
              rate(request);
            }
            return;
          }
          switch (kind % 9) {
            case 0 -> request.send(429, "{\"error\": {\"message\": \"slow down\"}}");
            case 1 -> request.send(429, "", "Retry-After", "7");
            case 2 -> request.send(500, "oops");
            case 3 -> request.send(503, "");
            case 4 -> request.send(200, "{\"choices\": [");
            case 5 -> request.send(200, "{\"error\": {\"message\": \"overloaded\"}}");
            case 6 -> request.send(200, "{\"choices\": [{\"message\": {\"content\": null}}]}");
            case 7 -> request.drop();
            default -> request.send(408, "late");
          }
        });

    JudgingResult result = judge();

    assertTrue(result.complete());
    assertEquals(24, result.total());
    assertEquals(List.of(), result.withoutReply());
    assertEquals(1, result.withoutRating().size());
    assertEquals(24, rated.size());
    assertEquals(24, rated.values().stream().mapToInt(n -> n).sum(), "each rated once");
    assertEquals(24, keptReplies().size());
    assertEquals(48, failedTries.size());
    assertFalse(failedTries.toString().contains(KEY), failedTries::toString);
    String written = Files.readString(output);
    assertEquals(24, Judgment.read(output).size());
    assertFalse(Files.exists(folder.resolve("out/judgments.jsonl.partial")));

    start((request, earlier) -> request.send(500, "must not be asked"));
    JudgingResult again = judge();

    assertEquals(24, again.fromCache());
    assertEquals(List.of(), server.requests());
    assertEquals(written, Files.readString(output), "the same bytes, times included");
  }

  @Test
  void outputIsInFastChatsOrderWhateverComesFirst() throws Exception {
    concurrency = 4;
    CyclicBarrier together = new CyclicBarrier(4);
    start(
        (request, earlier) -> {
          try {
            together.await(); // slow: none is answered before four are under way
          } catch (java.util.concurrent.BrokenBarrierException e) {
            throw new IOException(e);
          }
          rate(request);
        });
    List<Match> matches = files.matches(files.answers("m", "answer"));
    judge(matches);
    List<String> expected =
        matches.stream().map(match -> match.question().id() + "/" + match.turn()).toList();
    assertEquals(
        expected,
        Judgment.read(output).stream().map(j -> j.questionId() + "/" + j.turn()).toList());
    assertEquals(List.of("1/1", "2/1", "4/1"), expected.subList(0, 3));
    assertEquals(List.of("3/1", "6/1", "9/1", "12/1", "1/2"), expected.subList(8, 13));
  }

  @Test
  void judgeThatNeverAnswersLeavesErrorsThatAreAskedAgain() throws Exception {
    maxTries = 3;
    start(
        (request, earlier) -> {
          if (request.userPrompt().contains("answer 2.1")) {
            request.send(500, "down");
          } else {
            rate(request);
          }
        });

    JudgingResult result = judge();

    assertEquals(2, result.withoutReply().size(), "both turns show the first answer");
    Judgment failed = result.withoutReply().get(0);
    assertEquals("$ERROR$", failed.judgment());
    assertTrue(failed.score().failed());
    assertTrue(Files.readString(output).contains("\"judgment\": \"$ERROR$\", \"score\": -1, "));
    assertEquals(6, failedTries.size());
    assertEquals(22, keptReplies().size());

    start((request, earlier) -> rate(request));
    assertEquals(List.of(), judge().withoutReply());
    assertEquals(2, server.requests().size());
  }

  @Test
  void waitsDoubleAndHonourRetryAfter() throws Exception {
    concurrency = 1;
    maxTries = 10;
    List<Instant> times = Collections.synchronizedList(new ArrayList<>());
    start(
        (request, earlier) -> {
          times.add(clock.now());
          if (earlier < 8 && request.userPrompt().equals("Q first 1 A answer 1.1")) {
            request.send(500, "");
          } else if (earlier == 0 && request.userPrompt().equals("Q first 2 A answer 2.1")) {
            request.send(429, "", "Retry-After", "40");
          } else if (earlier == 0 && request.userPrompt().equals("Q first 4 A answer 4.1")) {
            String date = "Tue, 24 Nov 2026 01:00:00 GMT"; // further off than is believed
            request.send(429, "", "Retry-After", date);
          } else {
            rate(request);
          }
        });
    judge();
    List<Double> gaps = new ArrayList<>();
    for (int i = 1; i < 13; i++) {
      gaps.add(Duration.between(times.get(i - 1), times.get(i)).toMillis() / 1000.0);
    }
    // half of 1, 2, 4, ... up to 60 seconds, since the random share is 0.5
    assertEquals(List.of(0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0), gaps.subList(0, 8));
    assertEquals(List.of(0.0, 40.5, 0.0, 600.5), gaps.subList(8, 12));
  }

  @Test
  void requestsKeepTheirPace() throws Exception {
    requestsPerMinute = 30;
    start((request, earlier) -> rate(request));
    judge();
    assertEquals(Duration.ofSeconds(2 * 23), Duration.between(FakeClock.START, clock.now()));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 302})
  void refusalEndsTheRunWithoutTheKey(int status) throws Exception {
    concurrency = 1;
    start(
        (request, earlier) -> {
          if (server.requests().size() <= 3) {
            rate(request);
          } else {
            request.send(
                status,
                "{\"error\": {\"message\": \"wrong key " + KEY + " \\u001b[31m\\nfor you\"}}");
          }
        });
    String message = assertThrows(ConfigException.class, this::judge).getMessage();
    assertEquals(
        "%s/chat/completions answered %s: wrong key *** [31m for you"
            .formatted(server.url(), status),
        message);
    assertEquals(4, server.requests().size(), "no second try, no next question");
    assertEquals(3, keptReplies().size());
    assertFalse(Files.exists(output));
    assertEquals(3, Files.readAllLines(folder.resolve("out/judgments.jsonl.partial")).size());

    start((request, earlier) -> rate(request));
    assertEquals(3, judge().fromCache());
    assertEquals(21, server.requests().size());
  }

  @Test
  void keyThatTheJudgeEchoesIsNeitherKeptNorWritten() throws Exception {
    String encoded =
        Base64.getEncoder().encodeToString(("Bearer " + KEY).getBytes(StandardCharsets.US_ASCII));
    start(
        (request, earlier) -> {
          String sent = request.exchange().getRequestHeaders().getFirst("Authorization");
          request.reply("You sent %s, or %s. Rating: [[5]]".formatted(sent, encoded));
        });
    JudgingResult result = judge();
    assertTrue(result.complete());
    assertTrue(keysInReplies.get() > 0);
    List<String> written = new ArrayList<>(keptReplies());
    assertFalse(written.isEmpty());
    written.add(output.toString());
    for (String file : written) {
      String text = Files.readString(Path.of(file));
      assertFalse(text.contains(KEY), text);
      assertFalse(text.contains(encoded.substring(12, encoded.length() - 3)), text);
      assertTrue(text.contains("You sent Bearer ***, or "), text);
    }
    // A cache of before may hold it, too
    Path kept = Path.of(keptReplies().get(0));
    Files.writeString(kept, Files.readString(kept).replace("***, or", KEY + ", or"));
    Files.delete(output);
    judge();
    assertFalse(Files.readString(output).contains(KEY));
  }

  @Test
  void replyWithoutAnEndIsGivenUp() throws Exception {
    start(
        (request, earlier) -> {
          request.exchange().sendResponseHeaders(200, 0);
          try (OutputStream out = request.exchange().getResponseBody()) {
            byte[] part = new byte[1 << 16];
            for (int i = 0; i < 200_000; i++) { // 13 GB, if it is taken
              out.write(part);
            }
          }
        });
    maxTries = 2;
    JudgingResult result = judge(files.matches(files.answers("m", "answer")).subList(0, 2));
    assertEquals(2, result.withoutReply().size());
    assertEquals(4, failedTries.size());
    assertTrue(
        failedTries.get(0).contains("the reply is longer than 4194304 bytes"),
        failedTries::toString);
  }

  @Test
  void redirectIsNotFollowedWithTheKey() throws Exception {
    try (JudgeServer other = new JudgeServer((request, earlier) -> rate(request))) {
      start(
          (request, earlier) ->
              request.send(307, "", "Location", other.url() + "/chat/completions"));
      assertThrows(ConfigException.class, this::judge);
      assertEquals(List.of(), other.requests());
    }
  }

  @Test
  void equalRequestsAreSentOnce() throws Exception {
    concurrency = 8;
    start((request, earlier) -> rate(request));
    JudgingResult result =
        judge(files.matches(files.answers("m", "same"), files.answers("n", "same")));
    assertEquals(48, result.judgments().size());
    assertEquals(24, server.requests().size());
    assertEquals(24, result.fromCache());
  }

  @Test
  void repeatsAreOpinionsOfTheirOwn() throws Exception {
    repeats = 3;
    start((request, earlier) -> request.reply("[[%s]]".formatted(earlier + 1)));
    concurrency = 1;
    judge();
    assertEquals(72, server.requests().size());
    List<Double> scores =
        Judgment.read(output).stream().map(judgment -> judgment.score().value()).toList();
    assertEquals(Collections.nCopies(24, 1.0), scores.subList(0, 24));
    assertEquals(Collections.nCopies(24, 3.0), scores.subList(48, 72));

    repeats = 4;
    judge();
    assertEquals(96, server.requests().size(), "only the fourth is new");
    assertEquals(96, Judgment.read(output).size());
  }

  @Test
  void damagedRepliesAreNamedAndAskedAgain() throws Exception {
    start((request, earlier) -> rate(request));
    judge();
    String written = Files.readString(output);
    List<String> kept = keptReplies();
    Files.writeString(Path.of(kept.get(0)), "{\"request\":");
    Files.writeString(Path.of(kept.get(1)), "");
    Files.writeString(Path.of(kept.get(2)), "{}");
    Files.writeString(Path.of(kept.get(3)), Files.readString(Path.of(kept.get(4))));
    Files.write(Path.of(kept.get(5)), new byte[] {(byte) 0xFF});

    assertEquals(19, judge().fromCache());

    assertEquals(24 + 5, server.requests().size());
    assertEquals(5, damaged.size(), damaged::toString);
    for (String expected :
        List.of(
            kept.get(0) + " is malformed JSON",
            kept.get(1) + " lacks \"reply\" or \"tstamp\"",
            kept.get(2) + " lacks \"reply\" or \"tstamp\"",
            kept.get(3) + " holds the reply to another request",
            kept.get(5) + " cannot be read: ")) {
      assertTrue(damaged.stream().anyMatch(text -> text.startsWith(expected)), damaged::toString);
    }
    assertEquals(written, Files.readString(output), "the clock stood still");
  }

  @Test
  void silentServerTimesOut() throws Exception {
    timeout = Duration.ofMillis(200);
    maxTries = 2;
    CountDownLatch end = new CountDownLatch(1);
    start(
        (request, earlier) -> {
          if (request.userPrompt().equals("Q first 1 A answer 1.1")) {
            end.await();
          } else if (request.userPrompt().equals("Q first 2 A answer 2.1")) {
            request.exchange().sendResponseHeaders(200, 1000);
            request.exchange().getResponseBody().write('{');
            request.exchange().getResponseBody().flush();
            end.await(); // a body that never ends
          } else {
            rate(request);
          }
        });
    JudgingResult result = judge();
    end.countDown();
    assertEquals(2, result.withoutReply().size());
    assertTrue(
        failedTries.stream().anyMatch(text -> text.endsWith(": no reply within 0.2 s")),
        failedTries::toString);
  }

  @Test
  void stopLetsRequestsUnderWayEndAndBeginsNoOther() throws Exception {
    concurrency = 2;
    JudgingRun[] run = new JudgingRun[1];
    CyclicBarrier together = new CyclicBarrier(2);
    start(
        (request, earlier) -> {
          try {
            together.await();
          } catch (java.util.concurrent.BrokenBarrierException e) {
            throw new IOException(e);
          }
          if (server.requests().size() == 6) {
            run[0].stop();
          }
          rate(request);
        });
    run[0] = run(clock);
    List<Match> matches = files.matches(files.answers("m", "answer"));
    JudgingResult result = run[0].judge(matches, output);
    assertFalse(result.complete());
    assertEquals(server.requests().size(), result.judgments().size());
    assertEquals(server.requests().size(), keptReplies().size());
    assertFalse(Files.exists(output));

    int before = keptReplies().size();
    start((request, earlier) -> rate(request));
    assertTrue(run(new FakeClock()).judge(matches, output).complete());
    assertEquals(24 - before, server.requests().size(), "nothing is judged twice");
  }

  @Test
  void stopEndsWaitsBetweenTries() throws Exception {
    JudgeClock system = JudgeClock.system();
    JudgingRun[] run = new JudgingRun[1];
    start(
        (request, earlier) -> {
          request.send(503, "", "Retry-After", "500");
          run[0].stop();
        });
    run[0] = run(system);
    JudgingResult result = run[0].judge(files.matches(files.answers("m", "answer")), output);
    assertEquals(0, result.judgments().size());
  }

  @Test
  void judgmentsOfOthersAreKept() throws Exception {
    start((request, earlier) -> rate(request));
    judge(files.matches(files.answers("m", "first")));
    List<String> ofM = Files.readAllLines(output);
    judge(files.matches(files.answers("n", "second")));
    List<String> both = Files.readAllLines(output);
    assertEquals(ofM, both.subList(0, 24));
    assertEquals(48, both.size());

    judge(files.matches(files.answers("m", "changed")));
    List<String> replaced = Files.readAllLines(output);
    assertEquals(both.subList(24, 48), replaced.subList(0, 24));
    assertEquals(48, replaced.size());
    assertTrue(replaced.get(24).contains("changed"));
  }

  @Test
  void outputOfAnotherKindIsRefusedBeforeAnythingIsAsked() throws Exception {
    start((request, earlier) -> rate(request));
    Files.createDirectories(output.getParent());
    Files.writeString(output, "{\"id\": 1, \"completion\": \"\"}\n");
    String message = assertThrows(RuntimeException.class, this::judge).getMessage();
    assertEquals(
        output + ":1: \"judge\" must be an array of strings, at least one, got nothing", message);
    assertEquals(List.of(), server.requests());
  }

  @Test
  void onlyOneRunWritesToAFile() throws Exception {
    start((request, earlier) -> rate(request));
    try (JudgmentOutput other = JudgmentOutput.open(output)) {
      String message = assertThrows(ConfigException.class, this::judge).getMessage();
      assertTrue(message.contains("another run is writing to it"), message);
      other.finish(List.of());
    }
    judge();
  }
}
