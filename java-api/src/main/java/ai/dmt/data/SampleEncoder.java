package ai.dmt.data;

import ai.dmt.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Renders conversations as samples and applies the limits; counts what is cut and left out. */
public final class SampleEncoder {
  private final ChatTemplate template;
  private final Tokenizer tokenizer;
  private final SampleLimits limits;
  private final DropCounts drops = new DropCounts();

  /**
   * Makes an encoder. The tokenizer stays the caller's.
   *
   * @param template that conversations are written with
   * @param tokenizer that the template encodes with
   * @param limits which samples are left to train on
   */
  public SampleEncoder(ChatTemplate template, Tokenizer tokenizer, SampleLimits limits) {
    this.template = template;
    this.tokenizer = tokenizer;
    this.limits = limits;
  }

  /**
   * {@return what was cut and left out so far, by {@link #readSource} in the files as well; it
   * counts on}
   */
  public DropCounts drops() {
    return drops;
  }

  /**
   * Renders one conversation.
   *
   * @param conversation answered: its last turn is the assistant's
   * @return its sample; empty if it is left out
   * @throws DataException if the limits say so, or the template cannot express it
   */
  public Optional<EncodedSample> encode(Conversation conversation) {
    return fit(TurnLoss.of(conversation, template.encode(conversation, tokenizer)));
  }

  /** Applies the limits to a sample that was rendered whole; empty if it is left out. */
  Optional<EncodedSample> fit(EncodedSample sample) {
    if (sample.labelTokens() == 0) {
      return allMasked(sample);
    }
    int length = sample.tokenIds().length;
    if (length <= limits.sequenceLength()) {
      return Optional.of(sample);
    }
    return switch (limits.overlong()) {
      case FAIL ->
          throw new DataException(
              sample.origin(),
              "sample has %s tokens, sequenceLength is %s; raise it or set overlong=TRUNCATE or DROP"
                  .formatted(length, limits.sequenceLength()));
      case DROP -> drop(DropReason.TOO_LONG);
      case TRUNCATE -> truncate(sample);
    };
  }

  /**
   * Reads and renders a source's files with the standard options.
   *
   * @param name of the source
   * @param files read in this order, at least one
   * @param limit most conversations of the source, the first ones; {@link Long#MAX_VALUE} for all
   * @return the samples that are left, in the order of the files
   * @throws DataException if a file is at fault, or if nothing is left to train on
   */
  public Source readSource(String name, List<Path> files, long limit) {
    return readSource(
        new SourceFiles(name, files, ReadOptions.defaults(), PreparationConfig.none(), limit));
  }

  /**
   * Reads, prepares and renders a source's files on all cores.
   *
   * @param source files to read, and what of them is kept
   * @return the samples that are left, in the order of the files
   * @throws DataException if a file is at fault, or if nothing is left to train on
   */
  public Source readSource(SourceFiles source) {
    List<EncodedSample> samples = new ArrayList<>();
    SourceSummary summary =
        new SourceReading(source, template, tokenizer, limits)
            .read(prepared -> samples.add(prepared.sample()));
    drops.add(summary.drops());
    return new Source(source.name(), samples);
  }

  private Optional<EncodedSample> allMasked(EncodedSample sample) {
    if (limits.allMasked() == SampleLimits.AllMasked.FAIL) {
      throw new DataException(
          sample.origin(),
          "no token of the sample carries loss: it has no answer to train on; mend it or set"
              + " allMasked=DROP");
    }
    return drop(DropReason.ALL_MASKED);
  }

  private Optional<EncodedSample> truncate(EncodedSample sample) {
    drops.add(DropReason.TRUNCATED, 1);
    EncodedSample cut =
        new EncodedSample(
            sample.id(),
            sample.origin(),
            Arrays.copyOf(sample.tokenIds(), limits.sequenceLength()),
            Arrays.copyOf(sample.carriesLoss(), limits.sequenceLength()));
    return cut.labelTokens() == 0 ? drop(DropReason.ALL_MASKED) : Optional.of(cut);
  }

  private Optional<EncodedSample> drop(DropReason reason) {
    drops.add(reason, 1);
    return Optional.empty();
  }
}
