package ai.dmt.recipe;

import ai.dmt.data.SampleLimits;
import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;

/**
 * How samples are rendered and cut.
 *
 * @param template chat template: a name, chat_template for the model's own, or a .jinja or .json
 *     file
 * @param cutoffLen longest sample in tokens; at least 2
 * @param overlong what happens to a longer sample
 * @param allMasked what happens to a sample without a token that carries loss
 * @param evalFraction share of each source that is held out, in [0, 1)
 * @param mixtureTolerance largest difference of a source's asked and realised share of a stage; in
 *     [0, 1]
 */
public record DataRecipe(
    @Doc("Chat template: a name, chat_template for the model's own, or a .jinja or .json file")
        @Words(Vocabulary.TEMPLATE)
        String template,
    @Doc("Longest sample in tokens") @Range("[2, inf)") int cutoffLen,
    @Doc("What happens to a longer sample") SampleLimits.Overlong overlong,
    @Doc("What happens to a sample without a token that carries loss")
        SampleLimits.AllMasked allMasked,
    @Doc("Share of each source that is held out, in [0, 1)") @Range("[0, 1)") double evalFraction,
    @Doc("Largest difference of a source's asked and realised share of a stage") @Range("[0, 1]")
        double mixtureTolerance) {
  /** From so many samples on, one is held out even if the share would be less. */
  private static final int ENOUGH_FOR_ONE = 10;

  /**
   * Checks ranges.
   *
   * @param template chat template: a name, chat_template for the model's own, or a .jinja or .json
   *     file
   * @param cutoffLen longest sample in tokens; at least 2
   * @param overlong what happens to a longer sample
   * @param allMasked what happens to a sample without a token that carries loss
   * @param evalFraction share of each source that is held out, in [0, 1)
   * @param mixtureTolerance largest difference of a source's asked and realised share of a stage;
   *     in [0, 1]
   */
  public DataRecipe {
    new Faults("data")
        .require(template != null && !template.isBlank(), "template must not be blank")
        .require(cutoffLen >= 2, "cutoff_len must be 2 or more, got " + cutoffLen)
        .present("overlong", overlong)
        .present("all_masked", allMasked)
        .inHalfOpenRange("eval_fraction", evalFraction, 0, 1)
        .inRange("mixture_tolerance", mixtureTolerance, 0, 1)
        .throwIfAny();
  }

  /** {@return FastChat's settings: vicuna_v1.1, cut at 2048 tokens; nothing is held out} */
  public static DataRecipe defaults() {
    return new DataRecipe(
        "vicuna_v1.1", 2048, SampleLimits.Overlong.TRUNCATE, SampleLimits.AllMasked.FAIL, 0, 0.01);
  }

  /**
   * {@return how many samples of a source are held out where none belong together}
   *
   * @param samples of the source
   * @param fraction see {@link #evalFraction()}
   */
  public static int heldOutOf(int samples, double fraction) {
    int count = (int) Math.round(fraction * samples);
    return count == 0 && fraction > 0 && samples >= ENOUGH_FOR_ONE ? 1 : count;
  }

  /** {@return the limits of samples, with these settings} */
  public SampleLimits limits() {
    return new SampleLimits(cutoffLen, overlong, allMasked);
  }

  /**
   * {@return a copy with another {@link #template()}}
   *
   * @param value chat template: a name, chat_template for the model's own, or a .jinja or .json
   *     file
   */
  public DataRecipe withTemplate(String value) {
    return RecordCopy.with(this, "template", value);
  }

  /**
   * {@return a copy with another {@link #cutoffLen()}}
   *
   * @param value longest sample in tokens; at least 2
   */
  public DataRecipe withCutoffLen(int value) {
    return RecordCopy.with(this, "cutoffLen", value);
  }

  /**
   * {@return a copy with another {@link #overlong()}}
   *
   * @param value what happens to a longer sample
   */
  public DataRecipe withOverlong(SampleLimits.Overlong value) {
    return RecordCopy.with(this, "overlong", value);
  }

  /**
   * {@return a copy with another {@link #allMasked()}}
   *
   * @param value what happens to a sample without a token that carries loss
   */
  public DataRecipe withAllMasked(SampleLimits.AllMasked value) {
    return RecordCopy.with(this, "allMasked", value);
  }

  /**
   * {@return a copy with another {@link #evalFraction()}}
   *
   * @param value share of each source that is held out, in [0, 1)
   */
  public DataRecipe withEvalFraction(double value) {
    return RecordCopy.with(this, "evalFraction", value);
  }

  /**
   * {@return a copy with another {@link #mixtureTolerance()}}
   *
   * @param value largest difference of a source's asked and realised share of a stage; in [0, 1]
   */
  public DataRecipe withMixtureTolerance(double value) {
    return RecordCopy.with(this, "mixtureTolerance", value);
  }
}
