package ai.dmt.study.executor;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A job's script, with {@code {{NAME}}} where values come.
 *
 * <p>[Note: no name becomes a command] Numbers and safe names ({@link Kind#PLAIN}) may stand
 * anywhere. Words, such as a folder's name that a user chose, are quoted for the shell, so they may
 * stand only where a shell reads words: within quotes their own quotes would end, and a line break
 * in a comment would begin a command. Such places are refused when the template is read.
 */
final class JobTemplate {
  /** What a placeholder's values may hold. */
  enum Kind {
    /** Letters, digits, '.', '_' and '-'. */
    PLAIN,
    /** Anything, quoted for a shell. */
    WORDS
  }

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]*)}}");
  private static final String COMMAND = "command";

  private final String source;
  private final List<String> lines;

  private JobTemplate(String source, List<String> lines) {
    this.source = source;
    this.lines = List.copyOf(lines);
  }

  /**
   * Reads a template.
   *
   * @param source where it is from, for messages
   * @param text the script
   * @param known placeholders that may be in it
   * @throws ConfigException naming each line at fault
   */
  static JobTemplate parse(String source, String text, Map<String, Kind> known) {
    List<String> lines = text.lines().toList();
    List<String> faults = new ArrayList<>();
    boolean runs = false;
    for (int line = 0; line < lines.size(); line++) {
      for (MatchResult match : PLACEHOLDER.matcher(lines.get(line)).results().toList()) {
        String fault = fault(lines.get(line), match, known);
        runs |= match.group(1).equals(COMMAND);
        if (!fault.isEmpty()) {
          faults.add("%s:%s: %s".formatted(source, line + 1, fault));
        }
      }
    }
    if (!runs) {
      faults.add("%s has no {{%s}}, so its jobs would do nothing".formatted(source, COMMAND));
    }
    if (!faults.isEmpty()) {
      throw ConfigException.ofLines(faults);
    }
    return new JobTemplate(source, lines);
  }

  private static String fault(String line, MatchResult match, Map<String, Kind> known) {
    String name = match.group(1);
    Kind kind = known.get(name);
    if (kind == null) {
      return "unknown placeholder %s, did you mean {{%s}}? known are %s"
          .formatted(
              match.group(),
              NearestName.of(name, known.keySet()).orElseThrow(),
              String.join(", ", new TreeMap<>(known).keySet()));
    }
    String before = line.substring(0, match.start());
    boolean quoted = count(before, '"') % 2 == 1 || count(before, '\'') % 2 == 1;
    if (kind == Kind.WORDS && (quoted || before.contains("#"))) {
      return "%s is quoted for the shell already: it may stand neither within quotes nor after #"
          .formatted(match.group());
    }
    return "";
  }

  private static long count(String text, char wanted) {
    return text.chars().filter(c -> c == wanted).count();
  }

  /** The template that this library brings. @param file of the package's resources */
  static String bundled(String file) {
    try (InputStream stream = JobTemplate.class.getResourceAsStream(file)) {
      if (stream == null) {
        throw new IllegalStateException("the library has no " + file);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " of the library cannot be read", e);
    }
  }

  /**
   * Writes a script. A line for the scheduler that names a value which nobody knows is left out.
   *
   * @param values by placeholder; who gives words has quoted them
   * @param directive how the scheduler's lines begin
   */
  String fill(Map<String, String> values, String directive) {
    StringBuilder script = new StringBuilder();
    for (int line = 0; line < lines.size(); line++) {
      String text = lines.get(line);
      List<String> missing =
          PLACEHOLDER
              .matcher(text)
              .results()
              .map(match -> match.group(1))
              .filter(name -> !values.containsKey(name))
              .toList();
      if (missing.isEmpty()) {
        script.append(
            PLACEHOLDER
                .matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(values.get(match.group(1)))));
        script.append("\n");
      } else if (!text.startsWith(directive)) {
        throw new ConfigException(
            "%s:%s: {{%s}} is not known for every job; only a line that begins with %s can be left out"
                .formatted(source, line + 1, missing.get(0), directive));
      }
    }
    return script.toString();
  }
}
