package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dmt watch} as a process. */
@Timeout(60)
class WatchCommandTest {
  @TempDir private Path folder;

  @Test
  void aPageIsServedUntilASignalAndWithoutLibtorch() throws Exception {
    List<String> command = JavaWords.of(Main.class);
    command.addAll(List.of("watch", folder.resolve("run").toString(), "--port", "0"));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      while (!Files.readString(out).endsWith("\n")) {
        assertTrue(process.isAlive(), Files.readString(err));
        Thread.sleep(20);
      }
      URI address = URI.create(Files.readString(out).strip());
      HttpRequest request = HttpRequest.newBuilder(address).build();
      String page =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
      assertTrue(page.contains("not yet begun"), page);
      String maps = Files.readString(Path.of("/proc/" + process.pid() + "/maps"));
      assertFalse(maps.contains("libtorch"), "a page needs no tensors");
      Dmt.run("watch", folder, "--port", address.getPort())
          .fails(ExitCode.USAGE, folder + " is neither a run nor a study: it has no metrics.jsonl");
      Dmt.run("watch", folder.resolve("run"), "--port", address.getPort())
          .fails(ExitCode.USAGE, "port %s of 127.0.0.1".formatted(address.getPort()), "port 0");
      Dmt.run("watch", folder.resolve("run"), "--host", "0.0.0.0")
          .fails(ExitCode.USAGE, "needs a key: --api-key-env");
      process.destroy(); // SIGTERM
      assertTrue(process.waitFor(20, TimeUnit.SECONDS), "dmt does not end");
      assertEquals(ExitCode.OK, process.exitValue(), Files.readString(err));
      assertEquals("", Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }
}
