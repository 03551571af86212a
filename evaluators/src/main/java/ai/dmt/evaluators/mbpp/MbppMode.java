package ai.dmt.evaluators.mbpp;

import ai.dmt.internal.text.Named;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a program is made of a completion. */
enum MbppMode {
  /** lm-evaluation-harness's mbpp: the completion is the program. */
  LM_EVAL("lm-eval") {
    @Override
    String program(String completion) {
      return completion;
    }
  },
  /**
   * lm-evaluation-harness's mbpp_instruct, whose prompt opens a fence that the completion closes:
   * what stands before the first fence, or nothing.
   */
  LM_EVAL_INSTRUCT("lm-eval-instruct") {
    @Override
    String program(String completion) {
      Matcher block = BLOCK.matcher("```" + completion);
      if (block.find()) {
        return block.group(1);
      }
      Matcher plain = BLOCK.matcher(completion.replace("```python", "```"));
      return plain.find() ? plain.group(1) : "";
    }
  },
  /**
   * For chat models, ours: the first fenced block, its end may be missing; without a fence the
   * whole completion.
   */
  FENCE("fence") {
    @Override
    String program(String completion) {
      Matcher fence = FENCED.matcher(completion);
      return fence.find() ? fence.group(1) : completion;
    }
  };

  private static final Pattern BLOCK = Pattern.compile("(?Us)```(?:\\w++)?+\\n?(.*?)\\n?```");
  private static final Pattern FENCED =
      Pattern.compile("(?s)```[^`\\n]*+\\n(.*?)(?:^[ \\t]*+```|\\z)", Pattern.MULTILINE);

  private final String text;

  MbppMode(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  abstract String program(String completion);

  static MbppMode of(String name) {
    return Named.ofKind("mode of mbpp", values(), MbppMode::text, name);
  }
}
