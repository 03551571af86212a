package ai.dmt.data;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A turn as topics are looked for: what is fenced as program text, and what stands around it. */
final class TopicText {
  /** Longer questions are mostly texts to work on, whose words say little of what is asked. */
  private static final int MAX_QUESTION_WORDS = 200;

  private static final String FENCE = "```";
  private static final Pattern ESCAPE = Pattern.compile("\\\\([_*^])"); // of HTML made Markdown
  private static final Pattern WORD = Pattern.compile("\\S+");

  private final Role role;
  private final String text;
  private final String prose;
  private final List<String> fences = new ArrayList<>();

  TopicText(Turn turn) {
    this.role = turn.role();
    this.text = ESCAPE.matcher(turn.text()).replaceAll("$1");
    this.prose = cut();
  }

  /** Takes the fences out; one begins with the next line and may lack its end. */
  private String cut() {
    StringBuilder around = new StringBuilder();
    int from = 0;
    int begin = text.indexOf(FENCE);
    int line = begin < 0 ? -1 : text.indexOf('\n', begin);
    while (line >= 0) {
      int end = text.indexOf(FENCE, line);
      end = end < 0 ? text.length() : end;
      fences.add(text.substring(line + 1, Math.max(line + 1, end)));
      around.append(text, from, begin).append('\n');
      from = Math.min(text.length(), end + FENCE.length());
      begin = text.indexOf(FENCE, from);
      line = begin < 0 ? -1 : text.indexOf('\n', begin);
    }
    return around.append(text, from, text.length()).toString();
  }

  static List<TopicText> of(List<Turn> turns) {
    return turns.stream().map(TopicText::new).toList();
  }

  boolean isQuestion() {
    return role == Role.USER;
  }

  /** Without what is fenced. */
  String prose() {
    return prose;
  }

  List<String> fences() {
    return fences;
  }

  /** Whether it has at most so many words; more than 200 are never few. */
  boolean isShort(int words) {
    return count(WORD, text, MAX_QUESTION_WORDS + 1) <= Math.min(words, MAX_QUESTION_WORDS);
  }

  static int count(Pattern pattern, String text) {
    return count(pattern, text, Integer.MAX_VALUE);
  }

  private static int count(Pattern pattern, String text, int most) {
    Matcher matcher = pattern.matcher(text);
    int count = 0;
    while (count < most && matcher.find()) {
      count++;
    }
    return count;
  }

  /** Lines that are not blank. */
  static long lines(String text) {
    return text.lines().filter(line -> !line.isBlank()).count();
  }
}
