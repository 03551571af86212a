package ai.dmt.evaluators.comparison;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.Score;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A score of two models.
 *
 * @param benchmark name
 * @param score name, such as "accuracy"
 * @param mode of scoring; null where the benchmark has one rule only
 * @param unit of both scores and the difference
 * @param baseline what is compared with
 * @param other what is compared
 * @param difference the other's score minus the baseline's
 * @param paired what the problems say; null where the score cannot be computed problem by problem
 * @param note what a reader should know; null for nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ScoreComparison(
    String benchmark,
    String score,
    @Nullable String mode,
    Unit unit,
    Side baseline,
    Side other,
    double difference,
    @JsonUnwrapped @Nullable Paired paired,
    @Nullable String note) {
  /**
   * A model's score.
   *
   * @param model name
   * @param score over the problems compared
   * @param interval 95 %; null where there is none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Side(String model, double score, @Nullable Interval interval) {}

  /**
   * What the problems say, each with what both models made of it.
   *
   * @param test how the p-value was found
   * @param interval of the difference, 95 %
   * @param pValue two-sided
   * @param adjusted the p-value after Holm's correction over all comparisons made together; null
   *     before it
   * @param problems that were compared
   * @param higher ids of those where the other model's value is higher; of verdicts, those that it
   *     solves and the baseline does not
   * @param lower ids of those where it is lower
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonPropertyOrder({"test", "interval", "p", "p_holm", "problems", "higher", "lower"})
  public record Paired(
      PairedTest test,
      Interval interval,
      @JsonProperty("p") double pValue,
      @JsonProperty("p_holm") @Nullable Double adjusted,
      int problems,
      List<String> higher,
      List<String> lower) {
    Paired withAdjusted(double value) {
      return new Paired(test, interval, pValue, value, problems, higher, lower);
    }
  }

  /** What scores are given in. */
  public enum Unit {
    /** Shares of problems, in [0, 1]. */
    SHARE("share"),
    /** Points such as MT-Bench's, or nats of a loss. */
    POINTS("points");

    private final String text;

    Unit(String text) {
      this.text = text;
    }

    /** {@return the unit as files name it} */
    @JsonValue
    public String text() {
      return text;
    }
  }

  /** How a difference is tested. */
  public enum PairedTest {
    /** Exact McNemar: each problem is solved or not. */
    MCNEMAR("exact McNemar"),
    /** Bootstrap over problems. */
    BOOTSTRAP("paired bootstrap");

    private final String text;

    PairedTest(String text) {
      this.text = text;
    }

    /** {@return the test as files name it} */
    @JsonValue
    public String text() {
      return text;
    }
  }

  /** The same with a corrected p-value, where the problems say something. */
  ScoreComparison withAdjusted(double value) {
    return new ScoreComparison(
        benchmark,
        score,
        mode,
        unit,
        baseline,
        other,
        difference,
        paired == null ? null : paired.withAdjusted(value),
        note);
  }

  /** {@return what is compared, such as "gsm8k accuracy, openai"} */
  public String title() {
    return title(benchmark, score, mode);
  }

  static String title(String benchmark, Score score) {
    return title(benchmark, score.name(), score.mode());
  }

  private static String title(String benchmark, String score, @Nullable String mode) {
    return benchmark + " " + score + (mode == null ? "" : ", " + mode);
  }
}
