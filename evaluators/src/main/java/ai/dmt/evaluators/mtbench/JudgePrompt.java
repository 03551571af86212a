package ai.dmt.evaluators.mtbench;

import ai.dmt.config.ConfigException;
import ai.dmt.data.DataException;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.json.JsonLines;
import ai.dmt.evaluators.json.JsonRecord;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A prompt for a judge, of FastChat's {@code judge_prompts.jsonl}.
 *
 * @param name such as "single-v1"
 * @param type such as "single", for one answer at a time
 * @param system text of the system message; may be empty
 * @param template of the user's message
 * @param output form of the rating, such as "[[rating]]"
 * @param origin of the line
 */
public record JudgePrompt(
    String name, String type, String system, FormatString template, String output, Origin origin) {

  /**
   * Reads a file of prompts, by name; of equal names the last one counts, as in FastChat.
   *
   * @param file in FastChat's form
   * @return the prompts by name
   * @throws DataException naming file and line, if a record is malformed
   */
  public static Map<String, JudgePrompt> read(Path file) {
    Map<String, JudgePrompt> prompts = new HashMap<>();
    JsonLines.read(file, JudgePrompt::of).forEach(prompt -> prompts.put(prompt.name, prompt));
    return prompts;
  }

  private static JudgePrompt of(JsonRecord line) {
    return new JudgePrompt(
        line.text("name"),
        line.text("type"),
        line.text("system_prompt"),
        new FormatString(line.text("prompt_template"), line.origin()),
        line.text("output_format"),
        line.origin());
  }

  /**
   * The prompt of a name, which must rate single answers.
   *
   * @throws ConfigException if there is none
   * @throws DataException if it does something else
   */
  static JudgePrompt single(String name, Map<String, JudgePrompt> prompts) {
    JudgePrompt prompt = prompts.get(name);
    if (prompt == null) {
      throw new ConfigException(
          "the judge's prompts lack \"%s\", there are %s"
              .formatted(name, prompts.keySet().stream().sorted().toList()));
    }
    if (!prompt.type.equals("single") || !prompt.output.equals("[[rating]]")) {
      throw new DataException(
          prompt.origin,
          "prompt \"%s\" has type \"%s\" and output_format \"%s\", expected \"single\" and"
                  .formatted(name, prompt.type, prompt.output)
              + " \"[[rating]]\"");
    }
    return prompt;
  }
}
