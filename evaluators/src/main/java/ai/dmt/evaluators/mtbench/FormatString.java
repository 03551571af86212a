package ai.dmt.evaluators.mtbench;

import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import java.util.Map;
import java.util.TreeMap;

/**
 * A text with places to fill, as Python's {@code str.format} reads it: <code>{name}</code> is a
 * place, <code>{{</code> and <code>}}</code> are braces. Texts that are filled in are not read
 * again. Conversions, formats and indices are refused.
 *
 * @param text with the places
 * @param origin for messages
 */
public record FormatString(String text, Origin origin) {
  /**
   * Fills the places.
   *
   * @param values by name; more than the places is fine
   * @return the text with values in its places
   * @throws DataException if a place has no value, or the text is malformed
   */
  public String format(Map<String, String> values) {
    StringBuilder filled = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c != '{' && c != '}') {
        filled.append(c);
        i++;
      } else if (i + 1 < text.length() && text.charAt(i + 1) == c) {
        filled.append(c);
        i += 2;
      } else {
        int end = c == '{' ? text.indexOf('}', i) : -1;
        if (end < 0) {
          throw new DataException(
              origin, "the template has a single \"%c\" at character %s".formatted(c, i + 1));
        }
        filled.append(value(text.substring(i + 1, end), values));
        i = end + 1;
      }
    }
    return filled.toString();
  }

  private String value(String name, Map<String, String> values) {
    String value = values.get(name);
    if (value == null) {
      throw new DataException(
          origin,
          "the template has the place {%s}, expected one of %s"
              .formatted(name, new TreeMap<>(values).keySet()));
    }
    return value;
  }
}
