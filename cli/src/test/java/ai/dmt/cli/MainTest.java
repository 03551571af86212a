package ai.dmt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
  @Test
  void helpNamesTheProgramItsCommandsAndExitCodes() {
    String help = Dmt.run("--help").succeeds();
    assertTrue(help.startsWith("Usage: dmt"), help);
    for (String text :
        List.of(
            "plan ",
            "train ",
            "generate ",
            "score ",
            "recipe ",
            "doctor ",
            "bench ",
            "130   interrupted")) {
      assertTrue(help.contains(text), () -> text + " in " + help);
    }
  }

  @Test
  void versionIsMavens() {
    String version = Dmt.run("--version").succeeds();
    assertTrue(version.matches("dmt \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R"), version);
  }

  @Test
  void noCommandIsAUsageError() {
    Dmt.run().fails(ExitCode.USAGE, "dmt: name a command", "see dmt --help");
  }

  @Test
  void mistypedCommandIsGuessed() {
    Dmt.run("trains").fails(ExitCode.USAGE, "Did you mean: dmt train?");
    Dmt.run("trian", "x").fails(ExitCode.USAGE, "Did you mean: dmt train?");
    Dmt.run("analyze", "scalin").fails(ExitCode.USAGE, "Did you mean: dmt analyze scaling?");
    Dmt.run("study", "statu", "x").fails(ExitCode.USAGE, "did you mean dmt study status?");
    Dmt.run("train", "trian")
        .fails(
            ExitCode.USAGE, "no preset \"trian\"; a recipe is a YAML file, or one of the presets");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plan",
        "train",
        "generate",
        "chat",
        "serve",
        "rft",
        "evaluate",
        "analyze",
        "analyze scaling",
        "analyze representations",
        "analyze attention",
        "analyze independence",
        "recipe",
        "recipe ls",
        "recipe cp",
        "recipe show",
        "recipe validate",
        "recipe schema",
        "recipe explain",
        "recipe import",
        "init-recipe",
        "verify",
        "completion",
        "score",
        "score gsm8k",
        "score math",
        "score mbpp",
        "doctor",
        "bench",
        "bench train",
        "bench generate"
      })
  void everyCommandHasHelp(String command) {
    String[] words = (command + " --help").split(" ");
    String help = Dmt.run((Object[]) words).succeeds();
    assertTrue(help.startsWith("Usage: dmt " + command), help);
    assertTrue(help.contains("--verbose"), help);
  }

  @Test
  void trainHelpNamesEverySetting() {
    String help = Dmt.run("train", "--help").succeeds();
    for (String setting : ai.dmt.recipe.RecipeSettings.names()) {
      assertTrue(help.contains(setting + "="), () -> setting + " in " + help);
    }
  }

  @Test
  void trainHelpIsInColumnsThatBreakNoValue() {
    String help = Dmt.run("train", "--help").succeeds();
    String settings = help.substring(help.indexOf("Settings (names"));
    assertTrue(settings.lines().allMatch(line -> line.length() <= 80), settings);
    assertTrue(
        settings.contains("  learning_rate=2e-5            Peak of the learning rate"), settings);
    assertTrue(
        settings.contains("one of cosine") || settings.contains("one of constant"), settings);
  }

  @Test
  void missingOptionsAreNamedTogether() {
    Dmt.run("train").fails(ExitCode.USAGE, "--model", "--data", "--output", "see dmt train --help");
  }

  @Test
  void promptAndInputExcludeEachOther() {
    Dmt.run("generate", "--model", "m", "--prompt", "a", "--input", "b")
        .fails(ExitCode.USAGE, "mutually exclusive");
  }

  @Test
  void stackTraceOnlyWhenAskedFor() {
    String plain = Dmt.run("generate", "--model", "/no/such", "--prompt", "a").toString();
    assertFalse(plain.contains("\tat "), plain);
    Dmt verbose = Dmt.run("generate", "--verbose", "--model", "/no/such", "--prompt", "a");
    assertEquals(ExitCode.USAGE, verbose.exitCode());
    assertTrue(verbose.toString().contains("\tat "), verbose.toString());
  }

  @Test
  void unknownPresetAndTypeAreNamed() {
    Dmt.run("bench", "train", "--preset", "huge").fails(ExitCode.USAGE, "tiny", "got \"huge\"");
    Dmt.run("bench", "train", "--dtype", "int8").fails(ExitCode.USAGE, "got \"int8\"");
    Dmt.run("bench", "train", "--steps", "0")
        .fails(ExitCode.USAGE, "steps must be positive, got 0");
    Dmt.run("bench").fails(ExitCode.USAGE, "train, generate or memory");
  }

  /** A percent sign of a description that picocli takes for a format is a warning there. */
  @Test
  void helpOfEveryCommandIsWrittenWithoutAWarning() {
    PrintStream console = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setErr(captured);
      write(Main.commandLine());
    } finally {
      System.setErr(console);
    }
    assertEquals("", bytes.toString(StandardCharsets.UTF_8));
  }

  /** A start with one command has the same words for it as one with all. */
  @Test
  void aCommandAloneIsAsAmongAll() {
    Map<String, CommandLine> all = Main.commandLine().getSubcommands();
    for (String name : all.keySet()) {
      CommandLine alone = Main.commandLine(new String[] {name, "--help"});
      String help = alone.getSubcommands().get(name).getUsageMessage(CommandLine.Help.Ansi.OFF);
      assertEquals(all.get(name).getUsageMessage(CommandLine.Help.Ansi.OFF), help);
    }
    assertEquals(1, Main.commandLine(new String[] {"train"}).getSubcommands().size());
    assertEquals(all.keySet(), Main.commandLine(new String[] {"man"}).getSubcommands().keySet());
    assertEquals(all.keySet(), Main.commandLine(new String[] {"trian"}).getSubcommands().keySet());
  }

  private static void write(CommandLine command) {
    String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
    assertFalse(help.contains("%n"), help);
    command.getSubcommands().values().forEach(MainTest::write);
  }
}
