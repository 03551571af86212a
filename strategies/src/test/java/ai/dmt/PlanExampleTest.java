package ai.dmt;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanExampleTest {
  @TempDir private Path folder;

  @Test
  void readmeShowsTheExampleAsItIs() throws Exception {
    String example = Files.readString(Path.of("src/test/java/ai/dmt/PlanExample.java"));
    String shown = example.substring(example.indexOf("import"));
    assertTrue(Files.readString(Path.of("README.md")).contains(shown), "README.md has\n" + shown);
  }

  @Test
  void examplePrintsThePlanOfSmallBatches() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      PlanExample.main(new String[] {folder.resolve("recipe.yaml").toString()});
    } finally {
      System.setOut(before);
    }
    String text = out.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains("24,408"), text); // 130,164 rows, three epochs, batches of 16
    assertTrue(text.contains("16,233"), text);
  }
}
