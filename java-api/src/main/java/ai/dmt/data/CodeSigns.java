package ai.dmt.data;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Signs of program text. A conversation is about code if a turn has lines of it, or if a question
 * of moderate length asks for it in words: a phrase such as "write a function", or a language or
 * tool together with a word of programming or with inline code in some turn.
 */
final class CodeSigns {
  private static final int QUESTION_WORDS = 60;

  /** So many lines of program text outside fences are no accident. */
  private static final int LOOSE_LINES = 4;

  /** Of longer lines only the beginning is looked at. */
  private static final int LINE_CHARACTERS = 300;

  /** A line without the white space around it; the end of a statement or block is told apart. */
  private static final Pattern LINE =
      Pattern.compile(
          String.join(
              "|",
              "(?:async )?def \\w+ ?\\(.*",
              "class \\w+[^.!?]*[:{]$",
              "from [\\w.]+ import\\b.*",
              "import (?:[\\w.*]+;?|\\w+ (?:as|from) .*|\\{.*|[\"'<].*|static .*)$",
              "using (?:namespace )?[\\w.]+;",
              "package [\\w.]+;?$",
              "(?:public|private|protected|static|export|abstract|final) [\\w<>\\[\\] ]+[({=;].*",
              "(?:async )?(?:function|func|fn) ?\\w* ?\\(.*",
              "(?:const|let|var) [\\w{\\[].*=.*",
              "\\w[\\w.\\[\\]\"']*+ ?(?:=|\\+=|:=|<-) ?[^=]*[(\\[{;][^.!?]*$",
              "(?:if|for|while|switch|elif|catch) ?\\(.*\\) ?\\{?$",
              "(?:if|for|while|elif|with) .*:$",
              "(?:else|try|finally) ?[:{]$",
              "return .*[;(\\[)]",
              "print(?:f|ln)? ?\\(.*",
              "<(?:!DOCTYPE|/?(?:html|head|body|div|span|script|style|table|tr|td|ul|li|a|p|form"
                  + "|input|button|img|svg|h[1-6]|section|template))\\b[^>]*>.*",
              "(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE) .*",
              "(?:\\$ |sudo |apt(?:-get)? install|pip3? install|npm (?:i|install|run|init)|yarn add"
                  + "|git (?:clone|add|commit|push|pull|checkout|init)"
                  + "|docker (?:run|build|exec|compose)|kubectl |curl -|cd \\S+$|mkdir ).*",
              "(?:apiVersion|kind|metadata|spec|services|version|image):.*",
              "[})\\]]+[;,)]*$",
              "[^.!?]*[^\\s.!?:,][;{]$",
              "(?://|#!/|/\\*|# ?include).*"));

  /** Languages and tools that programs are written in or for. */
  private static final Pattern TOOL =
      words(
          "python|javascript|typescript|java|c\\+\\+|c#|csharp|cpp|html|css|php|sql|mysql|postgresql"
              + "|sqlite|bash|powershell|matlab|golang|kotlin|scala|haskell|perl|vba|latex|jquery"
              + "|node\\.?js|react(?: native)?|angular|vue(?:\\.?js)?|next\\.?js|django|flask|laravel"
              + "|spring boot|wordpress plugin|pandas|numpy|pytorch|tensorflow|keras|scikit-learn"
              + "|sklearn|opencv|docker|docker-compose|dockerfile|kubernetes|k8s|kubectl|terraform"
              + "|ansible|nginx|apache config|git|github actions|regex|regexp|regular expression"
              + "|rest api|graphql|grpc|api endpoint|unit tests?|stack trace|compiler|linux command"
              + "|shell script|excel macro|solidity|rust|flutter|dart|firebase|unity|arduino"
              + "|raspberry pi|assembly|bytecode|selenium|beautifulsoup|jupyter|redux|webpack"
              + "|elasticsearch|mongodb|redis|kafka|lambda function|aws lambda|cloudformation"
              + "|cron job");

  private static final Pattern WORD =
      words(
          "(?:code|coding|program|programming|function|script|method|class|classes|variable|array"
              + "|loop|algorithm|debug|compile|syntax|query|queries|database|api|endpoint|library"
              + "|libraries|framework|module|package|component|parameter|implement|implementation"
              + "|exception|error|bug|data structure|linked list|binary tree|recursion|recursive"
              + "|string|integer|object|interface|constructor|pointer|config|container|server|deploy"
              + "|unit test|dataframe|column|table|regex|snippet|source|repo|repository|command"
              + "|terminal|css|html|macro)s?");

  private static final Pattern PHRASE =
      words(
          String.join(
              "|",
              "source code|code snippet|programming|compilers?|design patterns?|class diagram",
              "(?:write|fix|debug|refactor|complete|explain|optimi[sz]e|review|convert|run|test"
                  + "|update|modify)(?: me| the| this| my| some| a| an| that| your)* (?:following )?"
                  + "(?:code|program|macro|regex|query|unit tests?)",
              "(?:the|this|my|your|of|following|in|sample|example|complete) code",
              "(?:write|create|make|implement|design|build|define|construct|develop|generate)(?: me)?"
                  + " an? (?:\\w+ ){0,3}(?:function|method|class|algorithm|program|macro|query|regex"
                  + "|api|data structure)",
              "data structures?|linked lists?|binary (?:search )?trees?|big[- ]o|time complexity",
              "depth-first|breadth-first|recursive function|unit tests?|stack ?trace|pull request",
              "command line|shell command|syntax error|dataframe"));

  private static final Pattern INLINE = Pattern.compile("`([^`\\n]*)`");
  private static final Pattern INLINE_CODE =
      Pattern.compile("[()\\[\\]{}=<>;]|\\w\\.\\w|--\\w|\\w_\\w");

  private CodeSigns() {}

  private static Pattern words(String alternatives) {
    return Pattern.compile(
        "(?<![\\w+#])(?:" + alternatives + ")(?![\\w+#])", Pattern.CASE_INSENSITIVE);
  }

  static boolean areIn(List<Turn> turns) {
    List<TopicText> texts = TopicText.of(turns);
    if (texts.stream().anyMatch(CodeSigns::hasProgram)) {
      return true;
    }
    boolean inline = texts.stream().anyMatch(CodeSigns::hasInlineCode);
    return texts.stream().anyMatch(text -> text.isQuestion() && asks(text, inline));
  }

  /**
   * Whether a question asks for or about code in words.
   *
   * @param inline whether the conversation has code among its words
   */
  static boolean asks(TopicText question, boolean inline) {
    if (!question.isShort(QUESTION_WORDS)) {
      return false;
    }
    String prose = question.prose();
    return PHRASE.matcher(prose).find()
        || (TOOL.matcher(prose).find() && (inline || WORD.matcher(prose).find()));
  }

  /** Lines of program text outside fences. */
  static int looseLines(TopicText text) {
    return programLines(text.prose());
  }

  private static int programLines(String text) {
    Matcher line = LINE.matcher("");
    return (int)
        text.lines()
            .map(String::strip)
            .filter(each -> !each.isEmpty())
            .map(each -> each.substring(0, Math.min(each.length(), LINE_CHARACTERS)))
            .filter(each -> line.reset(each).lookingAt())
            .count();
  }

  private static boolean hasProgram(TopicText text) {
    int loose = looseLines(text);
    return text.fences().stream().anyMatch(CodeSigns::isProgram)
        || loose >= LOOSE_LINES
        || (loose > 0 && 2L * loose >= TopicText.lines(text.prose()));
  }

  /** Fences hold lists, tables and poems as well: one line may look like a program by accident. */
  private static boolean isProgram(String fence) {
    int lines = programLines(fence);
    return lines >= 2 || (lines == 1 && TopicText.lines(fence) <= 4);
  }

  private static boolean hasInlineCode(TopicText text) {
    Matcher inline = INLINE.matcher(text.prose());
    boolean found = !text.fences().isEmpty() || looseLines(text) > 0;
    while (!found && inline.find()) {
      found = INLINE_CODE.matcher(inline.group(1)).find();
    }
    return found;
  }
}
