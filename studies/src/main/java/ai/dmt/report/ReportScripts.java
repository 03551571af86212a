package ai.dmt.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The one script of a page: Chart.js and {@code figures.js}. It is the same for every report, so
 * that a policy can name it by its hash, and no text of a report is ever taken for a script.
 */
final class ReportScripts {
  private static final String LIBRARY =
      "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As it stands in the page. */
  static final String SCRIPT =
      read(LIBRARY).replaceFirst("(?m)^//# sourceMappingURL=.*$", "") + read("figures.js");

  /** What a policy calls it. */
  static final String SOURCE = "'sha256-%s'".formatted(hash(SCRIPT));

  private ReportScripts() {}

  /** A figure as the script reads it. */
  static String data(Figure figure) {
    try {
      return figure.style() == Figure.Style.SURFACE
          ? "" // its values stand in its cells
          : JSON.writeValueAsString(Drawing.of(figure));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("figure " + figure.id() + " is no JSON", e);
    }
  }

  /** Choices as the script reads them. */
  static String data(Section.Weighing weighing) {
    try {
      return JSON.writeValueAsString(weighing);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("\"%s\" is no JSON".formatted(weighing.caption()), e);
    }
  }

  private static String read(String resource) {
    try (InputStream stream = ReportScripts.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " cannot be read", e);
    }
  }

  private static String hash(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
