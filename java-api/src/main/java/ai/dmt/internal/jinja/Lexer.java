package ai.dmt.internal.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, as jinja2's lexer does with {@code trim_blocks} and {@code
 * lstrip_blocks}.
 */
final class Lexer {
  private static final Pattern LINE_END = Pattern.compile("\r\n|\r");

  // Possessive where that changes nothing, so that no source makes the matcher go back.
  private static final Pattern FLOAT =
      Pattern.compile(
          "(?i)(?<!\\.)[0-9]++(?:_[0-9]++)*+(?:(?:\\.[0-9]++(?:_[0-9]++)*+)?e[+-]?[0-9]++(?:_[0-9]++)*+|\\.[0-9]++(?:_[0-9]++)*+)");
  private static final Pattern INTEGER =
      Pattern.compile(
          "(?i)0b(?:_?[01])++|0o(?:_?[0-7])++|0x(?:_?[0-9a-f])++|[1-9](?:_?[0-9])*+|0(?:_?0)*+");
  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String source) {
    String lines = LINE_END.matcher(source).replaceAll("\n");
    Lexer lexer = new Lexer(lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < source.length()) {
      int tag = nextTag(at);
      if (tag < 0) {
        data(source.substring(at));
        at = source.length();
      } else {
        tag(tag);
      }
    }
    tokens.add(new Token(line, Token.Type.END, "", null));
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from);
        i >= 0 && i + 1 < source.length();
        i = source.indexOf('{', i + 1)) {
      char c = source.charAt(i + 1);
      if (c == '{' || c == '%' || c == '#') {
        return i;
      }
    }
    return -1;
  }

  private void tag(int tag) {
    char kind = source.charAt(tag + 1);
    int after = tag + 2;
    char sign = after < source.length() ? source.charAt(after) : 0;
    boolean signed = sign == '-' || sign == '+';
    after += signed ? 1 : 0;
    int rawEnd = kind == '%' ? endOfRawTag(after) : -1;
    dataBefore(source.substring(at, tag), signed ? sign : 0, kind != '{');
    at = rawEnd >= 0 ? rawEnd : after;
    line += count(source, tag, at);
    if (rawEnd >= 0) {
      raw();
    } else if (kind == '#') {
      comment();
    } else {
      code(kind == '{');
    }
  }

  /** The text before a tag, without the white space that the tag takes away. */
  private void dataBefore(String text, char sign, boolean isBlock) {
    int end = text.length();
    if (sign == '-') {
      while (end > 0 && Unicode.isSpace(text.charAt(end - 1))) {
        end--;
      }
    } else if (sign != '+' && isBlock) {
      int start = text.lastIndexOf('\n') + 1;
      if ((start > 0 || lineStarts) && Unicode.isSpace(text, start, end)) {
        end = start;
      }
    }
    data(text.substring(0, end));
    line += count(text, end, text.length());
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      tokens.add(new Token(line, Token.Type.DATA, text, null));
      line += count(text, 0, text.length());
    }
  }

  /** Where the tag "raw" ends, or -1 if it is another one. */
  private int endOfRawTag(int from) {
    int i = skipSpace(from);
    if (!source.startsWith("raw", i)) {
      return -1;
    }
    i = skipSpace(i + 3);
    if (source.startsWith("-%}", i)) {
      return skipSpace(i + 3);
    }
    return source.startsWith("%}", i) ? i + 2 : -1;
  }

  private void raw() {
    lineStarts = source.charAt(at - 1) == '\n';
    for (int i = source.indexOf("{%", at); i >= 0; i = source.indexOf("{%", i + 1)) {
      int j = i + 2;
      char sign = j < source.length() ? source.charAt(j) : 0;
      boolean signed = sign == '-' || sign == '+';
      j = skipSpace(signed ? j + 1 : j);
      if (source.startsWith("endraw", j)) {
        int end = endOfBlock(skipSpace(j + 6));
        if (end >= 0) {
          dataBefore(source.substring(at, i), signed ? sign : 0, true);
          leave(i, end);
          return;
        }
      }
    }
    throw JinjaException.syntax(line, "missing end of raw directive");
  }

  private void comment() {
    for (int i = source.indexOf("#}", at); i >= 0; i = source.indexOf("#}", i + 1)) {
      char sign = i > at ? source.charAt(i - 1) : 0;
      int end = i + 2;
      if (sign == '-') {
        end = skipSpace(end);
      } else if (sign != '+' && end < source.length() && source.charAt(end) == '\n') {
        end++;
      }
      leave(at, end);
      return;
    }
    throw JinjaException.syntax(line, "missing end of comment tag");
  }

  /** Where a block ends that may end here, or -1. */
  private int endOfBlock(int from) {
    if (source.startsWith("-%}", from)) {
      return skipSpace(from + 3);
    }
    if (source.startsWith("+%}", from)) {
      return from + 3;
    }
    if (!source.startsWith("%}", from)) {
      return -1;
    }
    int end = from + 2;
    return end < source.length() && source.charAt(end) == '\n' ? end + 1 : end;
  }

  private int endOfVariable(int from) {
    if (source.startsWith("-}}", from)) {
      return skipSpace(from + 3);
    }
    return source.startsWith("}}", from) ? from + 2 : -1;
  }

  private void leave(int from, int end) {
    line += count(source, from, end);
    lineStarts = source.charAt(end - 1) == '\n';
    at = end;
  }

  private void code(boolean isVariable) {
    add(isVariable ? Token.Type.VARIABLE_BEGIN : Token.Type.BLOCK_BEGIN, "", null);
    Deque<Character> open = new ArrayDeque<>();
    while (at < source.length()) {
      int end = !open.isEmpty() ? -1 : isVariable ? endOfVariable(at) : endOfBlock(at);
      if (end >= 0) {
        add(isVariable ? Token.Type.VARIABLE_END : Token.Type.BLOCK_END, "", null);
        leave(at, end);
        return;
      }
      token(open);
    }
  }

  private void add(Token.Type type, String text, Object value) {
    tokens.add(new Token(line, type, text, value));
  }

  private void token(Deque<Character> open) {
    int space = skipSpace(at);
    if (space > at) {
      leave(at, space);
      return;
    }
    char c = source.charAt(at);
    if (c >= '0' && c <= '9') {
      number();
    } else if (c == '\'' || c == '"') {
      string(c);
    } else if (Unicode.isNameCharacter(source.codePointAt(at))) {
      name();
    } else {
      operator(open);
    }
  }

  private void number() {
    Matcher matcher = FLOAT.matcher(source).region(at, source.length()).useTransparentBounds(true);
    if (matcher.lookingAt()) {
      double value = Double.parseDouble(matcher.group().replace("_", ""));
      if (Double.isInfinite(value)) {
        throw JinjaException.syntax(line, "number too large: " + matcher.group());
      }
      add(Token.Type.FLOAT, matcher.group(), value);
    } else {
      matcher.usePattern(INTEGER).region(at, source.length());
      matcher.lookingAt();
      if (matcher.group().length() > 4300) {
        throw JinjaException.syntax(line, "number with more than 4300 digits");
      }
      add(Token.Type.INTEGER, matcher.group(), Numbers.integerLiteral(matcher.group()));
    }
    at = matcher.end();
  }

  private void name() {
    int end = at;
    while (end < source.length() && Unicode.isNameCharacter(source.codePointAt(end))) {
      end += Character.charCount(source.codePointAt(end));
    }
    String name = source.substring(at, end);
    if (!Unicode.isIdentifier(name)) {
      throw JinjaException.syntax(line, "invalid character in identifier");
    }
    add(Token.Type.NAME, name, null);
    at = end;
  }

  private void string(char quote) {
    int end = at + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw JinjaException.syntax(line, "unexpected char '" + quote + "', a text without an end");
    }
    String text = source.substring(at + 1, end);
    add(Token.Type.STRING, text, Escapes.unescape(text, line));
    leave(at, end + 1);
  }

  private void operator(Deque<Character> open) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        balance(operator, open);
        add(Token.Type.OPERATOR, operator, null);
        at += operator.length();
        return;
      }
    }
    throw JinjaException.syntax(
        line,
        "unexpected char " + Representation.quote(Character.toString(source.codePointAt(at))));
  }

  private void balance(String operator, Deque<Character> open) {
    switch (operator) {
      case "{" -> open.push('}');
      case "(" -> open.push(')');
      case "[" -> open.push(']');
      case "}", ")", "]" -> {
        if (open.isEmpty() || open.pop() != operator.charAt(0)) {
          throw JinjaException.syntax(line, "unexpected '" + operator + "'");
        }
      }
      default -> {}
    }
  }

  private int skipSpace(int from) {
    int i = from;
    while (i < source.length() && Unicode.isSpace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  private static int count(String text, int from, int to) {
    int lines = 0;
    for (int i = from; i < to; i++) {
      lines += text.charAt(i) == '\n' ? 1 : 0;
    }
    return lines;
  }
}
