package ai.dmt.evaluators.mtbench;

import ai.dmt.data.Conversation;
import ai.dmt.data.Origin;
import ai.dmt.data.Turn;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a model is asked MT-Bench's questions (FastChat's llm_judge/gen_model_answer.py):
 * temperatures by category, at most 1024 tokens an answer, and a second turn that follows the
 * model's own first answer.
 *
 * <pre>{@code
 * String first = generate(MtBenchPrompts.conversation(question, List.of()));
 * String second = generate(MtBenchPrompts.conversation(question, List.of(first)));
 * ModelAnswer answer = MtBenchPrompts.answer(question, "my-model", List.of(first, second), now);
 * }</pre>
 */
public final class MtBenchPrompts {
  /** Longest answer, in tokens. */
  public static final int MAX_NEW_TOKENS = 1024;

  private static final double OTHER_TEMPERATURE = 0.7;
  private static final Map<String, Double> TEMPERATURES =
      Map.of(
          "writing", 0.7,
          "roleplay", 0.7,
          "extraction", 0.0,
          "math", 0.0,
          "coding", 0.0,
          "reasoning", 0.0,
          "stem", 0.1,
          "humanities", 0.1,
          "arena-hard-200", 0.0);

  /** Digits and letters that are not mistaken for each other. */
  private static final String ALPHABET =
      "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  private static final int ID_LENGTH = 22;

  private MtBenchPrompts() {}

  /**
   * {@return the temperature for a category; 0 is greedy}
   *
   * @param category of a question, such as "writing"
   */
  public static double temperature(String category) {
    return TEMPERATURES.getOrDefault(category, OTHER_TEMPERATURE);
  }

  /**
   * {@return what the model is shown: the turns so far and the one to answer}
   *
   * @param question of one or two turns
   * @param answers the model's to the turns before; fewer than the question's turns
   */
  public static Conversation conversation(Question question, List<String> answers) {
    if (answers.size() >= question.turns().size()) {
      throw new IllegalArgumentException(
          "question %s has %s turns, %s are answered already"
              .formatted(question.id(), question.turns().size(), answers.size()));
    }
    List<Turn> turns = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      turns.add(Turn.user(question.turns().get(i)));
      turns.add(Turn.assistant(answers.get(i)));
    }
    turns.add(Turn.user(question.turns().get(answers.size())));
    return new Conversation(question.id(), question.origin(), turns);
  }

  /**
   * {@return the record of a question's answers} Equal content gets an equal id.
   *
   * @param question that was asked
   * @param model its name
   * @param turns the model's answers, as many as the question has turns
   * @param timestamp seconds since 1970
   */
  public static ModelAnswer answer(
      Question question, String model, List<String> turns, double timestamp) {
    if (turns.size() != question.turns().size()) {
      throw new IllegalArgumentException(
          "question %s has %s turns, got %s answers"
              .formatted(question.id(), question.turns().size(), turns.size()));
    }
    return new ModelAnswer(
        question.id(),
        answerId(question.id(), model, turns),
        model,
        List.of(new ModelAnswer.Choice(0, turns)),
        timestamp,
        Origin.UNKNOWN);
  }

  /** 128 bits of a hash as 22 characters, in the look of the ids that FastChat draws. */
  private static String answerId(String question, String model, List<String> turns) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    List<String> parts = new ArrayList<>(List.of(question, model));
    parts.addAll(turns);
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
      digest.update(bytes);
    }
    BigInteger rest = new BigInteger(1, digest.digest()).shiftRight(128);
    BigInteger base = BigInteger.valueOf(ALPHABET.length());
    StringBuilder id = new StringBuilder();
    while (id.length() < ID_LENGTH) {
      BigInteger[] parted = rest.divideAndRemainder(base);
      id.append(ALPHABET.charAt(parted[1].intValue()));
      rest = parted[0];
    }
    return id.reverse().toString();
  }
}
