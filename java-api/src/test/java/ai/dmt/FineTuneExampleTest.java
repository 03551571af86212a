package ai.dmt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.tokenizer.ByteLevelFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("native")
class FineTuneExampleTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", ""));

  @TempDir private Path folder;

  @Test
  void exampleLearnsItsAnswer() throws Exception {
    Path model = folder.resolve("model");
    ModelConfig shape = ModelConfig.llama(258, 64, 128, 2, 4, 4, 256);
    try (NativeEngine engine = NativeEngine.create(shape, 1, EngineConfig.inference())) {
      engine.save(model, DType.FLOAT32);
    }
    Files.writeString(model.resolve("tokenizer.json"), ByteLevelFile.text());
    Path data = folder.resolve("data.jsonl");
    Files.writeString(
        data, "{\"question\": \"What is 2+2?\", \"answer\": \"It is 4.\"}\n".repeat(160));

    assertEquals("It is 4.", printedBy(model, data, folder.resolve("tuned")).strip());
    assertTrue(Files.exists(folder.resolve("tuned/tokenizer.json")));
    assertTrue(Files.exists(folder.resolve("tuned/model.safetensors")));
  }

  @Test
  void readmeShowsTheExampleAsItIs() throws Exception {
    String source = Files.readString(MODULE.resolve("src/test/java/ai/dmt/FineTuneExample.java"));
    String example = source.substring(source.indexOf("// example\n") + "// example\n".length());
    assertTrue(
        Files.readString(MODULE.resolve("README.md")).contains("```java\n" + example + "```"),
        "README.md shows another program than FineTuneExample.java");
  }

  private static String printedBy(Path... arguments) throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      FineTuneExample.main(List.of(arguments).stream().map(Path::toString).toArray(String[]::new));
    } finally {
      System.setOut(console);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
