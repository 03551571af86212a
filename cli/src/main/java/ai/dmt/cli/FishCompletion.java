package ai.dmt.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A script for fish, made of the commands themselves. */
final class FishCompletion {
  /** Takes the words before the cursor; what is a command there decides which options come. */
  private static final String FUNCTION =
      """
      # Completions of dmt, made by dmt completion fish.
      function __dmt_is_at
          set -l path
          for word in (commandline -opc)[2..-1]
              set -l longer (string trim -- "$path $word")
              contains -- $longer $__dmt_commands; and set path $longer
          end
          test "$path" = "$argv"
      end
      """;

  private FishCompletion() {}

  static String script(CommandSpec root) {
    List<String> paths = new ArrayList<>();
    StringBuilder lines = new StringBuilder();
    append(root, "", paths, lines);
    StringBuilder script = new StringBuilder("set -g __dmt_commands");
    paths.forEach(path -> script.append(' ').append(quoted(path)));
    return script.append('\n') + FUNCTION + lines;
  }

  private static void append(
      CommandSpec command, String path, List<String> paths, StringBuilder lines) {
    String at = "complete -c dmt -n %s".formatted(quoted("__dmt_is_at " + path));
    command
        .subcommands()
        .forEach(
            (name, sub) -> {
              if (!sub.getCommandSpec().usageMessage().hidden()) {
                lines.append(
                    "%s -f -a %s -d %s%n".formatted(at, name, quoted(first(sub.getCommandSpec()))));
              }
            });
    for (OptionSpec option : command.options()) {
      if (!option.hidden()) {
        append(option, at, lines);
      }
    }
    command
        .subcommands()
        .forEach(
            (name, sub) -> {
              String below = path.isEmpty() ? name : path + " " + name;
              paths.add(below);
              append(sub.getCommandSpec(), below, paths, lines);
            });
  }

  private static void append(OptionSpec option, String at, StringBuilder lines) {
    lines.append(at);
    for (String name : option.names()) {
      lines.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    if (option.arity().max() > 0) {
      lines.append(" -r");
      if (option.completionCandidates() != null) {
        List<String> words = new ArrayList<>();
        option.completionCandidates().forEach(word -> words.add(word.toLowerCase(Locale.ROOT)));
        lines.append(" -f -a ").append(quoted(String.join(" ", words)));
      }
    }
    String[] description = option.description();
    String said = description.length == 0 ? "" : plain(description[0]);
    lines.append(" -d ").append(quoted(said)).append(System.lineSeparator());
  }

  private static String first(CommandSpec command) {
    String[] description = command.usageMessage().description();
    return description.length == 0 ? "" : plain(description[0]);
  }

  /** Without what is told elsewhere. */
  private static String plain(String text) {
    return HelpWords.plain(text.replaceAll("\\(default: \\$\\{DEFAULT-VALUE\\}\\)", ""));
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
