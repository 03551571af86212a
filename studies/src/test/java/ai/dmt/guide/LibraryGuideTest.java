package ai.dmt.guide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.GuidePage;
import ai.dmt.TinyModel;
import ai.dmt.engine.DType;
import ai.dmt.engine.EngineConfig;
import ai.dmt.engine.ModelConfig;
import ai.dmt.engine.NativeEngine;
import ai.dmt.tokenizer.ByteLevelFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of README.md and docs/library.md, as they stand there. */
class LibraryGuideTest {
  @TempDir private Path folder;

  @Test
  void theGuidesProgramsDoWhatItSays() throws Exception {
    assertTrue(printedBy("../docs/library.md", "ShortWay").contains("5 steps, finished: true"));
    assertEquals(
        "finished: false\nfinished: true\n", printedBy("../docs/library.md", "StopAndGoOn"));
    assertTrue(printedBy("../docs/library.md", "Scores").contains("openai"));
  }

  @Test
  void theReadmesProgramLearnsItsAnswer() throws Exception {
    Path model = folder.resolve("model");
    ModelConfig shape = ModelConfig.llama(258, 64, 128, 2, 4, 4, 256);
    try (NativeEngine engine = NativeEngine.create(shape, 1, EngineConfig.inference())) {
      engine.save(model, DType.FLOAT32);
    }
    Files.writeString(model.resolve("tokenizer.json"), ByteLevelFile.text());
    Path data =
        Files.writeString(
            folder.resolve("data.jsonl"),
            "{\"question\": \"What is 2+2?\", \"answer\": \"It is 4.\"}\n".repeat(160));
    Path output = folder.resolve("tuned");
    String[] arguments = {model.toString(), data.toString(), output.toString()};
    List<String> printed =
        printedBy("../README.md", "FineTuneExample", arguments).strip().lines().toList();
    assertEquals("It is 4.", printed.get(printed.size() - 1));
    assertTrue(printed.get(0).startsWith("stage 1 of 1"), printed::toString);
    assertTrue(Files.exists(output.resolve("model.safetensors")));
  }

  @Test
  void everyProgramOfTheGuideIsTested() throws IOException {
    assertEquals(3, new GuidePage(Path.of("../docs/library.md")).blocks("java").size());
  }

  private String printedBy(String page, String name) throws Exception {
    return printedBy(page, name, arguments(Files.createDirectories(folder.resolve(name))));
  }

  private String printedBy(String page, String name, String[] arguments) throws Exception {
    Path work = Files.createDirectories(folder.resolve(name));
    new GuidePage(Path.of(page)).compile(name, work);
    try (URLClassLoader loader = GuidePage.loader(work)) {
      Method main = loader.loadClass(name).getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      return printed(main, arguments);
    }
  }

  private static String[] arguments(Path work) throws IOException {
    Path math = Files.writeString(work.resolve("math.jsonl"), samples("math", 32));
    Path chat = Files.writeString(work.resolve("chat.jsonl"), samples("chat", 32));
    Path model = TinyModel.write(work.resolve("model"));
    return new String[] {
      model.toString(), math.toString(), chat.toString(), work.resolve("out").toString()
    };
  }

  private static String samples(String name, int count) {
    StringBuilder records = new StringBuilder();
    for (int i = 0; i < count; i++) {
      records.append(
          "{\"question\": \"%s %s?\", \"answer\": \"It is %s.\\n#### %s\"}\n"
              .formatted(name, i, i * i, i * i));
    }
    return records.toString();
  }

  private static String printed(Method main, String[] arguments) throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      main.invoke(null, (Object) arguments);
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
