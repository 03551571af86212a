package ai.dmt.evaluators.transfer;

import ai.dmt.evaluators.Interval;
import ai.dmt.evaluators.comparison.ScoreComparison.Unit;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One score by stage.
 *
 * @param benchmark name
 * @param score name, such as "accuracy"
 * @param mode of scoring; null where the benchmark has one rule only
 * @param unit of all cells
 * @param ability that it measures
 * @param trainedBy name of the stage that trained the ability; null where none is known
 * @param cells one a stage; null where a stage has no such score
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"benchmark", "score", "mode", "unit", "ability", "trained_by", "cells"})
public record StageColumn(
    String benchmark,
    String score,
    @Nullable String mode,
    Unit unit,
    String ability,
    @JsonProperty("trained_by") @Nullable String trainedBy,
    List<@Nullable Cell> cells) {
  /**
   * Copies the cells.
   *
   * @param benchmark name
   * @param score name, such as "accuracy"
   * @param mode of scoring; null where the benchmark has one rule only
   * @param unit of all cells
   * @param ability that it measures
   * @param trainedBy name of the stage that trained the ability; null where none is known
   * @param cells one a stage; null where a stage has no such score
   */
  public StageColumn {
    cells = Collections.unmodifiableList(new ArrayList<>(cells)); // List.copyOf takes no null
  }

  /**
   * A stage's score.
   *
   * @param score in the column's unit
   * @param interval 95 %; null where there is none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Cell(double score, @Nullable Interval interval) {}

  /** {@return what is scored, such as "gsm8k accuracy, openai"} */
  public String title() {
    return benchmark + " " + score + (mode == null ? "" : ", " + mode);
  }
}
