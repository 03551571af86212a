package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.data.PreparationConfig;
import ai.dmt.data.SourceFiles;
import ai.dmt.data.Topic;
import ai.dmt.recipe.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** The README's commands are ones that dmt understands. */
class ReadmeTest {
  static List<String> commands(String file) throws IOException {
    String readme = Files.readString(Path.of(file)).replace("\\\n", " ");
    return readme
        .lines()
        .filter(line -> line.startsWith("./dmt "))
        .map(
            line -> line.replaceAll("\\s+(#.*|>\\S+)( &)?$", "")) // comments, and where output goes
        .toList();
  }

  @Test
  void sourceOfTheReadmeIsPreparedAsFastChatDoes() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String yaml = readme.replaceFirst("(?s).*?```yaml\n", "").replaceFirst("(?s)```.*", "");
    SourceFiles source =
        RecipeReader.parse(yaml, "README.md", List.of())
            .sources()
            .get("general")
            .sourceFiles("general");
    PreparationConfig fastChat = PreparationConfig.fastChat(2048);
    PreparationConfig given = source.preparation();
    assertEquals(fastChat.withFilters(given.filters()).withExclude(given.exclude()), given);
    assertEquals(1, given.filters().size());
    assertEquals(List.of(Topic.CODE, Topic.MATH), given.exclude());
  }

  @Test
  void everyCommandIsParsed() throws IOException {
    List<String> commands = new ArrayList<>(commands("README.md"));
    assertTrue(commands.size() >= 8, commands::toString);
    try (Stream<Path> pages = Files.list(Path.of("../docs"))) {
      for (Path page : pages.filter(each -> each.toString().endsWith(".md")).sorted().toList()) {
        commands.addAll(commands(page.toString()));
      }
    }
    for (String command : commands) {
      String[] words = command.replaceAll("\"[^\"]*\"", "TEXT").split("\\s+");
      CommandLine commandLine = Main.commandLine();
      ParseResult result =
          commandLine.parseArgs(java.util.Arrays.copyOfRange(words, 1, words.length));
      if (words[1].startsWith("--")) {
        continue; // an option of dmt itself
      }
      assertEquals(words[1], result.subcommand().commandSpec().name(), command);
    }
  }
}
