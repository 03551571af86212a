package ai.dmt.world;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts with letters for names, things and numbers. */
final class Slots {
  private static final Pattern SLOT = Pattern.compile("\\b[NMIQABCDXYZ]\\b");

  private Slots() {}

  static String fill(String text, Map<String, String> slots) {
    return SLOT.matcher(text).replaceAll(slot -> Matcher.quoteReplacement(slots.get(slot.group())));
  }
}
