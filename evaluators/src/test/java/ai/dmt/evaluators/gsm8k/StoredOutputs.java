package ai.dmt.evaluators.gsm8k;

import ai.dmt.SharedFiles;
import ai.dmt.data.Origin;
import ai.dmt.evaluators.CompletionRecord;
import ai.dmt.evaluators.json.JsonLines;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Outputs of real models in ../shared/data/checks/gsm8k_outputs, in the order of the test set. */
final class StoredOutputs {
  private static final String FOLDER = "data/checks/gsm8k_outputs/";

  /** The published solutions of GPT-3, by their keys. */
  static final List<String> OPENAI =
      List.of("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification");

  private StoredOutputs() {}

  static List<Gsm8kProblem> problems() {
    return Gsm8kProblem.read(SharedFiles.require("data/gsm8k/test.jsonl"));
  }

  static List<String> abel() {
    return JsonLines.read(
        SharedFiles.require(FOLDER + "abel_13b.jsonl"), line -> line.text("response"));
  }

  /** As published, the answer after {@code A:}. */
  static List<String> openAi(String key) {
    Path file = SharedFiles.require(FOLDER + "openai_example_model_solutions.jsonl");
    return JsonLines.read(file, line -> line.node().path(key).path("solution").textValue());
  }

  /** With {@code ####} for the last {@code A:}, as the models were trained to write it. */
  static List<String> openAiMarked(String key) {
    return openAi(key).stream().map(text -> text.replaceFirst("(?s)(.*)A: ", "$1#### ")).toList();
  }

  /** Completions of problems 0, 1, ... */
  static List<CompletionRecord> completions(List<String> texts) {
    return IntStream.range(0, texts.size())
        .mapToObj(i -> new CompletionRecord(Origin.UNKNOWN, "" + i, texts.get(i)))
        .toList();
  }
}
