package ai.dmt.audit;

import ai.dmt.data.DropReason;
import ai.dmt.data.Origin;
import ai.dmt.data.PreparedSample;
import ai.dmt.data.SourceSummary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts the samples of one source. */
public final class SourceAudit {
  private final String name;
  private final Lengths tokens = new Lengths();
  private final Lengths labelTokens = new Lengths();
  private final Copies conversations = new Copies();
  private final Copies prompts = new Copies();
  private final List<Origin> truncated = new ArrayList<>();
  private long turns;
  private long tokensLost;
  private long labelTokensLost;

  /**
   * Begins with no sample.
   *
   * @param name what the source is called in reports
   */
  public SourceAudit(String name) {
    this.name = name;
  }

  /**
   * What is reported of a source.
   *
   * @param name of the source
   * @param records read
   * @param conversations after preparation
   * @param samples that are left to train on
   * @param turns of the samples
   * @param dropped what was cut and left out, by reason
   * @param unreadFields records by field that has text and is not read
   * @param tokens per sample
   * @param labelTokens per sample
   * @param truncated what was cut off
   * @param empty where records have no question with its answer, as file:line
   * @param allMasked where conversations were left out since no token carries loss, as file:line
   * @param tooLong where conversations were left out for their length, as file:line
   * @param duplicateConversations samples that repeat an earlier one of the source
   * @param duplicatePrompts samples whose prompt an earlier one of the source has
   */
  public record Report(
      String name,
      long records,
      long conversations,
      long samples,
      long turns,
      Map<String, Long> dropped,
      Map<String, Long> unreadFields,
      Lengths.Summary tokens,
      Lengths.Summary labelTokens,
      Truncation truncated,
      List<String> empty,
      List<String> allMasked,
      List<String> tooLong,
      Copies.Summary duplicateConversations,
      Copies.Summary duplicatePrompts) {}

  /**
   * What was cut off at the sequence length.
   *
   * @param samples that were cut and are trained on
   * @param tokensLost of them
   * @param labelTokensLost of them
   * @param origins where they come from, as file:line
   */
  public record Truncation(
      long samples, long tokensLost, long labelTokensLost, List<String> origins) {}

  /**
   * Counts a sample.
   *
   * @param prepared a sample that is left to train on
   */
  public void add(PreparedSample prepared) {
    int length = prepared.sample().tokenIds().length;
    int labels = prepared.sample().labelTokens();
    Origin origin = prepared.sample().origin();
    tokens.add(length);
    labelTokens.add(labels);
    turns += prepared.turns();
    conversations.add(prepared.conversationHash(), origin);
    prompts.add(prepared.promptHash(), origin);
    if (prepared.truncated()) {
      truncated.add(origin);
      tokensLost += prepared.wholeTokens() - length;
      labelTokensLost += prepared.wholeLabelTokens() - labels;
    }
  }

  /** {@return name of the source} */
  public String name() {
    return name;
  }

  /**
   * Reports what was counted.
   *
   * @param summary what became of the source's records
   * @return what was counted until now, with the summary
   */
  public Report report(SourceSummary summary) {
    Map<String, Long> dropped = new LinkedHashMap<>();
    summary
        .drops()
        .asMap()
        .forEach((reason, count) -> dropped.put(reason.name().toLowerCase(Locale.ROOT), count));
    return new Report(
        name,
        summary.records(),
        summary.conversations(),
        summary.samples(),
        turns,
        dropped,
        summary.drops().unreadFields(),
        tokens.summary(),
        labelTokens.summary(),
        new Truncation(
            truncated.size(),
            tokensLost,
            labelTokensLost,
            truncated.stream().map(Origin::toString).toList()),
        summary.empty().stream().map(Origin::toString).toList(),
        leftOut(summary, DropReason.ALL_MASKED),
        leftOut(summary, DropReason.TOO_LONG),
        conversations.summary(),
        prompts.summary());
  }

  /**
   * What two sources share.
   *
   * @param source the earlier one
   * @param other the later one
   * @param conversations that both have
   * @param prompts that both have
   */
  public record Shared(
      String source, String other, Copies.Summary conversations, Copies.Summary prompts) {}

  /**
   * {@return what a later source shares with this one}
   *
   * @param later source that comes after this one
   */
  public Shared sharedWith(SourceAudit later) {
    return new Shared(
        name,
        later.name,
        conversations.sharedWith(later.conversations),
        prompts.sharedWith(later.prompts));
  }

  private static List<String> leftOut(SourceSummary summary, DropReason reason) {
    return summary.leftOut().stream()
        .filter(each -> each.reason() == reason)
        .map(each -> each.origin().toString())
        .toList();
  }
}
