package ai.dmt.strategies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.GuidePage;
import ai.dmt.config.ConfigException;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The strategy of docs/extend.md, its service file and its recipe, as they stand there. */
class OwnStrategyTest {
  private static final GuidePage PAGE = new GuidePage(Path.of("../docs/extend.md"));

  @TempDir private Path folder;
  private ClassLoader before;
  private URLClassLoader jar;

  @BeforeEach
  void compileThePage() throws Exception {
    PAGE.compile("GeneralThenAll", folder);
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("ai.dmt.strategies.MixingStrategyProvider"), PAGE.block("text"));
    before = Thread.currentThread().getContextClassLoader();
    jar = GuidePage.loader(folder);
    Thread.currentThread().setContextClassLoader(jar);
  }

  @AfterEach
  void forgetIt() throws Exception {
    Thread.currentThread().setContextClassLoader(before);
    jar.close();
  }

  @Test
  void itsRecipeIsPlanned() throws Exception {
    Recipe recipe = RecipeReader.parse(PAGE.block("yaml"), "extend.md", List.of());
    SchedulePlan plan = SchedulePlan.of(recipe);
    assertEquals(
        List.of("general {chat=400} 0", "specialized {math=1000, chat=100} 100"),
        plan.stages().stream()
            .map(s -> s.name() + " " + s.samples() + " " + s.replayed())
            .toList());
  }

  @Test
  void twoOfOneNameAreRefused() throws Exception {
    for (String taken : List.of("general-first", "dmt")) {
      Path other = Files.createDirectories(folder.resolve(taken));
      Path page = other.resolve("page.md");
      Files.writeString(page, Files.readString(PAGE.page()).replace("general-then-all", taken));
      GuidePage renamed = new GuidePage(page);
      renamed.compile("GeneralThenAll", other);
      Path services = Files.createDirectories(other.resolve("META-INF/services"));
      Files.writeString(
          services.resolve("ai.dmt.strategies.MixingStrategyProvider"), PAGE.block("text"));
      Thread.currentThread().setContextClassLoader(before);
      try (URLClassLoader second = GuidePage.loader(other)) {
        Thread.currentThread().setContextClassLoader(second);
        Recipe recipe =
            RecipeReader.parse(renamed.block("yaml"), "extend.md", List.of("~strategy.options"));
        String message =
            assertThrows(ConfigException.class, () -> SchedulePlan.of(recipe)).getMessage();
        assertTrue(message.contains("\"" + taken + "\""), message);
        assertTrue(message.contains("example.GeneralThenAll"), message);
      }
    }
  }
}
