package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateFileTest {
  @TempDir private Path folder;

  @Test
  void templateIsReadBackByNameAndSource() {
    for (String name : ChatTemplate.names()) {
      TemplateFile.write(folder, ChatTemplate.byName(name));
      assertEquals(name, TemplateFile.read(folder).orElseThrow().name());
    }
    TemplateFile.write(folder, new JinjaTemplate(JinjaTemplateTest.CHATML));
    JinjaTemplate read =
        assertInstanceOf(JinjaTemplate.class, TemplateFile.read(folder).orElseThrow());
    assertEquals(JinjaTemplateTest.CHATML, read.source());
  }

  @Test
  void modelsOwnTemplateIsFoundWhereModelsHaveIt() throws IOException {
    assertTrue(TemplateFile.read(folder).isEmpty());
    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(config, "{\"bos_token\": \"<s>\"}");
    assertTrue(TemplateFile.read(folder).isEmpty());
    Files.writeString(
        config,
        "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"}, {\"name\":"
            + " \"default\", \"template\": \"d\"}]}");
    assertEquals("d", source());
    Files.writeString(config, "{\"chat_template\": \"c\"}");
    assertEquals("c", source());
    Files.writeString(folder.resolve("chat_template.jinja"), "j");
    assertEquals("j", source());
    TemplateFile.write(folder, new VicunaTemplate());
    assertEquals("vicuna_v1.1", TemplateFile.read(folder).orElseThrow().name());
    assertEquals("j", ((JinjaTemplate) TemplateFile.own(folder).orElseThrow()).source());
  }

  private String source() {
    return ((JinjaTemplate) TemplateFile.read(folder).orElseThrow()).source();
  }

  @Test
  void fileThatCannotBeUsedIsNamed() throws IOException {
    Path file = folder.resolve(TemplateFile.NAME);
    Files.writeString(file, "{");
    assertTrue(message().startsWith(file + ": malformed JSON: "), message());
    Files.writeString(file, "{\"name\": \"jinja\"}");
    assertEquals(file + ": template jinja needs its \"source\"", message());
    Files.writeString(file, "{\"name\": \"vicuna\"}");
    assertTrue(message().startsWith(file + ": no template is named \"vicuna\""), message());
  }

  private String message() {
    return assertThrows(ConfigException.class, () -> TemplateFile.read(folder)).getMessage();
  }
}
