package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/support.md says what tests show, and README's table says the same. */
class SupportPageTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| ([^|]+) \\| (\\w+) \\| ?([^|]*)\\|$", Pattern.MULTILINE);
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)`");
  private static final Set<String> STATES = Set.of("tested", "tried", "compiled", "planned");
  private static final List<String> MODULES =
      List.of("native", "java-api", "strategies", "evaluators", "studies", "cli");

  private record Row(String what, String state, String shownBy) {
    private List<String> tests() {
      return TEST.matcher(shownBy).results().map(found -> found.group(1)).toList();
    }
  }

  @Test
  void testedIsWhatANamedTestShows() throws IOException {
    Map<String, Path> classes = testClasses();
    List<String> wrong = new ArrayList<>();
    List<Row> rows = rows(Files.readString(Path.of("../docs/support.md")));
    assertTrue(rows.size() > 30, rows::toString);
    for (Row row : rows) {
      if (!STATES.contains(row.state())) {
        wrong.add("\"%s\" is %s, expected one of %s".formatted(row.what(), row.state(), STATES));
      }
      if (!row.state().equals("planned") && row.shownBy().isBlank()) {
        wrong.add("\"%s\" is %s, and nothing shows it".formatted(row.what(), row.state()));
      }
      for (String test : row.tests()) {
        Path file = classes.get(test);
        if (file == null) {
          wrong.add("\"%s\" names %s, which is not there".formatted(row.what(), test));
        } else if (Files.readString(file).contains("@Disabled")) {
          wrong.add("\"%s\" names %s, which is switched off".formatted(row.what(), test));
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void readmeHasTheSameTable() throws IOException {
    String page = Files.readString(Path.of("../docs/support.md"));
    Map<String, String> tasks =
        states(page.substring(page.indexOf("## Tasks"), page.indexOf("## Machines")));
    String readme = Files.readString(Path.of("../README.md"));
    assertEquals(tasks, states(readme.substring(0, readme.indexOf("## Start"))));
  }

  @Test
  void readmeOfTheCommandLineHasEveryCommand() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    List<String> missing =
        Main.commandLine().getSubcommands().entrySet().stream()
            .filter(command -> !command.getValue().getCommandSpec().usageMessage().hidden())
            .map(Map.Entry::getKey)
            .filter(name -> !readme.contains("| `dmt " + name))
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void everyPageIsInTheIndex() throws IOException {
    String index = Files.readString(Path.of("../docs/README.md"));
    try (Stream<Path> pages = Files.list(Path.of("../docs"))) {
      List<String> missing =
          pages
              .map(page -> page.getFileName().toString())
              .filter(name -> name.endsWith(".md") && !name.equals("README.md"))
              .filter(name -> !index.contains("(" + name + ")"))
              .toList();
      assertEquals(List.of(), missing);
    }
  }

  @Test
  void linksOfPagesLeadSomewhere() throws IOException {
    Pattern link = Pattern.compile("\\]\\(([^)#:\\s]+)(#[^)]*)?\\)");
    List<Path> pages = new ArrayList<>();
    for (String name : List.of("README.md", "CONTRIBUTING.md", "SECURITY.md")) {
      pages.add(Path.of("..", name));
    }
    MODULES.forEach(module -> pages.add(Path.of("..", module, "README.md")));
    try (Stream<Path> docs = Files.list(Path.of("../docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).forEach(pages::add);
    }
    List<String> broken = new ArrayList<>();
    for (Path page : pages) {
      Matcher links = link.matcher(Files.readString(page));
      while (links.find()) {
        Path target = page.resolveSibling(links.group(1));
        if (!Files.exists(target)) {
          broken.add(page + " to " + links.group(1));
        } else if (links.group(2) != null && target.toString().endsWith(".md")) {
          if (!anchors(target).contains(links.group(2).substring(1))) {
            broken.add(page + " to " + links.group(1) + links.group(2));
          }
        }
      }
    }
    assertEquals(List.of(), broken);
  }

  /** Anchors of headings, as the sites that show Markdown make them. */
  private static Set<String> anchors(Path page) throws IOException {
    return Files.readString(page)
        .lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(java.util.Locale.ROOT))
        .map(title -> title.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static List<Row> rows(String text) {
    return ROW.matcher(text)
        .results()
        .map(found -> new Row(found.group(1), found.group(2), found.group(3).strip()))
        .filter(row -> !row.what().equals("what"))
        .toList();
  }

  private static Map<String, String> states(String text) {
    Map<String, String> states = new LinkedHashMap<>();
    rows(text).forEach(row -> states.put(row.what(), row.state()));
    assertTrue(states.size() > 10, states::toString);
    return states;
  }

  private static Map<String, Path> testClasses() throws IOException {
    Map<String, Path> classes = new LinkedHashMap<>();
    for (String module : MODULES) {
      Path tests = Path.of("..", module, "src/test/java");
      if (Files.isDirectory(tests)) {
        try (Stream<Path> files = Files.walk(tests)) {
          files
              .filter(file -> file.toString().endsWith("Test.java"))
              .forEach(file -> classes.put(className(file), file));
        }
      }
    }
    return classes;
  }

  private static String className(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }
}
