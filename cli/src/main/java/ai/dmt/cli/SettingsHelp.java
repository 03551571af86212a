package ai.dmt.cli;

import ai.dmt.recipe.KeyInfo;
import ai.dmt.recipe.RecipeSettings;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help;

/** The settings of {@code dmt train} in two columns, in the words of the recipes' schema. */
final class SettingsHelp {
  private static final int NAMES = 32; // columns for name and default
  private static final String INDENT = "  ";

  private SettingsHelp() {}

  /** What stands below the options. */
  static String text(Help help) {
    int width = help.commandSpec().usageMessage().width();
    StringBuilder text =
        new StringBuilder(
            "%nSettings (names as in Hugging Face's Trainer), with their defaults:%n".formatted());
    for (KeyInfo key : RecipeSettings.keys()) {
      String name = INDENT + key.key() + "=" + (key.standard() == null ? "" : key.standard());
      String values = key.type().startsWith("one of ") ? ": " + key.type() : "";
      List<String> lines = wrapped(key.description() + values, width - NAMES - 2);
      if (name.length() >= NAMES) { // a value is never cut
        text.append(name).append(System.lineSeparator());
        name = "";
      }
      for (String line : lines) {
        text.append("%-32s%s%n".formatted(name, line));
        name = "";
      }
    }
    return text.toString();
  }

  /** Lines that break between words alone. */
  private static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (line.length() > 0 && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
