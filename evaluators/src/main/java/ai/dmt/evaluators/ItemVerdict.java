package ai.dmt.evaluators;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The verdict on one completion.
 *
 * @param id of the problem; whole numbers are JSON numbers in files
 * @param mode as in {@link Score#mode}
 * @param sample 0-based number of the completion, null where each problem has one
 * @param verdict a word of the benchmark: gsm8k {@code correct}, {@code wrong}, {@code invalid};
 *     humaneval {@code passed}, {@code failed: <reason>}, {@code timed out}, {@code forged: <how>};
 *     mtbench {@code rated}, {@code failed}; of all, where a model was asked and had no room to
 *     answer, {@code prompt too long}
 * @param score points of this item, null where the verdict says all
 * @param group name of the score that is over items like this one, such as MT-Bench's category or a
 *     source of held-out loss; null where there are none
 * @param weight of the points in a mean, such as a sample's label tokens; null for 1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ItemVerdict(
    @JsonSerialize(using = ItemVerdict.IdWriter.class) String id,
    @Nullable String mode,
    @Nullable Integer sample,
    String verdict,
    @Nullable Double score,
    @Nullable String group,
    @Nullable Double weight) {
  private static final Set<String> SOLVED = Set.of("correct", "passed");

  /**
   * Demands an id and a verdict.
   *
   * @param id of the problem; whole numbers are JSON numbers in files
   * @param mode as in {@link Score#mode}
   * @param sample 0-based number of the completion, null where each problem has one
   * @param verdict a word of the benchmark: gsm8k {@code correct}, {@code wrong}, {@code invalid};
   *     humaneval {@code passed}, {@code failed: <reason>}, {@code timed out}, {@code forged:
   *     <how>}; mtbench {@code rated}, {@code failed}; of all, where a model was asked and had no
   *     room to answer, {@code prompt too long}
   * @param score points of this item, null where the verdict says all
   * @param group name of the score that is over items like this one, such as MT-Bench's category or
   *     a source of held-out loss; null where there are none
   * @param weight of the points in a mean, such as a sample's label tokens; null for 1
   */
  public ItemVerdict {
    Objects.requireNonNull(id, "\"id\" is missing");
    Objects.requireNonNull(verdict, "\"verdict\" is missing");
    if (weight != null && !(weight > 0 && Double.isFinite(weight))) {
      throw new IllegalArgumentException(
          "\"weight\" must be positive, got %s for item %s".formatted(weight, id));
    }
    if (score != null && !Double.isFinite(score)) {
      throw new IllegalArgumentException(
          "\"score\" must be a number, got %s for item %s".formatted(score, id));
    }
  }

  /**
   * Makes an item of no group, of weight 1.
   *
   * @param id of the problem
   * @param mode as in {@link Score#mode}
   * @param sample 0-based number of the completion, null where each problem has one
   * @param verdict a word of the benchmark
   * @param score points of this item, null where the verdict says all
   */
  public ItemVerdict(
      String id,
      @Nullable String mode,
      @Nullable Integer sample,
      String verdict,
      @Nullable Double score) {
    this(id, mode, sample, verdict, score, null, null);
  }

  /**
   * {@return the same under another mode}
   *
   * @param other as in {@link Score#mode}
   */
  public ItemVerdict withMode(@Nullable String other) {
    return new ItemVerdict(id, other, sample, verdict, score, group, weight);
  }

  /**
   * {@return whether the problem counts as solved: the verdict is {@code correct} or {@code
   * passed}}
   */
  public boolean solved() {
    return SOLVED.contains(verdict);
  }

  /** Writes ids that are whole numbers as such. */
  static final class IdWriter extends JsonSerializer<String> {
    private static final Pattern WHOLE = Pattern.compile("0|[1-9][0-9]{0,17}");

    @Override
    public void serialize(String id, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      if (WHOLE.matcher(id).matches()) {
        out.writeNumber(Long.parseLong(id));
      } else {
        out.writeString(id);
      }
    }
  }
}
