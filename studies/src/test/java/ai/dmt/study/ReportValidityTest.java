package ai.dmt.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.dmt.report.Report;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import nu.validator.client.EmbeddedValidator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a made-up study before the W3C's checker. */
@Tag("slow")
class ReportValidityTest {
  @TempDir private Path root;

  @Test
  void thePageIsValidHtml() throws Exception {
    Report report = StudyReport.of(MadeUpStudy.write(root));
    assertEquals(1, report.html().split("<script", -1).length - 1);
    assertEquals(List.of(), complaints(report.html()));
    assertFalse(complaints(report.html().replace("<main", "<mian")).isEmpty(), "it complains");
  }

  /** All but one: the checker does not compute the hash by which the policy names the script. */
  private static List<String> complaints(String page) throws Exception {
    EmbeddedValidator validator = new EmbeddedValidator();
    validator.setOutputFormat(EmbeddedValidator.OutputFormat.GNU);
    FutureTask<String> answer =
        new FutureTask<>(
            () ->
                validator.validate(
                    new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8))));
    // It walks HTML's grammar recursively, deeper than a thread's usual stack without C2.
    new Thread(null, answer, "validator", 64L << 20).start();
    return answer
        .get()
        .lines()
        .filter(line -> !line.contains("Inline script violates Content Security Policy"))
        .toList();
  }
}
