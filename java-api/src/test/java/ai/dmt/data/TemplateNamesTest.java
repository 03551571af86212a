package ai.dmt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateNamesTest {
  @TempDir private Path folder;

  private String message(String word) {
    return assertThrows(ConfigException.class, () -> TemplateNames.find(word, folder)).getMessage();
  }

  @Test
  void everyNamedTemplateIsFound() {
    for (String name : ChatTemplate.names()) {
      assertEquals(name, TemplateNames.find(name, folder).name());
    }
    assertFalse(TemplateNames.trainable().contains("none"));
    assertTrue(TemplateNames.trainable().contains("chat_template"));
  }

  @Test
  void modelsOwnTemplateIsNotTheSavedOne() throws IOException {
    assertTrue(message("chat_template").contains(folder + " has neither chat_template.jinja"));
    TemplateFile.write(folder, new VicunaTemplate());
    Files.writeString(folder.resolve("chat_template.jinja"), "j");
    assertEquals("jinja", TemplateNames.find("chat_template", folder).name());
  }

  @Test
  void filesAreJinjaOrJson() throws IOException {
    Path jinja = Files.writeString(folder.resolve("a.jinja"), "text");
    assertEquals("text", ((JinjaTemplate) TemplateNames.find(jinja.toString(), folder)).source());
    Path json = Files.writeString(folder.resolve("a.json"), "{\"name\": \"zephyr\"}");
    assertEquals("zephyr", TemplateNames.find(json.toString(), folder).name());
    String missing = folder.resolve("b.jinja").toString();
    assertEquals(missing + ": no such template file", message(missing));
  }

  @Test
  void mistypedNameIsGuessed() {
    String message = message("vicuna");
    assertTrue(message.contains("did you mean vicuna_v1.1? Known are vicuna_v1.1, "), message);
    assertTrue(message.endsWith("chat_template, and files ending in .jinja or .json"), message);
  }
}
