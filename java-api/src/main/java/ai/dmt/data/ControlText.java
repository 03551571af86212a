package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;
import java.util.Comparator;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells control tokens that a template writes from texts that happen to spell them: texts are
 * guarded before the template gets them, by a character inside the spelling that occurs nowhere
 * else, and it is taken out again afterwards.
 */
final class ControlText {
  /** First of Unicode's private characters. */
  private static final char PRIVATE = '\uE000';

  private final Pattern controls;
  private final String guard;

  private ControlText(Pattern controls, String guard) {
    this.controls = controls;
    this.guard = guard;
  }

  static ControlText of(Tokenizer tokenizer, Conversation conversation, String template) {
    StringBuilder all = new StringBuilder(template);
    conversation.turns().forEach(turn -> all.append(turn.text()));
    char guard = PRIVATE;
    while (all.indexOf(String.valueOf(guard)) >= 0) {
      guard++;
    }
    Map<String, Integer> tokens = tokenizer.controlTokens();
    String names =
        tokens.keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed()) // the longest first
            .map(Pattern::quote)
            .reduce((a, b) -> a + "|" + b)
            .orElse("(?!)");
    return new ControlText(Pattern.compile(names), String.valueOf(guard));
  }

  /** A text in which no control token is spelt. */
  String guard(String text) {
    return controls
        .matcher(text)
        .replaceAll(
            found -> {
              String spelt = found.group();
              return Matcher.quoteReplacement(spelt.substring(0, 1) + guard + spelt.substring(1));
            });
  }

  /** Adds what a template wrote. White space after the last control token carries no loss. */
  void addTo(Rendering out, String written, boolean loss) {
    Matcher matcher = controls.matcher(written);
    int from = 0;
    while (matcher.find()) {
      out.text(written.substring(from, matcher.start()).replace(guard, ""), loss);
      if (loss) {
        out.answerControl(matcher.group());
      } else {
        out.control(matcher.group());
      }
      from = matcher.end();
    }
    String rest = written.substring(from).replace(guard, "");
    out.text(rest, loss && !(from > 0 && rest.isBlank()));
  }
}
