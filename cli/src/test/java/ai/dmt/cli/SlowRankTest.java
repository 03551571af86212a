package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.TinyModel;
import ai.dmt.internal.text.HostName;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A rank that gets less of its processor than the others is named, and so is its host. */
@Tag("multirank")
@Timeout(300)
class SlowRankTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  /** Lets a process run for a hundredth of a second of each fifteenth or so, until it is ended. */
  private record Throttle(Process process, long pid) {
    static Throttle of(long pid) throws IOException {
      String loop = "while kill -STOP $0; do sleep 0.05; kill -CONT $0; sleep 0.01; done";
      return new Throttle(
          new ProcessBuilder("bash", "-c", loop, Long.toString(pid)).inheritIO().start(), pid);
    }

    void end() throws IOException, InterruptedException {
      process.destroyForcibly().waitFor();
      RankRun.signal("CONT", pid);
    }
  }

  /** Steps that take longer than a throttled rank runs at a time. */
  private Path writeData() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 120; i++) {
      String text = "%s + %s ".formatted(i, i * i).repeat(30);
      lines.append("{\"question\": \"%s?\", \"answer\": \"%s\"}\n".formatted(text, text));
    }
    return Files.writeString(folder.resolve("d.jsonl"), lines);
  }

  private List<JsonNode> told() throws IOException {
    List<JsonNode> told = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("out/metrics.jsonl"))) {
      if (line.startsWith("{\"type\":\"rank_speed\"") && line.endsWith("}")) {
        told.add(JSON.readTree(line));
      }
    }
    return told;
  }

  @Test
  void aRankThatIsSlowedDownIsNamedUntilItIsAsFastAgain() throws Exception {
    Path model = TinyModel.write(folder.resolve("model"));
    List<String> train = new ArrayList<>(List.of("train", "--model", model.toString()));
    train.addAll(List.of("--data", "sums=" + writeData()));
    train.addAll(List.of("--output", folder.resolve("out").toString()));
    train.addAll(List.of("global_train_batch_size=16", "threads=1"));
    train.addAll(RankRun.ENDLESS);
    List<String> options = List.of("--nproc=2", "--log-dir=" + folder.resolve("logs"));
    try (RankRun run = RankRun.start(folder.resolve("log"), RankRun.launch(options, train))) {
      run.waitForStep(folder.resolve("out"));
      String name = "rank 1 on " + HostName.own();
      Throttle throttle = Throttle.of(run.rank(1).pid());
      try {
        run.waitForLog(name + " is slow: it works ");
      } finally {
        throttle.end();
      }
      run.waitForLog(name + " is as fast as the others again: it works ");
      JsonNode slow =
          told().stream()
              .filter(each -> each.path("rank").asInt() == 1 && each.path("slow").asBoolean())
              .findFirst()
              .orElseThrow();
      assertEquals(name, slow.path("name").asText());
      assertEquals(0, slow.path("step").asInt() % 10);
      double times = slow.path("work_ms").asDouble() / slow.path("others_work_ms").asDouble();
      assertTrue(times >= 1.25, slow::toString);
    }
  }
}
