package ai.dmt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    Files.writeString(model.resolve("tokenizer.json"), byteLevelTokenizer());
    Path data = folder.resolve("data.jsonl");
    Files.writeString(
        data, "{\"question\": \"What is 2+2?\", \"answer\": \"It is 4.\"}\n".repeat(160));

    assertEquals("It is 4.", printedBy(model, data, folder.resolve("tuned")).strip());
    assertTrue(Files.exists(folder.resolve("tuned/tokenizer.json")));
    assertTrue(Files.exists(folder.resolve("tuned/model.safetensors")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "../README.md"})
  void readmeShowsTheExampleAsItIs(String readme) throws Exception {
    String source = Files.readString(MODULE.resolve("src/test/java/ai/dmt/FineTuneExample.java"));
    String example = source.substring(source.indexOf("// example\n") + "// example\n".length());
    assertTrue(
        Files.readString(MODULE.resolve(readme)).contains("```java\n" + example + "```"),
        readme + " shows another program than FineTuneExample.java");
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

  /** A tokenizer whose tokens are the 256 bytes, in GPT-2's alphabet, and begin and end. */
  private static String byteLevelTokenizer() throws Exception {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
      vocabulary.put(Character.toString(printable ? b : next++), b);
    }
    Map<String, Object> byteLevel =
        Map.of(
            "type",
            "ByteLevel",
            "add_prefix_space",
            false,
            "trim_offsets",
            true,
            "use_regex",
            true);
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("version", "1.0");
    tokenizer.put("added_tokens", List.of(control(256, "<s>"), control(257, "</s>")));
    tokenizer.put("pre_tokenizer", byteLevel);
    tokenizer.put("decoder", byteLevel);
    tokenizer.put("model", Map.of("type", "BPE", "vocab", vocabulary, "merges", List.of()));
    return new ObjectMapper().writeValueAsString(tokenizer);
  }

  private static Map<String, Object> control(int id, String content) {
    return Map.of(
        "id", id,
        "content", content,
        "single_word", false,
        "lstrip", false,
        "rstrip", false,
        "normalized", false,
        "special", true);
  }
}
