package ai.dmt.evaluators.rules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Rules that compare an answer's form or words with those of an expected answer. */
final class FormChecks {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * A run of letters and digits; an apostrophe within belongs to it. RE2 since the JDK's own
   * recurses on such a pattern, as deep as the text is long.
   */
  private static final Pattern WORD =
      Pattern.compile("[\\p{L}\\p{N}]+(?:['\u2019][\\p{L}\\p{N}]+)*");

  private FormChecks() {}

  /** The answer is a JSON object or array; with {@code value}, equal to it. */
  static Check json(RuleFields fields) {
    JsonNode expected = fields.has("value") ? fields.value("value") : null;
    return Check.of(
        answer -> {
          try {
            JsonNode found = JSON.readTree(answer);
            return found.isContainerNode() && (expected == null || expected.equals(found));
          } catch (JsonProcessingException e) {
            return false;
          }
        });
  }

  /** What is left when each word becomes a place is that of {@code expected}. */
  static Check skeleton(RuleFields fields) {
    String expected = skeleton(fields.text("expected"));
    UnaryOperator<String> strip = strip(fields);
    return Check.of(answer -> skeleton(strip.apply(answer)).equals(expected));
  }

  /**
   * The share of words that stand where they stand in {@code expected}, of the words of the longer
   * text.
   */
  static Check wordsInPlace(RuleFields fields) {
    List<String> expected = words(fields.text("expected"));
    if (expected.isEmpty()) {
      throw fields.fault("\"expected\" has no words");
    }
    UnaryOperator<String> strip = strip(fields);
    return answer -> {
      List<String> found = words(strip.apply(answer));
      int inPlace = 0;
      for (int i = 0; i < Math.min(found.size(), expected.size()); i++) {
        inPlace += found.get(i).equals(expected.get(i)) ? 1 : 0;
      }
      return (double) inPlace / Math.max(found.size(), expected.size());
    };
  }

  /**
   * Takes {@code strip_start} and {@code strip_end} off an answer that has them, so that a rule of
   * its own can ask for them.
   */
  private static UnaryOperator<String> strip(RuleFields fields) {
    String start = fields.text("strip_start", "");
    String end = fields.text("strip_end", "");
    return answer -> {
      String rest = answer.strip();
      rest = rest.startsWith(start) ? rest.substring(start.length()).strip() : rest;
      return rest.endsWith(end) ? rest.substring(0, rest.length() - end.length()).strip() : rest;
    };
  }

  private static String skeleton(String text) {
    return WORD.matcher(text.strip()).replaceAll("w");
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }
}
