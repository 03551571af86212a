package ai.dmt.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The paper's three abilities: math, code and general. */
final class PaperWorld extends World {
  /** Seed of the pretraining text. */
  static final long PRETRAINING_SEED = 3;

  private final PaperSize size;

  PaperWorld(long seed, PaperSize size, Part test) {
    super(WorldKind.PAPER, seed, test);
    this.size = size;
  }

  PaperSize size() {
    return size;
  }

  @Override
  Map<String, Stream<ObjectNode>> files() {
    Map<String, Stream<ObjectNode>> files = new LinkedHashMap<>();
    sources(files, Part.TRAIN, size.math(), size.code(), size.general());
    sources(files, Part.HELD_OUT, size.heldOut(), size.heldOut(), size.heldOut());
    files.put("math_test.jsonl", WorldRows.of(math(test(), size.mathTest()), WorldRows::gsm8k));
    files.put("code_test.jsonl", WorldRows.of(code(test(), size.codeTest()), WorldRows::humanEval));
    files.put(
        "general_test.jsonl", WorldRows.of(questions(size.generalTest()), WorldRows::question));
    return files;
  }

  private void sources(
      Map<String, Stream<ObjectNode>> files, Part part, int math, int code, int general) {
    String name = "%s_" + part.text() + ".jsonl";
    files.put(name.formatted("math"), WorldRows.of(math(part, math), WorldRows::gsm8k));
    files.put(name.formatted("code"), WorldRows.of(code(part, code), WorldRows::alpaca));
    files.put(name.formatted("general"), WorldRows.of(general(part, general), WorldRows::shareGpt));
  }

  List<MathProblem> math(Part part, int count) {
    return distinct("math", part, count, d -> MathProblem.draw(d, part), MathProblem::question);
  }

  List<CodeTask> code(Part part, int count) {
    return distinct("code", part, count, d -> CodeTask.draw(d, part), CodeTask::phrase);
  }

  List<ChatRow> general(Part part, int count) {
    return distinct(
        "general", part, count, d -> ChatRow.draw(d, part), row -> row.texts().toString());
  }

  List<Exercise> questions(int count) {
    return distinct("questions", test(), count, d -> Exercise.draw(d, test()), Exercise::key);
  }

  /** Documents for the base model; the same for all worlds. */
  static Stream<String> pretraining(int documents) {
    Dice dice = new Dice(PRETRAINING_SEED, "pretraining");
    return IntStream.range(0, documents).mapToObj(i -> PretrainingText.draw(dice));
  }
}
