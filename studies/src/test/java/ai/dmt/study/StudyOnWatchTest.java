package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.checkpoint.ModelFolder;
import ai.dmt.watch.WatchServer;
import ai.dmt.watch.WatchSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A study that is watched by its folder while stages are trained in it. */
@Timeout(120)
class StudyOnWatchTest {
  private static final String KEY = "0123456789abcdef01234567";
  private static final String LINE =
      "{\"type\":\"step\",\"stage\":\"all\",\"step\":%s,\"total_steps\":40,\"loss\":%s,"
          + "\"sources\":{\"math\":{\"loss\":1.5,\"label_tokens\":9}},\"grad_norm\":1.0,"
          + "\"learning_rate\":0.001,\"tokens\":20,\"step_ms\":20.0,\"tokens_per_s\":1000.0}\n";

  @TempDir private Path root;
  private final HttpClient client = HttpClient.newHttpClient();

  private HttpResponse<String> get(WatchServer server, String path) throws Exception {
    URI address = server.address().resolve(path);
    return client.send(
        HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
  }

  private String pageWith(WatchServer server, String path, String text) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    String page = get(server, path).body();
    while (!page.contains(text)) {
      assertTrue(System.nanoTime() < end, () -> "expected " + text);
      TimeUnit.MILLISECONDS.sleep(100);
      page = get(server, path).body();
    }
    return page;
  }

  @Test
  @SuppressWarnings("try") // the task ends while it is watched
  void stagesAtWorkAreShownWithTheirOwnPagesAndTheReport() throws Exception {
    StudyFolder study = MadeUpStudy.write(root.resolve("study"));
    Files.writeString(study.study(), "study: {}\n");
    Path unfinished = Files.createDirectories(ModelFolder.unfinished(study.node(KEY)));
    Files.writeString(
        unfinished.resolve("metrics.jsonl"),
        LINE.formatted(1, 2.5) + LINE.formatted(2, 2.4) + LINE.formatted(3, "\"NaN\""));
    try (TaskLock lock = TaskLock.tryAcquire(study.lock(KEY)).orElseThrow();
        WatchServer server =
            WatchServer.start(study.root(), WatchSettings.local(0), notice -> {})) {
      lock.describe("dmt k=1/4 <seed> 1: all");
      String page = pageWith(server, "/", "dmt k=1/4 &lt;seed&gt; 1: all");
      long pid = ProcessHandle.current().pid();
      assertTrue(page.contains("process %s".formatted(pid)), "where");
      assertTrue(page.contains("3 of 40") && page.contains(">running<"), "how far");
      assertTrue(page.contains("A value is not finite."), "alerts over all");
      assertTrue(page.contains("href=\"run/%s/\"".formatted(KEY)), "its own page");
      String run = get(server, "/run/" + KEY + "/").body();
      assertTrue(run.contains("id=\"norm\"") && run.contains("href=\"../../\""), "its curves");
      assertEquals(200, get(server, "/report").statusCode());
      for (String other :
          new String[] {"/run/", "/run/x/", "/run/..%2f/", "/run/" + KEY + "/metrics.jsonl"}) {
        assertEquals(404, get(server, other).statusCode(), other);
      }
      Files.createDirectories(study.failures());
      new TaskFailure(false, "out of <memory>").write(study.failure("other"), "multi-task: all");
      assertFalse(pageWith(server, "/", "out of &lt;memory&gt;").contains("<memory>"));
      Files.createDirectories(study.nodes());
      Files.move(unfinished, study.node(KEY));
      lock.close();
      pageWith(server, "/", "Nothing is worked on.");
      pageWith(server, "/run/" + KEY + "/", ">finished<");
    }
  }
}
