package ai.dmt.data;

import java.util.ArrayDeque;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings a template into the form that the library reads as Python's Jinja does, and refuses what
 * the library would silently read otherwise:
 *
 * <ul>
 *   <li>{@code not a is b}: the library's {@code not} takes {@code a} only, so what belongs to it
 *       is put in parentheses
 *   <li>{@code for a in b if c}, and filters that it does not know: it writes nothing for them
 * </ul>
 */
final class JinjaSource {
  private static final Pattern CODE = Pattern.compile("(?s)\\{\\{.*?\\}\\}|\\{%.*?%\\}");

  /** Strings, words and single other characters. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?s)'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\"|[A-Za-z_]\\w*+|\\s++|.");

  private static final Pattern STRING =
      Pattern.compile("(?s)'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\"");
  private static final Pattern FILTER = Pattern.compile("\\|\\s*+([A-Za-z_]\\w*)");
  private static final Pattern FILTERED_LOOP =
      Pattern.compile("(?s)\\{%-?\\s*+for\\s.*\\sin\\s.*\\sif\\s.*");

  /** Words that end what a {@code not} before them belongs to. */
  private static final Set<String> ENDS = Set.of("and", "or", "if", "else");

  private JinjaSource() {}

  /**
   * The template as the library must be given it.
   *
   * @param knownFilter whether the library has a filter of this name
   * @throws JinjaException if it needs what the library lacks
   */
  static String normalize(String source, Predicate<String> knownFilter) {
    return CODE.matcher(source)
        .replaceAll(
            found -> {
              String code = found.group();
              demandSupport(STRING.matcher(code).replaceAll("''"), knownFilter);
              return Matcher.quoteReplacement(withParentheses(code));
            });
  }

  private static void demandSupport(String code, Predicate<String> knownFilter) {
    Matcher filter = FILTER.matcher(code);
    while (filter.find()) {
      if (!knownFilter.test(filter.group(1))) {
        throw new JinjaException("filter \"%s\" is not supported".formatted(filter.group(1)));
      }
    }
    if (FILTERED_LOOP.matcher(code).matches()) {
      throw new JinjaException("a loop with a condition (for ... in ... if ...) is not supported");
    }
  }

  /** The code between its two marks at each end, with parentheses after every leading "not". */
  private static String withParentheses(String code) {
    StringBuilder out = new StringBuilder(code.substring(0, 2));
    int end = code.length() - (code.charAt(code.length() - 3) == '-' ? 3 : 2);
    Matcher tokens = TOKEN.matcher(code.substring(2, Math.max(2, end)));
    ArrayDeque<Integer> open = new ArrayDeque<>(); // depths of added ones
    int depth = 0;
    String before = "";
    while (tokens.find()) {
      String token = tokens.group();
      boolean closes = token.equals(")") || token.equals("]") || token.equals("}");
      if (closes || token.equals(",") || token.equals(":") || ENDS.contains(token)) {
        while (!open.isEmpty() && open.peek() == depth) {
          open.pop();
          out.append(") ");
        }
      }
      depth += closes ? -1 : token.matches("[(\\[{]") ? 1 : 0;
      out.append(token);
      if (token.equals("not") && !before.equals("is") && !isOperand(before)) {
        out.append(" (");
        open.push(depth);
      }
      before = token.isBlank() ? before : token;
    }
    return out.append(") ".repeat(open.size())).append(code.substring(Math.max(2, end))).toString();
  }

  /** Whether a word ends an operand, so that a "not" behind it belongs to "not in". */
  private static boolean isOperand(String token) {
    boolean isWord = token.matches("\\w+|[)\\]}'\"].*|['\"].*");
    return isWord && !Set.of("and", "or", "not", "if", "elif", "else", "in", "set").contains(token);
  }
}
