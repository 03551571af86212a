package ai.dmt.study;

import java.util.LinkedHashMap;
import java.util.Map;

/** Names of groups as the report's readers see them; results.json and --only keep their own. */
final class GroupNames {
  private static final Map<String, String> PATTERNS = new LinkedHashMap<>();

  static {
    String share = "k=([0-9./]+)";
    PATTERNS.put("lora r=(\\d+) ", "rank $1: ");
    PATTERNS.put("lora full ", "all weights: ");
    PATTERNS.put("size (\\S+) (?=amount |mixed|dmt )", "$1: ");
    PATTERNS.put("amount (\\S+) " + share, "$2 of $1");
    PATTERNS.put(
        "matched (steps|tokens) mixed-sequential " + share, "mixed-sequential, $1 of DMT k=$2");
    PATTERNS.put("matched (steps|tokens) (\\S+) " + share, "$3 of $2, $1 of the mixture");
    PATTERNS.put("filtered " + share, "$1 of each source, general filtered");
    PATTERNS.put("equal amount " + share, "rows of $1, as many of each source");
    PATTERNS.put("grid s=([0-9./]+) g=([0-9./]+)", "specialized $1, general $2");
    PATTERNS.put("mixed " + share, "$1 of each source");
    PATTERNS.put("ratio ([abc]) " + share, "set-up $1, k=$2");
    PATTERNS.put("(?:k sweep|dmt) " + share, "DMT k=$1");
  }

  private GroupNames() {}

  /** A group's name, or a text that has some, such as "DMT k=1/16 minus mixed-sequential". */
  static String readable(String text) {
    String readable = text;
    for (Map.Entry<String, String> pattern : PATTERNS.entrySet()) {
      readable = readable.replaceAll(pattern.getKey(), pattern.getValue());
    }
    return readable;
  }
}
