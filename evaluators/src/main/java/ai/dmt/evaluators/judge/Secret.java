package ai.dmt.evaluators.judge;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A key that may come back in what others send: as it is, with its characters escaped or spaced, in
 * hexadecimal digits, or somewhere inside a text in base64.
 */
final class Secret {
  /** Stands in the place of what was found. */
  static final String MASK = "***";

  /** Shorter ones, such as the "EMPTY" of local servers, are words and no secrets. */
  private static final int SHORTEST = 6;

  private final @Nullable Pattern forms; // null where nothing is searched for

  /** Makes a search. @param key in ASCII; null for none */
  Secret(@Nullable String key) {
    forms =
        key == null || key.length() < SHORTEST
            ? null
            : Pattern.compile(String.join("|", forms(key)), Pattern.CASE_INSENSITIVE);
  }

  private static List<String> forms(String key) {
    List<String> characters = new ArrayList<>();
    List<String> digits = new ArrayList<>();
    for (byte code : key.getBytes(StandardCharsets.US_ASCII)) {
      String hex = HexFormat.of().toHexDigits(code);
      characters.add(
          "(?:%s|(?:%%|%%25|\\\\u00|\\\\x)%s|&#(?:0*%s|x0*%s);)"
              .formatted(Pattern.quote(Character.toString((char) code)), hex, (int) code, hex));
      digits.add("(?:0x|\\\\x)?" + hex);
    }
    List<String> forms = new ArrayList<>();
    forms.add(String.join("[\\s\\u200b]{0,2}", characters));
    forms.add(String.join("[\\s:,-]{0,2}", digits));
    for (int before = 0; before < 3; before++) {
      forms.add(base64(key, before));
    }
    return forms;
  }

  /** What base64 makes of a text in which the key comes after so many bytes of a group of three. */
  private static String base64(String key, int before) {
    byte[] bytes = (" ".repeat(before) + key).getBytes(StandardCharsets.US_ASCII);
    String text = Base64.getEncoder().withoutPadding().encodeToString(bytes);
    int first = (before * 8 + 5) / 6; // characters that hold bits of the key alone
    int end = bytes.length * 8 / 6;
    StringBuilder form = new StringBuilder();
    for (char c : text.substring(first, end).toCharArray()) {
      form.append(c == '+' ? "[+-]" : c == '/' ? "[/_]" : String.valueOf(c)).append("\\s?");
    }
    return "(?-i:%s)[A-Za-z0-9+/_-]?=*".formatted(form);
  }

  /** The text with a mask for each place where the key is. */
  String masked(String text) {
    return forms == null ? text : forms.matcher(text).replaceAll(MASK);
  }
}
