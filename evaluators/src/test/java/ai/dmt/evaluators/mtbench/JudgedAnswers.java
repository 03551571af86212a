package ai.dmt.evaluators.mtbench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answers that a file of judgements is about, cut from the prompts of the second turns. */
public final class JudgedAnswers {
  private static final String END = "\n\n<|The End of Assistant A's Conversation with User|>";

  private JudgedAnswers() {}

  /** All answers of a model. */
  public static Map<String, ModelAnswer> of(
      String model, List<Judgment> judgments, List<Question> questions) {
    Map<String, ModelAnswer> answers = new LinkedHashMap<>();
    for (Question question : questions) {
      Judgment judgment =
          judgments.stream()
              .filter(j -> j.model().equals(model) && j.turn() == 2)
              .filter(j -> j.questionId().equals(question.id()))
              .findFirst()
              .orElseThrow();
      answers.put(
          question.id(),
          MtBenchPrompts.answer(question, model, turns(judgment.userPrompt(), question), 0));
    }
    return answers;
  }

  private static List<String> turns(String prompt, Question question) {
    String conversation =
        prompt.substring(
            prompt.indexOf("<|The Start of Assistant A's Conversation with User|>"),
            prompt.lastIndexOf(END));
    String first = "### User:\n%s\n\n### Assistant A:\n".formatted(question.turns().get(0));
    String second = "\n\n### User:\n%s\n\n### Assistant A:\n".formatted(question.turns().get(1));
    int firstAnswer = conversation.indexOf(first) + first.length();
    int firstEnd = conversation.indexOf(second, firstAnswer);
    return List.of(
        conversation.substring(firstAnswer, firstEnd),
        conversation.substring(firstEnd + second.length()));
  }
}
