package ai.dmt.evaluators.mtbench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small files of FastChat's forms: questions 1 to n, every third of category math. */
public record MtBenchFiles(Path folder, int questions) {
  /** Writes questions, prompts and references. */
  public MtBenchFiles {
    List<String> asked = new ArrayList<>();
    List<String> references = new ArrayList<>();
    for (int id = 1; id <= questions; id++) {
      String category = id % 3 == 0 ? "math" : "writing";
      asked.add(
          "{\"question_id\": %s, \"category\": \"%s\", \"turns\": [\"first %s\", \"second %s\"]}"
              .formatted(id, category, id, id));
      references.add(record(id, "gpt-4", "reference %d.1", "reference %d.2"));
    }
    write(folder.resolve("question.jsonl"), asked);
    write(folder.resolve("reference.jsonl"), references);
    write(
        folder.resolve("judge_prompts.jsonl"),
        List.of(
            prompt("single-v1", "Be kind.", "Q {question} A {answer}"),
            prompt("single-math-v1", "Be kind.", "Q {question} R {ref_answer_1} A {answer}"),
            prompt(
                "single-v1-multi-turn", "Rate.", "{question_1}|{answer_1}|{question_2}|{answer_2}"),
            prompt(
                "single-math-v1-multi-turn",
                "",
                "{ref_answer_1}|{ref_answer_2}|{answer_1}|{answer_2}|{question_1}|{question_2}")));
  }

  private static String prompt(String name, String system, String template) {
    return ("{\"name\": \"%s\", \"type\": \"single\", \"system_prompt\": \"%s\","
            + " \"prompt_template\": \"%s\", \"output_format\": \"[[rating]]\"}")
        .formatted(name, system, template);
  }

  private static String record(int id, String model, String first, String second) {
    return ("{\"question_id\": %s, \"answer_id\": \"a\", \"model_id\": \"%s\", \"choices\":"
            + " [{\"index\": 0, \"turns\": [\"%s\", \"%s\"]}], \"tstamp\": 1.5}")
        .formatted(id, model, first.formatted(id), second.formatted(id));
  }

  private static void write(Path file, List<String> lines) {
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Questions. */
  public Path questionFile() {
    return folder.resolve("question.jsonl");
  }

  /** Reference answers to all questions. */
  public Path references() {
    return folder.resolve("reference.jsonl");
  }

  /** The four prompts. */
  public Path prompts() {
    return folder.resolve("judge_prompts.jsonl");
  }

  /** Writes a model's answers. @param word what they begin with */
  public Path answers(String model, String word) {
    List<String> lines = new ArrayList<>();
    for (int id = 1; id <= questions; id++) {
      lines.add(record(id, model, word + " %d.1", word + " %d.2"));
    }
    Path file = folder.resolve(model + ".jsonl");
    write(file, lines);
    return file;
  }

  /** What there is to judge. */
  public List<Match> matches(Path... answers) {
    List<java.util.Map<String, ModelAnswer>> models = new ArrayList<>();
    for (Path file : answers) {
      models.add(ModelAnswer.read(file));
    }
    return Matches.of(Question.read(questionFile()), models, ModelAnswer.read(references()));
  }
}
