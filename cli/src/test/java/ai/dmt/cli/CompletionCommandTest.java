package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shells themselves complete. */
class CompletionCommandTest {
  @TempDir private Path folder;

  private String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), out);
    return out;
  }

  private Path script(String shell) throws IOException {
    return Files.writeString(
        folder.resolve("dmt." + shell), Dmt.run("completion", shell).succeeds());
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    Path script = script("bash");
    String ask =
        "source %s; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _complete_dmt"
            + " 2>/dev/null; echo ${COMPREPLY[@]}";
    assertEquals("recipe", run("bash", "-c", ask.formatted(script, "dmt reci")).strip());
    assertEquals("import", run("bash", "-c", ask.formatted(script, "dmt recipe imp")).strip());
    assertTrue(
        run("bash", "-c", ask.formatted(script, "dmt init-recipe --ou")).contains("--output-dir"));
  }

  @Test
  void fishCompletesCommandsAndOptions() throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/bin/fish")), "there is no fish on this machine");
    Path script = script("fish");
    String ask = "source %s; complete -C '%s'";
    assertTrue(run("fish", "-c", ask.formatted(script, "dmt reci")).startsWith("recipe\t"));
    assertTrue(run("fish", "-c", ask.formatted(script, "dmt recipe imp")).startsWith("import\t"));
    List<String> options =
        run("fish", "-c", ask.formatted(script, "dmt recipe import x --")).lines().toList();
    assertTrue(options.stream().anyMatch(line -> line.startsWith("--full\t")), options::toString);
    assertTrue(options.stream().noneMatch(line -> line.startsWith("--model")), options::toString);
  }

  @Test
  void zshTakesTheScriptOfBash() throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/bin/zsh")), "there is no zsh on this machine");
    Path script = script("zsh");
    String out =
        run(
            "zsh",
            "-f",
            "-c",
            "autoload -Uz compinit bashcompinit; compinit -D; bashcompinit; source %s; whence -w _complete_dmt"
                .formatted(script));
    assertTrue(out.contains("function"), out);
  }

  @Test
  void otherShellsAreRefused() {
    Dmt.run("completion", "tcsh").fails(ExitCode.USAGE, "BASH, ZSH, FISH");
  }

  @Test
  void everyCommandHasAPageForMan() throws Exception {
    Path pages = folder.resolve("man1");
    Dmt.run("man", "--output", pages).succeeds();
    String page = Files.readString(pages.resolve("dmt-recipe-import.1"));
    assertEquals(page, Dmt.run("man", "recipe", "import").succeeds());
    for (String part :
        List.of(
            ".TH \"DMT\\-RECIPE\\-IMPORT\" 1", ".SH OPTIONS", "\\fB\\-o, \\-\\-output=FILE\\fR")) {
      assertTrue(page.contains(part), () -> part + " in " + page);
    }
    try (var all = Files.list(pages)) {
      for (Path each : all.toList()) {
        String text = Files.readString(each);
        assertTrue(!text.contains("${"), () -> each + ": " + text);
        assertTrue(
            text.lines().allMatch(line -> line.matches("\\.(TH|SH|TP|nf|fi)( .*)?|[^.'].*")),
            () -> each + ": " + text);
      }
    }
    Dmt.run("man", "recipes").fails(ExitCode.USAGE, "dmt has no command recipes");
  }
}
