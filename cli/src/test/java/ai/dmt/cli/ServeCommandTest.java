package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.LearntModel;
import ai.dmt.data.Role;
import ai.dmt.data.Turn;
import ai.dmt.evaluators.mtbench.Judgment;
import ai.dmt.evaluators.mtbench.MtBenchFiles;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dmt serve} as a process, asked by a client library of OpenAI's API and by our judge. */
@Tag("native")
@Timeout(120)
class ServeCommandTest {
  private static final String KEY = "sk-of-the-environment";
  private static final int NEW_TOKENS = 24;
  private static final List<String> PROMPTS =
      IntStream.range(0, 32)
          .mapToObj(i -> "Tell me about %s%s.".formatted("things ".repeat(i % 5), i))
          .toList();

  @TempDir private Path folder;
  private Process process; // null until it starts
  private String url;

  @AfterEach
  void end() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  @BeforeEach
  void start() throws Exception {
    new LearntModel(folder.resolve("m"), 2560)
        .with(
            "vicuna_v1.1", "Rating: [[7]]", system("Be kind."), Turn.user("Q first 1 A answer 1.1"))
        .with(
            "vicuna_v1.1",
            "Rating: [[7]]",
            system("Rate."),
            Turn.user("first 1|answer 1.1|second 1|answer 1.2"))
        .with("vicuna_v1.1", "Nought, and na\u00efve \u65e5.", Turn.user(PROMPTS.get(0)))
        .with("vicuna_v1.1", "A long story of things.", Turn.user(PROMPTS.get(9)))
        .with("vicuna_v1.1", "The \ud83d\ude00 end", Turn.user(PROMPTS.get(22)))
        .write();
    List<String> command = JavaWords.of(Main.class);
    command.addAll(List.of("serve", "--model", folder.resolve("m").toString(), "--port", "0"));
    command.addAll(List.of("--api-key-env", "DMT_TEST_KEY", "--batch-size", "8"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("DMT_TEST_KEY", KEY);
    process =
        builder
            .redirectOutput(folder.resolve("url").toFile())
            .redirectError(folder.resolve("log").toFile())
            .start();
    while (!Files.readString(folder.resolve("url")).endsWith("\n")) {
      assertTrue(process.isAlive(), log());
      Thread.sleep(20);
    }
    url = Files.readString(folder.resolve("url")).strip();
  }

  private static Turn system(String text) {
    return new Turn(Role.SYSTEM, text);
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private OpenAiChatModel.OpenAiChatModelBuilder client(String key, String model) {
    return OpenAiChatModel.builder()
        .baseUrl(url)
        .apiKey(key)
        .modelName(model)
        .temperature(0.0)
        .maxTokens(NEW_TOKENS)
        .maxRetries(0);
  }

  @Test
  void clientsAreServedUntilASignalEndsItGracefully() throws Exception {
    assertTrue(url.matches("http://127\\.0\\.0\\.1:\\d+/v1"), url);
    thirtyTwoAtOnceGetWhatGenerateSays();
    wrongKeyAndUnknownModelAreSaid();
    judgeOfMtBenchIsAnswered();
    portThatIsTakenIsSaid();
    process.destroy(); // SIGTERM
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "dmt does not end");
    assertEquals(ExitCode.OK, process.exitValue(), log());
    assertTrue(log().contains("stopping when the answers under way have ended"), log());
    assertFalse(log().contains(KEY), log());
    assertEquals(url, Files.readString(folder.resolve("url")).strip(), "nothing else is printed");
  }

  private void thirtyTwoAtOnceGetWhatGenerateSays() throws Exception {
    List<String> expected = generated();
    assertTrue(Set.copyOf(expected).size() > 3, expected::toString);
    OpenAiStreamingChatModel streaming =
        OpenAiStreamingChatModel.builder()
            .baseUrl(url)
            .apiKey(KEY)
            .modelName("m")
            .temperature(0.0)
            .maxTokens(NEW_TOKENS)
            .build();
    List<Streamed> streams = new ArrayList<>();
    for (String prompt : PROMPTS) {
      Streamed streamed = new Streamed();
      streaming.chat(prompt, streamed);
      streams.add(streamed);
    }
    for (int i = 0; i < PROMPTS.size(); i++) {
      ChatResponse response = streams.get(i).whole.get(60, TimeUnit.SECONDS);
      assertEquals(expected.get(i), response.aiMessage().text(), PROMPTS.get(i));
      assertEquals(expected.get(i), streams.get(i).pieces.toString());
    }
    ChatResponse whole =
        client(KEY, "m")
            .build()
            .chat(dev.langchain4j.data.message.UserMessage.from(PROMPTS.get(0)));
    assertEquals(expected.get(0), whole.aiMessage().text());
    assertTrue(whole.tokenUsage().inputTokenCount() > 100, whole::toString);
    assertEquals(NEW_TOKENS, whole.tokenUsage().outputTokenCount());
  }

  /** What {@code dmt generate} says to the prompts. */
  private List<String> generated() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String prompt : PROMPTS) {
      lines.append("{\"id\": %s, \"prompt\": \"%s\"}\n".formatted(PROMPTS.indexOf(prompt), prompt));
    }
    Path input = Files.writeString(folder.resolve("in.jsonl"), lines);
    Path output = folder.resolve("out.jsonl");
    Dmt.run(
            "generate",
            "--model",
            folder.resolve("m"),
            "--input",
            input,
            "--output",
            output,
            "--max-new-tokens",
            NEW_TOKENS)
        .succeeds();
    List<String> completions = new ArrayList<>();
    for (String line : Files.readAllLines(output)) {
      completions.add(new ObjectMapper().readTree(line).path("completion").textValue());
    }
    return completions;
  }

  /** An answer that grows. */
  private static final class Streamed implements StreamingChatResponseHandler {
    private final StringBuffer pieces = new StringBuffer();
    private final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();

    @Override
    public void onPartialResponse(String piece) {
      pieces.append(piece);
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      whole.complete(response);
    }

    @Override
    public void onError(Throwable error) {
      whole.completeExceptionally(error);
    }
  }

  private void wrongKeyAndUnknownModelAreSaid() {
    AuthenticationException key =
        assertThrows(
            AuthenticationException.class, () -> client("sk-wrong", "m").build().chat("a"));
    assertTrue(key.getMessage().contains("the key is not this server's"), key::getMessage);
    ModelNotFoundException model =
        assertThrows(ModelNotFoundException.class, () -> client(KEY, "n").build().chat("a"));
    assertTrue(model.getMessage().contains("this server has \\\"m\\\""), model::getMessage);
  }

  private void judgeOfMtBenchIsAnswered() throws Exception {
    MtBenchFiles files = new MtBenchFiles(folder, 1);
    Path output = folder.resolve("judgments.jsonl");
    List<String> command = JavaWords.of(Main.class);
    command.addAll(List.of("judge", "mtbench", "--base-url", url, "--judge-model", "m"));
    command.addAll(List.of("--api-key-env", "DMT_TEST_KEY"));
    command.addAll(List.of("--questions", files.questionFile().toString()));
    command.addAll(List.of("--prompts", files.prompts().toString()));
    command.addAll(List.of("--answers", files.answers("a", "answer").toString()));
    command.addAll(List.of("--output", output.toString()));
    ProcessBuilder judge = new ProcessBuilder(command);
    judge.environment().put("DMT_TEST_KEY", KEY);
    Path said = folder.resolve("judge.log");
    judge.redirectErrorStream(true).redirectOutput(said.toFile());
    assertEquals(0, judge.start().waitFor(), () -> read(said));
    List<Judgment> judgments = Judgment.read(output);
    assertEquals(2, judgments.size());
    for (Judgment judgment : judgments) {
      assertTrue(judgment.json().contains("\"score\": 7,"), judgment::json);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void portThatIsTakenIsSaid() {
    String port = url.replaceAll(".*:(\\d+)/.*", "$1");
    Dmt.run("serve", "--model", folder.resolve("m"), "--port", port)
        .fails(ExitCode.USAGE, "port %s of 127.0.0.1 cannot be had".formatted(port));
    Dmt.run("serve", "--model", folder.resolve("m"), "--host", "0.0.0.0")
        .fails(ExitCode.USAGE, "so the server needs a key");
    Dmt.run("serve", "--model", folder.resolve("m"), "--api-key-env", "DMT_NO_SUCH_KEY")
        .fails(ExitCode.USAGE, "the environment has no such variable");
    Dmt.run("serve", "--model", folder.resolve("none"))
        .fails(ExitCode.USAGE, "there is no model folder");
    Dmt.run("serve", "--model", folder.resolve("m"), "--adapter", "math")
        .fails(ExitCode.USAGE, "\"math\" must be NAME=DIR");
    Dmt.run("serve", "--model", folder.resolve("m"), "--adapter", "a=b", "--adapter", "a=c")
        .fails(ExitCode.USAGE, "a is given twice, as b and c");
    Path none = folder.resolve("no-adapter");
    Dmt.run("serve", "--model", folder.resolve("m"), "--adapter", "math=" + none)
        .fails(ExitCode.USAGE, "there is no adapter's folder " + none);
  }
}
