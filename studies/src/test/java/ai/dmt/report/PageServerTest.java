package ai.dmt.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.internal.http.HttpDoor;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PageServerTest {
  @Test
  void aReaderWhoTakesNothingIsLeft() throws Exception {
    EventFeed feed = new EventFeed();
    PageServer.Site site = path -> Optional.of(new PageServer.Events(feed));
    HttpDoor door = new HttpDoor("127.0.0.1", Optional.empty());
    try (PageServer server = new PageServer(door, 0, "", site, Duration.ofMillis(500));
        Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      String request = "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      in.read(); // the stream has begun
      String megabyte = "x".repeat(1 << 20);
      for (int i = 0; i < 40; i++) {
        feed.put("a", "part", i + megabyte);
        Thread.sleep(50);
      }
      long read = 0;
      try {
        byte[] buffer = new byte[1 << 16];
        for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
          read += got;
        }
      } catch (IOException e) {
        assertTrue(read < 40L << 20, "reset");
      }
      assertTrue(read < 30L << 20, "versions that it did not take were skipped, read " + read);
    }
  }
}
