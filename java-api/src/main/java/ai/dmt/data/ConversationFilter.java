package ai.dmt.data;

import ai.dmt.internal.text.Faults;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Keeps or drops conversations by a regular expression, which may match anywhere in a text or tag.
 *
 * @param part what is looked at
 * @param regex in Java's syntax; {@code (?i)} in front makes it blind to case
 * @param action what happens to a conversation that matches
 */
public record ConversationFilter(Part part, String regex, Action action) {
  /** What is looked at. */
  public enum Part {
    /** The text of each turn. */
    TEXT,
    /** Each tag. */
    TAGS
  }

  /** What happens to a conversation that matches. */
  public enum Action {
    /** It stays, all others go. */
    KEEP,
    /** It goes, all others stay. */
    DROP
  }

  /**
   * Checks the expression.
   *
   * @param part see {@link #part()}
   * @param regex see {@link #regex()}
   * @param action see {@link #action()}
   * @throws ai.dmt.config.ConfigException if it is malformed, or a value is missing
   */
  public ConversationFilter {
    new Faults("filter")
        .present("part", part)
        .present("action", action)
        .require(fault(regex).isEmpty(), fault(regex))
        .throwIfAny();
  }

  /** A test that says whether a conversation stays; compiled once, for many conversations. */
  Predicate<Conversation> compile() {
    Pattern pattern = Pattern.compile(regex);
    return conversation ->
        texts(conversation).anyMatch(text -> pattern.matcher(text).find())
            == (action == Action.KEEP);
  }

  private Stream<String> texts(Conversation conversation) {
    return part == Part.TAGS
        ? conversation.tags().stream()
        : conversation.turns().stream().map(Turn::text);
  }

  private static String fault(String regex) {
    if (regex == null) {
      return "regex is missing";
    }
    try {
      Pattern.compile(regex);
      return "";
    } catch (PatternSyntaxException e) {
      return "regex \"%s\" is malformed: %s at %s"
          .formatted(regex, e.getDescription(), e.getIndex());
    }
  }
}
