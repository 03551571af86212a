package ai.dmt.data;

import ai.dmt.tokenizer.TextPlace;
import ai.dmt.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Map;

/**
 * The built-in templates in Jinja, for programs that know them only so. Control tokens stand in the
 * text by their names, since a folder's bos_token may be another one or none. A test compares each
 * with what its template renders, id by id.
 */
final class JinjaText {
  private static final String USER = "message['role'] == 'user'";
  private static final String ASSISTANT = "message['role'] == 'assistant'";

  private JinjaText() {}

  /** A text as a constant. */
  static String quoted(String text) {
    return "'"
        + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
        + "'";
  }

  /**
   * What {@link Rendering#begin} writes before a text that is known, as a constant; an empty one
   * where it writes nothing. Tokenizers that put a space in front of what begins may put none
   * behind a begin token that is spelt out; then the space is spelt out, too.
   */
  static String begin(Tokenizer tokenizer) {
    return quoted(names(tokenizer, tokenizer.beginIds()) + (losesSpace(tokenizer) ? " " : ""));
  }

  /** The same and a text, as an expression. Some tokenizers put no space in front of a space. */
  static String begun(Tokenizer tokenizer, String text) {
    boolean doubles = !Arrays.equals(tokenizer.encode("x"), tokenizer.encode(" x"));
    String without = doubles ? "['']" : "['', ' ', '\\u2581']";
    String space =
        losesSpace(tokenizer) ? "('' if (%s)[:1] in %s else ' ') + ".formatted(text, without) : "";
    return beginAlone(tokenizer) + " + " + space + text;
  }

  private static boolean losesSpace(Tokenizer tokenizer) {
    int[] ids = tokenizer.beginIds();
    if (ids.length == 0) {
      return false;
    }
    TextPlace behind = new TextPlace(ids[ids.length - 1], TextPlace.NOTHING);
    int[] begun = tokenizer.encode("x");
    return !Arrays.equals(begun, tokenizer.encode("x", behind))
        && Arrays.equals(begun, tokenizer.encode(" x", behind));
  }

  /** What it writes before a control token. */
  static String beginAlone(Tokenizer tokenizer) {
    return quoted(names(tokenizer, tokenizer.beginIds()));
  }

  /** What {@link Rendering#end} writes, as a constant. */
  static String end(Tokenizer tokenizer) {
    return quoted(names(tokenizer, new Rendering("jinja", tokenizer).end().ids()));
  }

  private static String names(Tokenizer tokenizer, int[] ids) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(
          tokenizer.controlTokens().entrySet().stream()
              .filter(entry -> entry.getValue() == id)
              .map(Map.Entry::getKey)
              .sorted()
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("token " + id + " has no name")));
    }
    return text.toString();
  }

  /** Puts out an expression. */
  static String write(String expression) {
    return "{{- " + expression + " -}}\n";
  }

  /** For conversations: the system turn's text, or an empty one, as {@code system}. */
  static String system() {
    return "{%- set system = messages[0]['content'] if messages[0]['role'] == 'system' else '' -%}\n";
  }

  /** Turn by turn; a system turn is the first, and has been written. */
  static String turns(String user, String assistant) {
    return "{%- for message in messages -%}\n"
        + "{%- if "
        + USER
        + " -%}\n"
        + write(user)
        + "{%- elif "
        + ASSISTANT
        + " -%}\n"
        + write(assistant)
        + "{%- elif not loop.first -%}\n"
        + write("raise_exception('a turn is of role ' + message['role'])")
        + "{%- endif -%}\n"
        + "{%- endfor -%}\n";
  }

  /** Every turn alike, the system's too, then what stands before an answer. */
  static String tagged(String begin, String turn, String before) {
    return write(begin)
        + "{%- for message in messages -%}\n"
        + write(turn)
        + "{%- endfor -%}\n"
        + "{%- if add_generation_prompt -%}\n"
        + write(before)
        + "{%- endif -%}\n";
  }

  /** One question, and its answer where there is one. */
  static String oneExchange(String name, String question, String answer) {
    return "{%- if messages[0]['role'] != 'user' or messages | length > 2 -%}\n"
        + write("raise_exception('template " + name + " takes one question and its answer')")
        + "{%- endif -%}\n"
        + write(question)
        + "{%- if messages | length == 2 -%}\n"
        + write(answer)
        + "{%- endif -%}\n";
  }
}
