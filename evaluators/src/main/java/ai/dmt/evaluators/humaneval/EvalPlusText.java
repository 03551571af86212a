package ai.dmt.evaluators.humaneval;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What evalplus's generation makes of a model's output, before it sanitises it.
 *
 * <p>evalplus knows by the model whether an output continues the prompt or is a whole program; here
 * the output tells: it is whole if it defines the entry point at the left margin.
 */
final class EvalPlusText {
  static final List<String> STOPS =
      List.of("<|endoftext|>", "<|endofmask|>", "</s>", "\nif __name__", "\ndef main(", "\nprint(");

  /** More of them, where the output continues the prompt. */
  static final List<String> STOPS_OF_DIRECT_COMPLETIONS =
      List.of("\ndef ", "\nclass ", "\nimport ", "\nfrom ", "\nassert ");

  private static final Pattern FENCE = Pattern.compile("(?m)^[ \\t]*```([^`\\n]*)$\\n?");

  private EvalPlusText() {}

  static String solution(String prompt, String entryPoint, String completion) {
    Pattern definition =
        Pattern.compile("(?m)^(async[ \\t]+)?def[ \\t]+" + Pattern.quote(entryPoint) + "\\b");
    String code = unfenced(completion.replace("\t", "    "), definition);
    if (definition.matcher(code).find()) {
      return StopStrings.cut(code, STOPS);
    }
    return prompt + StopStrings.cut(StopStrings.cut(code, STOPS), STOPS_OF_DIRECT_COMPLETIONS);
  }

  /**
   * The first fenced block that defines the entry point, else the first. A single bare fence after
   * some text closes the block that a prompt has opened.
   */
  private static String unfenced(String text, Pattern definition) {
    List<MatchResult> fences = new ArrayList<>();
    Matcher matcher = FENCE.matcher(text);
    while (matcher.find()) {
      fences.add(matcher.toMatchResult());
    }
    if (fences.isEmpty()) {
      return text;
    }
    MatchResult first = fences.get(0);
    boolean closes = fences.size() % 2 == 1 && first.group(1).isBlank();
    if (closes && !text.substring(0, first.start()).isBlank()) {
      return text.substring(0, first.start());
    }
    String block = null;
    for (int i = 0; i < fences.size(); i += 2) {
      int end = i + 1 < fences.size() ? fences.get(i + 1).start() : text.length();
      String content = text.substring(fences.get(i).end(), end);
      if (definition.matcher(content).find()) {
        return content;
      }
      block = block == null ? content : block;
    }
    return Objects.requireNonNull(block); // there is a fence
  }
}
