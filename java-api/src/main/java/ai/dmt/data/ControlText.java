package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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

  private final Tokenizer tokenizer;
  private final Pattern controls;

  /** Makes one for a tokenizer's control tokens. */
  ControlText(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    String names =
        tokenizer.controlTokens().keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed()) // the longest first
            .map(Pattern::quote)
            .reduce((a, b) -> a + "|" + b)
            .orElse("(?!)");
    this.controls = Pattern.compile(names);
  }

  boolean isFor(Tokenizer other) {
    return tokenizer == other;
  }

  /** A guard for texts that spell control tokens; none is needed, and given, where none does. */
  Optional<Character> guardFor(List<String> texts, String template) {
    if (texts.stream().noneMatch(text -> controls.matcher(text).find())) {
      return Optional.empty();
    }
    char guard = PRIVATE;
    while (template.indexOf(guard) >= 0 || anyHas(texts, guard)) {
      guard++;
    }
    return Optional.of(guard);
  }

  private static boolean anyHas(List<String> texts, char guard) {
    return texts.stream().anyMatch(text -> text.indexOf(guard) >= 0);
  }

  /** A text in which no control token is spelt. */
  String guard(String text, char guard) {
    return controls
        .matcher(text)
        .replaceAll(
            found -> {
              String spelt = found.group();
              return Matcher.quoteReplacement(spelt.substring(0, 1) + guard + spelt.substring(1));
            });
  }

  /** The first control token that a text spells, from a place on. */
  Optional<String> first(String text, int from) {
    Matcher matcher = controls.matcher(text);
    return matcher.find(from) ? Optional.of(matcher.group()) : Optional.empty();
  }

  /**
   * Adds what a template wrote. White space after the last control token carries no loss.
   *
   * @param guard to be taken out, where there is one
   */
  void addTo(Rendering out, String written, Optional<Character> guard, boolean loss) {
    Matcher matcher = controls.matcher(written);
    int from = 0;
    while (matcher.find()) {
      out.text(bare(written.substring(from, matcher.start()), guard), loss);
      if (loss) {
        out.answerControl(matcher.group());
      } else {
        out.control(matcher.group());
      }
      from = matcher.end();
    }
    String rest = bare(written.substring(from), guard);
    out.text(rest, loss && !(from > 0 && rest.isBlank()));
  }

  /** A text without the guard. */
  static String bare(String text, Optional<Character> guard) {
    return guard.map(g -> text.replace(g.toString(), "")).orElse(text);
  }
}
