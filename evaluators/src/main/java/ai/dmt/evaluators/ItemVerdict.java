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

/**
 * The verdict on one completion.
 *
 * @param id of the problem; whole numbers are JSON numbers in files
 * @param mode as in {@link Score#mode}
 * @param sample 0-based number of the completion, null where each problem has one
 * @param verdict a word of the benchmark: gsm8k {@code correct}, {@code wrong}, {@code invalid};
 *     humaneval {@code passed}, {@code failed: <reason>}, {@code timed out}; mtbench {@code rated},
 *     {@code failed}; of all, where a model was asked and had no room to answer, {@code prompt too
 *     long}
 * @param score points of this item, null where the verdict says all
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ItemVerdict(
    @JsonSerialize(using = ItemVerdict.IdWriter.class) String id,
    String mode,
    Integer sample,
    String verdict,
    Double score) {
  private static final Set<String> SOLVED = Set.of("correct", "passed");

  /** Demands an id and a verdict. */
  public ItemVerdict {
    Objects.requireNonNull(id, "\"id\" is missing");
    Objects.requireNonNull(verdict, "\"verdict\" is missing");
  }

  /** Whether the problem counts as solved: the verdict is {@code correct} or {@code passed}. */
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
