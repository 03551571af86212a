package ai.dmt.internal.jinja;

import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** Methods of texts. */
final class TextMethods {
  /** What a method does with a text and its arguments. */
  private interface Body {
    Object call(Run run, String text, Signature.Bound given);
  }

  private record Entry(Signature signature, Body body) {}

  private static final Map<String, Entry> METHODS = new java.util.HashMap<>();
  private static final Set<String> OTHERS = Set.of("encode", "maketrans", "translate");

  static {
    add("strip", 0, (r, t, a) -> r.text(TextTrim.strip(t, a.textOrNull(0))), "/chars");
    add("lstrip", 0, (r, t, a) -> r.text(TextTrim.left(t, a.textOrNull(0))), "/chars");
    add("rstrip", 0, (r, t, a) -> r.text(TextTrim.right(t, a.textOrNull(0))), "/chars");
    add("upper", 0, (r, t, a) -> r.text(Unicode.upper(t)));
    add("lower", 0, (r, t, a) -> r.text(Unicode.lower(t)));
    add("casefold", 0, (r, t, a) -> r.text(Unicode.fold(t)));
    add("capitalize", 0, (r, t, a) -> r.text(capitalize(t)));
    add("title", 0, (r, t, a) -> r.text(title(t)));
    add("swapcase", 0, (r, t, a) -> r.text(swapCase(t)));
    add("startswith", 1, (r, t, a) -> begins(r, t, a, false), "/prefix", "/start", "/end");
    add("endswith", 1, (r, t, a) -> begins(r, t, a, true), "/suffix", "/start", "/end");
    add("find", 1, (r, t, a) -> find(r, t, a, false), "/sub", "/start", "/end");
    add("rfind", 1, (r, t, a) -> find(r, t, a, true), "/sub", "/start", "/end");
    add("index", 1, (r, t, a) -> demandFound(find(r, t, a, false)), "/sub", "/start", "/end");
    add("rindex", 1, (r, t, a) -> demandFound(find(r, t, a, true)), "/sub", "/start", "/end");
    add("count", 1, TextMethods::count, "/sub", "/start", "/end");
    add(
        "split",
        0,
        (r, t, a) -> TextSplit.split(r, t, a.textOrNull(0), a.number(1, -1)),
        "sep",
        "maxsplit");
    add(
        "rsplit",
        0,
        (r, t, a) -> TextSplit.splitFromRight(r, t, a.textOrNull(0), a.number(1, -1)),
        "sep",
        "maxsplit");
    add("splitlines", 0, (r, t, a) -> TextSplit.lines(r, t, a.truth(r, 0)), "keepends");
    add("partition", 1, (r, t, a) -> TextSplit.partition(r, t, a.text(0), false), "/sep");
    add("rpartition", 1, (r, t, a) -> TextSplit.partition(r, t, a.text(0), true), "/sep");
    add(
        "replace",
        2,
        (r, t, a) -> TextSplit.replace(r, t, a.text(0), a.text(1), a.number(2, -1)),
        "/old",
        "/new",
        "/count");
    add("join", 1, (r, t, a) -> join(r, t, a.get(0)), "/iterable");
    add("removeprefix", 1, (r, t, a) -> removePrefix(t, a.text(0)), "/prefix");
    add("removesuffix", 1, (r, t, a) -> removeSuffix(t, a.text(0)), "/suffix");
    add(
        "center",
        1,
        (r, t, a) -> TextTrim.center(r, t, a.number(0, 0), fill(a, 1)),
        "/width",
        "/fillchar");
    add(
        "ljust",
        1,
        (r, t, a) -> TextTrim.pad(r, t, 0, missing(t, a), fill(a, 1)),
        "/width",
        "/fillchar");
    add(
        "rjust",
        1,
        (r, t, a) -> TextTrim.pad(r, t, missing(t, a), 0, fill(a, 1)),
        "/width",
        "/fillchar");
    add("zfill", 1, TextMethods::zeroFill, "/width");
    add("expandtabs", 0, (r, t, a) -> expandTabs(r, t, a.number(0, 8)), "tabsize");
    test("isalnum", c -> Character.isLetter(c) || isNumeric(c));
    test("isalpha", Character::isLetter);
    test("isdecimal", Unicode::isDecimal);
    test("isdigit", Unicode::isDigit);
    test("isnumeric", TextMethods::isNumeric);
    test("isspace", Unicode::isSpace);
    add("isascii", 0, (r, t, a) -> t.chars().allMatch(c -> c < 0x80));
    add("isprintable", 0, (r, t, a) -> t.codePoints().allMatch(Unicode::isPrintable));
    add("islower", 0, (r, t, a) -> isCase(t, false));
    add("isupper", 0, (r, t, a) -> isCase(t, true));
    add("istitle", 0, (r, t, a) -> isTitle(t));
    add("isidentifier", 0, (r, t, a) -> isIdentifier(t));
  }

  private TextMethods() {}

  private static void add(String name, int required, Body body, String... parameters) {
    METHODS.put(name, new Entry(Signature.of(name, required, parameters), body));
  }

  private static void test(String name, IntPredicate holds) {
    add(name, 0, (r, t, a) -> !t.isEmpty() && t.codePoints().allMatch(holds));
  }

  /** A method of a text, or MISSING. */
  static Object find(String text, String name) {
    Entry entry = METHODS.get(name);
    if (entry != null) {
      return new Method(
          name,
          (run, given) -> {
            run.step(text.length() / 8 + 1L);
            return entry.body().call(run, text, entry.signature().bind(given));
          });
    }
    if (name.equals("format")) {
      return new Method(name, (run, given) -> TextFormat.format(run, text, given));
    }
    if (name.equals("format_map")) {
      return new Method(
          name,
          (run, given) -> {
            Arguments named = new Arguments();
            named.nameAll(Signature.of(name, 1, "/mapping").bind(given).get(0));
            return TextFormat.format(run, text, named);
          });
    }
    if (OTHERS.contains(name)) {
      throw JinjaException.refused("method %s of a text is not supported", name);
    }
    return Scope.Missing.MISSING;
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    // The rest is lowered with what stands before it, which decides how a sigma ends.
    String lower = Unicode.lower("a" + text.substring(first)).substring(1);
    return Unicode.title(text.codePointAt(0)) + lower;
  }

  private static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (inside && c == 0x3A3) {
        out.append(Unicode.lowerSigma(text, i));
      } else {
        out.append(inside ? Unicode.lower(Character.toString(c)) : Unicode.title(c));
      }
      inside = Unicode.isCased(c);
      i = next;
    }
    return out.toString();
  }

  private static String swapCase(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      String one = Character.toString(c);
      if (c == 0x3A3) {
        out.append(Unicode.lowerSigma(text, i));
      } else {
        out.append(
            Character.isUpperCase(c)
                ? Unicode.lower(one)
                : Character.isLowerCase(c) ? Unicode.upper(one) : one);
      }
      i += one.length();
    }
    return out.toString();
  }

  /**
   * The part of a text between the bounds of {@code find} and its kind, or null if there is none.
   */
  private static int[] bounds(String text, Signature.Bound given) {
    int length = text.codePointCount(0, text.length());
    int from = bound(given, 1, 0, length);
    int to = Math.min(length, bound(given, 2, length, length));
    if (from > to) {
      return null;
    }
    return new int[] {text.offsetByCodePoints(0, from), text.offsetByCodePoints(0, to)};
  }

  private static int bound(Signature.Bound given, int i, int otherwise, int length) {
    if (!given.has(i) || given.get(i) == null) {
      return otherwise;
    }
    int index = given.number(i, 0);
    return index < 0 ? Math.max(0, index + length) : index;
  }

  private static boolean begins(Run run, String text, Signature.Bound given, boolean atEnd) {
    int[] bounds = bounds(text, given);
    Iterable<?> parts =
        given.get(0) instanceof Tuple tuple
            ? tuple.items()
            : java.util.List.of(Values.demandText(given.get(0)));
    if (bounds == null) {
      return false;
    }
    String part = text.substring(bounds[0], bounds[1]);
    for (Object each : parts) {
      String sought = Values.demandText(each);
      if (atEnd ? part.endsWith(sought) : part.startsWith(sought)) {
        return true;
      }
    }
    return false;
  }

  private static Object find(Run run, String text, Signature.Bound given, boolean last) {
    String sought = given.text(0);
    int[] bounds = bounds(text, given);
    if (bounds == null) {
      return -1L;
    }
    String part = text.substring(0, bounds[1]);
    int at =
        last
            ? Search.findLast(run, part, sought, part.length())
            : Search.find(run, part, sought, bounds[0]);
    return at < bounds[0] ? (Object) (-1L) : (Object) (long) text.codePointCount(0, at);
  }

  private static Object demandFound(Object index) {
    if (index.equals(-1L)) {
      throw JinjaException.value("substring not found");
    }
    return index;
  }

  private static Object count(Run run, String text, Signature.Bound given) {
    String sought = given.text(0);
    int[] bounds = bounds(text, given);
    if (bounds == null) {
      return 0L;
    }
    if (sought.isEmpty()) {
      return text.codePointCount(bounds[0], bounds[1]) + 1L;
    }
    String part = text.substring(0, bounds[1]);
    long count = 0;
    int at = Search.find(run, part, sought, bounds[0]);
    while (at >= 0) {
      count++;
      at = Search.find(run, part, sought, at + sought.length());
    }
    return count;
  }

  static String join(Run run, String separator, Object iterable) {
    StringBuilder out = new StringBuilder();
    Iterator<Object> items = Values.iterate(run, iterable);
    boolean first = true;
    while (items.hasNext()) {
      String item = Values.demandText(items.next());
      run.room((long) item.length() + separator.length());
      out.append(first ? "" : separator).append(item);
      first = false;
    }
    return out.toString();
  }

  private static String removePrefix(String text, String prefix) {
    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
  }

  private static String removeSuffix(String text, String suffix) {
    return !suffix.isEmpty() && text.endsWith(suffix)
        ? text.substring(0, text.length() - suffix.length())
        : text;
  }

  private static String fill(Signature.Bound given, int i) {
    String fill = given.text(i, " ");
    if (fill.codePointCount(0, fill.length()) != 1) {
      throw JinjaException.type("the fill character must be exactly one character long");
    }
    return fill;
  }

  private static long missing(String text, Signature.Bound given) {
    return (long) given.number(0, 0) - text.codePointCount(0, text.length());
  }

  private static Object zeroFill(Run run, String text, Signature.Bound given) {
    boolean signed = text.startsWith("+") || text.startsWith("-");
    String sign = signed ? text.substring(0, 1) : "";
    return sign + TextTrim.pad(run, text.substring(sign.length()), missing(text, given), 0, "0");
  }

  private static String expandTabs(Run run, String text, int size) {
    StringBuilder out = new StringBuilder();
    int column = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == '\t') {
        int width = size <= 0 ? 0 : size - column % size;
        run.room(width);
        out.append(" ".repeat(width));
        column += width;
      } else {
        out.appendCodePoint(c);
        column = c == '\n' || c == '\r' ? 0 : column + 1;
      }
    }
    return run.text(out);
  }

  private static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER
        || Unicode.isNumberWord(c);
  }

  static boolean isCase(String text, boolean upper) {
    boolean found = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (Character.isTitleCase(c)
          || (upper ? Character.isLowerCase(c) : Character.isUpperCase(c))) {
        return false;
      }
      found |= upper ? Character.isUpperCase(c) : Character.isLowerCase(c);
    }
    return found;
  }

  private static boolean isTitle(String text) {
    boolean cased = false;
    boolean found = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      boolean capital = Character.isUpperCase(c) || Character.isTitleCase(c);
      boolean small = Character.isLowerCase(c);
      if (capital && cased || small && !cased) {
        return false;
      }
      cased = capital || small;
      found |= cased;
    }
    return found;
  }

  private static boolean isIdentifier(String text) {
    return !text.isEmpty()
        && Unicode.isIdentifier(text)
        && text.codePoints().allMatch(Unicode::isNameCharacter);
  }
}
