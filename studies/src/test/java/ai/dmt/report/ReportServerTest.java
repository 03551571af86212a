package ai.dmt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ReportServerTest {
  private static HttpResponse<String> get(ReportServer server, String method) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(server.address())
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(Duration.ofSeconds(60))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void requestsThatNeverEndDoNotStopIt() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try (ReportServer server = new ReportServer(0, "title")) {
      for (String begun : List.of("", "G", "GET / HT", "GET / HTTP/1.1\r\nHost: x")) {
        for (int i = 0; i < 16; i++) {
          Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
          sockets.add(socket);
          socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
        }
      }
      HttpResponse<String> page = get(server, "GET");
      assertEquals(200, page.statusCode());
      assertTrue(page.body().contains("title"));
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void nothingButReadingIsAnswered() throws Exception {
    try (ReportServer server = new ReportServer(0, "title")) {
      assertEquals("127.0.0.1", server.address().getHost());
      for (String method : List.of("POST", "PUT", "DELETE")) {
        assertEquals(405, get(server, method).statusCode());
      }
    }
  }
}
