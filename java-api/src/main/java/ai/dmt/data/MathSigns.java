package ai.dmt.data;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Signs of mathematics, looked for in each question and its answer: a sum written out, formulas, a
 * story that gives numbers and asks for one, words of mathematics beside a request to solve or
 * prove, an answer that calculates. A question about a program is none.
 */
final class MathSigns {
  private static final int QUESTION_WORDS = 60;
  private static final int STORY_WORDS = 120;
  private static final int ALL_WORDS = 200;

  private static final String NUMBER = "[$\\u20ac\\u00a3]?\\d[\\d,]*+(?:\\.\\d++)?+%?+";
  private static final String TIMES = "\\u00d7\\u00f7"; // the signs of multiplying and dividing

  /** A calculation with its result. */
  private static final Pattern EQUATION =
      Pattern.compile(
          "(?<![\\w.,/-])%1$s(?: *(?:[-+*/^%2$s\\u2212]|x) *\\(?%1$s\\)?){1,20} *[=\\u2248] *[-$\\u20ac\\u00a3(]*\\d"
              .formatted(NUMBER, TIMES));

  private static final Pattern SUM =
      Pattern.compile(
          "(?<![\\w.,:/+*-])\\(?%1$s\\)?(?: (?:plus|minus|times|divided by|multiplied by|modulo|to the power of|[-/x]) | ?[+*^%2$s] ?)\\(?%1$s(?![\\w:/-])"
              .formatted(NUMBER, TIMES),
          Pattern.CASE_INSENSITIVE);

  private static final Pattern ALGEBRA =
      Pattern.compile(
          "(?<![\\w.])(?:\\d*[xyzn](?:\\^?\\d|\\u00b2)?|\\(\\w ?[-+] ?\\w\\)) *[-+*/=] *(?:\\d+[xyzn]?|[xyzn]\\b) *(?:[-+*/^=]|$)|\\b[fgh]\\(x\\)|\\b[xyz] ?= ?-?\\d|\\b[xyz]\\^?[23]\\b");

  private static final Pattern TEX =
      Pattern.compile(
          "\\\\(?:d?frac|int|sum|sqrt|prod|lim|partial|infty|mathbb|begin\\{[pbv]?matrix|begin\\{(?:align|equation)|cdot|times|theta|lambda)\\b|\\$\\$[^$]{1,500}\\$\\$");

  private static final Pattern WORD =
      words(
          String.join(
              "|",
              "algebra\\w*|trigonometr\\w+|calculus|arithmetic|integrals?|derivatives? of|eigen\\w+",
              "determinants?|polynomials?|quadratic|logarithms?|theorem|lemma|prove (?:that|the)",
              "probabilit(?:y|ies) (?:of|that)|standard deviation|moment-generating|random variables?",
              "binomial|least common multiple|greatest common|prime factor\\w*|square root|hypotenuse",
              "perimeter|circumference|system of equations|math problem|equation for|formulas",
              "solve (?:the|this|these|for)? ?(?:following )?(?:equation|inequalit|problem|for)s?",
              "formula (?:for|of|to)|formulate? to calculate"));

  private static final Pattern HINT =
      words(
          "math(?:s|ematics|ematical)?|geometr(?:y|ic)|equations?|integrate|differentiate|matri(?:x|ces)"
              + "|proof|variance|t-test|p-value|regression|fractions?|inequalit(?:y|ies)|radius|bayes"
              + "|probabilit(?:y|ies)|percent(?:age)?s?|average|sum|product|calculations?|area|volume"
              + "|angle|velocity|voltage|formula|mean");

  private static final Pattern REQUEST =
      words(
          "calculate|compute|solve|simplify|evaluate|derive|prove|show that|determine|express|factor"
              + "|what is|what's|what are|what will|what would|how many|how much|convert|find");

  private static final Pattern OWN_CALCULATION =
      words("(?:the|your|my) math|(?:the|this|your|my) calculations?");

  private static final Pattern HOW_MANY =
      Pattern.compile(
          String.join(
              "|",
              "\\bhow (?:many|much|long|old|far|fast|tall|big|heavy)\\b[^?]*\\?",
              "\\bwhat (?:is|was|are|will be) (?:the|his|her|their|its)\\b[^?.]{0,80}\\b(?:total|sum|average|mean|median|difference|product|ratio|percent(?:age)?|area|volume|profit|speed|cost|price|probability|number)\\b[^?]*\\?",
              "\\bwhat (?:percent|fraction)\\w*\\b[^?]*\\?",
              "\\b(?:find|calculate) the\\b.{0,40}\\b(?:number|value|total|sum|average|area|volume|distance|ratio|probability)\\b"),
          Pattern.CASE_INSENSITIVE);

  private static final Pattern AMOUNT =
      Pattern.compile(
          "(?<![\\w.,:/-])%s(?![\\w:/])|\\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|hundred|half|twice|third|quarter|double|dozen)\\b"
              .formatted(NUMBER),
          Pattern.CASE_INSENSITIVE);

  private MathSigns() {}

  private static Pattern words(String alternatives) {
    return Pattern.compile("\\b(?:" + alternatives + ")\\b", Pattern.CASE_INSENSITIVE);
  }

  static boolean areIn(List<Turn> turns) {
    List<TopicText> texts = TopicText.of(turns);
    for (int t = 0; t < texts.size(); t++) {
      TopicText question = texts.get(t);
      TopicText answer = t + 1 < texts.size() ? texts.get(t + 1) : null;
      boolean asksForCode = CodeSigns.asks(question, true) || CodeSigns.looseLines(question) > 1;
      if (question.isQuestion() && question.isShort(ALL_WORDS) && !asksForCode) {
        boolean withProgram = answer != null && !answer.fences().isEmpty();
        if (!withProgram && isMath(question, answer == null ? "" : answer.prose())) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isMath(TopicText asked, String answer) {
    String question = asked.prose();
    boolean few = asked.isShort(QUESTION_WORDS);
    boolean word = found(WORD, question);
    boolean hint = word || found(HINT, question);
    boolean request = found(REQUEST, question);
    boolean story = found(HOW_MANY, question);
    int amounts = TopicText.count(AMOUNT, question);
    boolean calculates = hasAny(answer, "=\u2248^"); // most answers need no longer look
    int worked = calculates ? TopicText.count(EQUATION, answer) : 0;
    int algebra = calculates ? TopicText.count(ALGEBRA, answer) : 0;
    return (few && found(SUM, question))
        || formulas(question) + formulas(answer) >= 2
        || (TopicText.count(ALGEBRA, question) >= 2 && (request || asked.isShort(15)))
        || (worked > 0 && (hint || story || (amounts >= 2 && request)))
        || (story && amounts >= 3 && asked.isShort(STORY_WORDS) && !asked.isShort(11))
        || (word && few && (request || asked.isShort(12)))
        || (hint && algebra >= 2)
        || worked + algebra >= 3
        || (asked.isShort(STORY_WORDS) && found(OWN_CALCULATION, question));
  }

  private static int formulas(String text) {
    return hasAny(text, "\\$") ? TopicText.count(TEX, text) : 0;
  }

  private static boolean hasAny(String text, String characters) {
    return characters.chars().anyMatch(each -> text.indexOf(each) >= 0);
  }

  private static boolean found(Pattern pattern, String text) {
    return pattern.matcher(text).find();
  }
}
