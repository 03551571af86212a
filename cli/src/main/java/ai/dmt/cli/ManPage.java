package ai.dmt.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A command's page for {@code man}, made of the command itself. */
final class ManPage {
  private final CommandSpec command;
  private final StringBuilder roff = new StringBuilder();

  private ManPage(CommandSpec command) {
    this.command = command;
  }

  /** Such as "dmt-recipe-import". */
  static String name(CommandSpec command) {
    return command.qualifiedName("-");
  }

  /** The page in roff. */
  static String of(CommandSpec command) {
    return new ManPage(command).text();
  }

  private String text() {
    CommandLine.Help help =
        new CommandLine.Help(command, CommandLine.Help.defaultColorScheme(Ansi.OFF));
    String[] description = command.usageMessage().description();
    macro("TH", quoted(name(command).toUpperCase(Locale.ROOT)) + " 1");
    macro("SH", "NAME");
    line(name(command) + " - " + (description.length == 0 ? "" : plain(description[0])));
    macro("SH", "SYNOPSIS");
    macro("nf", "");
    line(help.synopsis(0).strip());
    macro("fi", "");
    macro("SH", "DESCRIPTION");
    for (String each : description) {
      line(plain(each));
    }
    options();
    subcommands();
    exitCodes(command.root());
    return roff.toString();
  }

  private void options() {
    macro("SH", "OPTIONS");
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      if (!parameter.hidden()) {
        item(parameter.paramLabel(), parameter.description());
      }
    }
    for (OptionSpec option : command.options()) {
      if (!option.hidden()) {
        String value = option.arity().max() > 0 ? "=" + option.paramLabel() : "";
        item(String.join(", ", option.names()) + value, described(option));
      }
    }
  }

  private static String[] described(OptionSpec option) {
    String standard = option.defaultValueString();
    String[] lines = option.description().clone();
    for (int i = 0; i < lines.length; i++) {
      lines[i] = lines[i].replace("${DEFAULT-VALUE}", standard == null ? "none" : standard);
    }
    return lines;
  }

  private void subcommands() {
    List<String> pages = new ArrayList<>();
    if (!command.subcommands().isEmpty()) {
      macro("SH", "COMMANDS");
    }
    for (Map.Entry<String, CommandLine> each : command.subcommands().entrySet()) {
      CommandSpec sub = each.getValue().getCommandSpec();
      if (!sub.usageMessage().hidden()) {
        item(each.getKey(), sub.usageMessage().description());
        pages.add(name(sub) + "(1)");
      }
    }
    if (command.parent() != null) {
      pages.add(0, name(command.parent()) + "(1)");
    }
    macro("SH", "SEE ALSO");
    line(String.join(", ", pages));
  }

  private void exitCodes(CommandSpec root) {
    macro("SH", "EXIT STATUS");
    root.usageMessage().exitCodeList().forEach((code, what) -> item(code, new String[] {what}));
  }

  private void item(String what, String[] description) {
    macro("TP", "");
    line("\\fB" + escaped(what) + "\\fR", false);
    for (String each : description) {
      line(plain(each));
    }
  }

  private void macro(String name, String words) {
    roff.append('.').append(name).append(words.isEmpty() ? "" : " " + words).append('\n');
  }

  private void line(String text) {
    line(text, true);
  }

  /** A line of text never begins with a sign that makes it a macro. */
  private void line(String text, boolean raw) {
    for (String each : text.split("\\R")) {
      String safe = raw ? escaped(each) : each;
      roff.append(safe.startsWith(".") || safe.startsWith("'") ? "\\&" : "")
          .append(safe)
          .append('\n');
    }
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-");
  }

  private static String quoted(String text) {
    return "\"" + escaped(text) + "\"";
  }

  private static String plain(String text) {
    return HelpWords.plain(text);
  }
}
