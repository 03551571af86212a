package ai.dmt.evaluators.mtbench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dmt.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FastChat's published files. */
class StoredFilesTest {
  private static Path file(String name) {
    return SharedFiles.require("data/mtbench/" + name);
  }

  private static List<Judgment> judgments() {
    return Judgment.read(file("model_judgment/gpt-4_single_medusa_vicuna7b.jsonl"));
  }

  @Test
  void judgmentsAreWrittenByteForByte() throws IOException {
    List<String> lines =
        Files.readAllLines(file("model_judgment/gpt-4_single_medusa_vicuna7b.jsonl"));
    assertEquals(lines, judgments().stream().map(Judgment::json).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model_answer/vicuna-7b-v1.3.jsonl",
        "model_answer/vicuna-13b-v1.3.jsonl",
        "model_answer/llama-13b.jsonl",
        "model_answer/alpaca-13b.jsonl",
        "model_answer/gpt-3.5-turbo.jsonl",
        "reference_answer_gpt-4.jsonl"
      })
  void answersAreWrittenByteForByte(String name) throws IOException {
    assertEquals(
        Files.readAllLines(file(name)),
        ModelAnswer.read(file(name)).values().stream().map(ModelAnswer::json).toList());
  }

  @Test
  void storedRatingsAreWhatTheParserReads() {
    for (Judgment judgment : judgments()) {
      assertEquals(judgment.score(), Rating.parse(judgment.judgment()), judgment::judgment);
    }
  }

  /**
   * The judgements were made of runs of vicuna-7b-v1.3 other than the one whose answers are
   * published; where both gave the same answer, the prompt must be the same.
   */
  @Test
  void promptsAreThoseThatFastChatSent() {
    JudgePrompts prompts = new JudgePrompts(file("judge_prompts.jsonl"));
    List<Match> matches =
        Matches.of(
            Question.read(file("question.jsonl")),
            List.of(ModelAnswer.read(file("model_answer/vicuna-7b-v1.3.jsonl"))),
            ModelAnswer.read(file("reference_answer_gpt-4.jsonl")));
    List<Judgment> stored =
        judgments().stream().filter(j -> j.model().equals("vicuna-7b-v1.3")).toList();
    assertEquals(160, matches.size());
    int equal = 0;
    for (int i = 0; i < matches.size(); i++) {
      Match match = matches.get(i);
      Judgment judgment = stored.get(i);
      assertEquals(judgment.questionId(), match.question().id(), "FastChat's order");
      assertEquals(judgment.turn(), match.turn());
      assertEquals(judgment.judgePrompt(), prompts.of(match).name());
      equal += prompts.userPrompt(match).equals(judgment.userPrompt()) ? 1 : 0;
    }
    assertEquals(121, equal, "as many as Python's format gives");
  }

  /** The answers that were judged stand in the prompts of the second turns. */
  @Test
  void promptsOfAllModelsAreThoseThatFastChatSent() {
    JudgePrompts prompts = new JudgePrompts(file("judge_prompts.jsonl"));
    List<Question> questions = Question.read(file("question.jsonl"));
    Map<String, ModelAnswer> references = ModelAnswer.read(file("reference_answer_gpt-4.jsonl"));
    List<Judgment> judgments = judgments();
    List<String> models = judgments.stream().map(Judgment::model).distinct().toList();
    assertEquals(4, models.size());
    for (String model : models) {
      List<Judgment> stored = judgments.stream().filter(j -> j.model().equals(model)).toList();
      List<Match> matches =
          Matches.of(questions, List.of(JudgedAnswers.of(model, judgments, questions)), references);
      for (int i = 0; i < matches.size(); i++) {
        assertEquals(stored.get(i).userPrompt(), prompts.userPrompt(matches.get(i)));
        assertTrue(matches.get(i).question().id().equals(stored.get(i).questionId()));
      }
    }
  }
}
