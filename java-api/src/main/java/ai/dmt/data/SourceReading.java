package ai.dmt.data;

import ai.dmt.internal.work.OrderedWorkers;
import ai.dmt.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a source's files, prepares and renders them on all cores. Samples come in the order of the
 * files and counts are the same for any number of threads. Only some conversations are in memory at
 * a time.
 */
public final class SourceReading {
  private final SourceFiles source;
  private final ChatTemplate template;
  private final Tokenizer tokenizer;
  private final SampleLimits limits;
  private final OrderedWorkers workers;

  /**
   * Makes a reading with as many threads as there are cores. The tokenizer stays the caller's.
   *
   * @param source files to read, and what of them is kept
   * @param template that conversations are written with
   * @param tokenizer that the template encodes with, and splitting measures with
   * @param limits which samples are left to train on
   */
  public SourceReading(
      SourceFiles source, ChatTemplate template, Tokenizer tokenizer, SampleLimits limits) {
    this(source, template, tokenizer, limits, new OrderedWorkers());
  }

  SourceReading(
      SourceFiles source,
      ChatTemplate template,
      Tokenizer tokenizer,
      SampleLimits limits,
      OrderedWorkers workers) {
    this.source = source;
    this.template = template;
    this.tokenizer = tokenizer;
    this.limits = limits;
    this.workers = workers;
  }

  /** What was made of one conversation. */
  private record Rendered(KeptConversations.Kept kept, List<Piece> pieces, DropCounts lost) {}

  /** One piece of it; the sample is null if the limits left it out. */
  private record Piece(@Nullable PreparedSample sample, Origin origin, DropCounts drops) {}

  /**
   * Reads all.
   *
   * @param samples takes each sample in turn, in the calling thread
   * @return what became of the records
   * @throws DataException if a file is at fault, or if nothing is left to train on
   */
  public SourceSummary read(Consumer<PreparedSample> samples) {
    try (KeptConversations conversations = new KeptConversations(source, tokenizer)) {
      Counts counts = new Counts(source.limit(), samples);
      workers.run(
          conversations,
          KeptConversations.Kept::characters,
          kept -> render(kept, conversations),
          counts::add);
      SourceSummary summary = counts.summary(conversations);
      if (summary.samples() == 0) {
        throw new DataException(
            Origin.UNKNOWN,
            "source %s has no sample to train on: read %s records of %s; left out: %s"
                .formatted(source.name(), summary.records(), source.files(), summary.drops()));
      }
      return summary;
    }
  }

  private Rendered render(KeptConversations.Kept kept, KeptConversations conversations) {
    DropCounts lost = new DropCounts();
    List<Piece> pieces = new ArrayList<>();
    for (Conversation piece : conversations.split(kept.conversation(), lost)) {
      SampleEncoder encoder = new SampleEncoder(template, tokenizer, limits);
      EncodedSample whole = TurnLoss.of(piece, template.encode(piece, tokenizer));
      PreparedSample sample =
          encoder
              .fit(whole)
              .map(
                  cut ->
                      new PreparedSample(
                          cut,
                          piece.turns().size(),
                          whole.tokenIds().length,
                          whole.labelTokens(),
                          TextHash.ofConversation(piece),
                          TextHash.ofPrompt(piece)))
              .orElse(null);
      pieces.add(new Piece(sample, piece.origin(), encoder.drops()));
    }
    return new Rendered(kept, pieces, lost);
  }

  /** Counts of what was rendered, up to the limit of conversations. */
  private static final class Counts {
    private final long limit;
    private final Consumer<PreparedSample> samples;
    private final DropCounts drops = new DropCounts();
    private final List<SourceSummary.LeftOut> leftOut = new ArrayList<>();
    private long conversations;
    private long sampleCount;
    private KeptConversations.@Nullable Kept last; // of those within the limit

    Counts(long limit, Consumer<PreparedSample> samples) {
      this.limit = limit;
      this.samples = samples;
    }

    /** Whether there is room for more. */
    boolean add(Rendered rendered) {
      last = rendered.kept();
      drops.add(rendered.lost());
      for (Piece piece : rendered.pieces()) {
        if (conversations == limit) {
          return false;
        }
        conversations++;
        drops.add(piece.drops());
        if (piece.sample() != null) {
          sampleCount++;
          samples.accept(piece.sample());
        } else {
          DropReason reason =
              piece.drops().of(DropReason.ALL_MASKED) > 0
                  ? DropReason.ALL_MASKED
                  : DropReason.TOO_LONG;
          leftOut.add(new SourceSummary.LeftOut(reason, piece.origin()));
        }
      }
      return conversations < limit;
    }

    SourceSummary summary(KeptConversations read) {
      // What was read ahead of the limit does not count.
      KeptConversations.Kept end = conversations == limit ? last : null;
      drops.add(end == null ? read.drops() : end.drops());
      int empty = (int) drops.of(DropReason.EMPTY_CONVERSATION);
      return new SourceSummary(
          end == null ? read.records() : end.records(),
          conversations,
          sampleCount,
          drops,
          leftOut,
          read.empty().subList(0, empty),
          read.firstFault());
    }
  }
}
