package ai.dmt.cli;

import ai.dmt.data.SourceFiles;
import ai.dmt.internal.text.NearestName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Words of the form {@code NAME=VALUE}. */
final class KeyValues {
  private KeyValues() {}

  /** A word's two halves. */
  record Pair(String name, String value) {}

  /** Cuts a word at its first {@code =}. */
  static Pair cut(String word, String expected, CommandLine commandLine) {
    int equals = word.indexOf('=');
    if (equals < 1 || equals == word.length() - 1) {
      throw new ParameterException(commandLine, "\"%s\" must be %s".formatted(word, expected));
    }
    return new Pair(word.substring(0, equals), word.substring(equals + 1));
  }

  /** Settings; a name twice is an error. */
  static Map<String, String> settings(List<String> words, CommandLine commandLine) {
    return settings(words, "KEY=VALUE", commandLine);
  }

  /** The same of words of another form. @param expected what they look like, in their order */
  static Map<String, String> settings(
      List<String> words, String expected, CommandLine commandLine) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String word : words) {
      Pair pair = cut(word, expected, commandLine);
      String before = settings.put(pair.name(), pair.value());
      if (before != null) {
        throw new ParameterException(
            commandLine,
            "%s is given twice, as %s and %s".formatted(pair.name(), before, pair.value()));
      }
    }
    return settings;
  }

  /**
   * Sources in the order of their first mention; a name that comes again adds a file.
   *
   * @param settingNames to guess from when a file is not there: the word may be a setting; empty
   *     where there are none
   */
  static List<SourceFiles> sources(
      List<String> words, Collection<String> settingNames, CommandLine commandLine) {
    Map<String, List<Path>> files = new LinkedHashMap<>();
    for (String word : words) {
      Pair pair = cut(word, "NAME=FILE", commandLine);
      if (!Files.exists(Path.of(pair.value()))) {
        refuseMistypedSetting(pair, settingNames, commandLine);
      }
      files.computeIfAbsent(pair.name(), name -> new ArrayList<>()).add(Path.of(pair.value()));
    }
    return files.entrySet().stream()
        .map(entry -> SourceFiles.of(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static void refuseMistypedSetting(
      Pair pair, Collection<String> settingNames, CommandLine commandLine) {
    String nearest = NearestName.of(pair.name(), settingNames).orElse("");
    if (!nearest.isEmpty() && NearestName.distance(pair.name(), nearest) <= 2) {
      throw new ParameterException(
          commandLine,
          "--data %s=%s: there is no such file; did you mean the setting %s?"
              .formatted(pair.name(), pair.value(), nearest));
    }
  }
}
