package ai.dmt.recipe;

import ai.dmt.data.ConversationFilter;
import ai.dmt.data.PreparationConfig;
import ai.dmt.data.SplitConfig;
import ai.dmt.data.Topic;
import ai.dmt.internal.records.RecordCopy;
import ai.dmt.internal.text.Faults;
import java.util.List;
import java.util.Map;

/**
 * What of a source's conversations is kept; every drop is counted by its reason.
 *
 * @param blockedWords a conversation that holds one of them, in any case, is dropped
 * @param serviceNotices a conversation is dropped when an answer begins with one of them, in any
 *     case
 * @param minCharacters fewest characters of all turns together; 0 or more
 * @param duplicates a conversation whose id, or whose first pair, occurred before: keep or drop
 * @param filters all must let a conversation pass
 * @param exclude topics; a conversation about one of them, told by rules from its text, is dropped
 * @param splitTokens tokens at which longer conversations are split between pairs; 0 does not split
 * @param lastPair a last pair that no longer fits: keep it as a piece of its own, or lose it as
 *     FastChat does
 */
public record PrepareRecipe(
    @Doc("A conversation that holds one of them, in any case, is dropped")
        List<String> blockedWords,
    @Doc("A conversation is dropped when an answer begins with one of them, in any case")
        List<String> serviceNotices,
    @Doc("Fewest characters of all turns together") @Range("[0, inf)") int minCharacters,
    @Doc("A conversation whose id, or whose first pair, occurred before: keep or drop")
        PreparationConfig.Duplicates duplicates,
    @Doc("All must let a conversation pass") List<FilterRecipe> filters,
    @Doc("Topics; a conversation about one of them, told by rules from its text, is dropped")
        List<Topic> exclude,
    @Doc("Longer conversations are split between pairs, at so many tokens; 0 does not split")
        @Range("[0, inf)")
        int splitTokens,
    @Doc(
            "A last pair that no longer fits: keep it as a piece of its own, or lose it as FastChat"
                + " does")
        SplitConfig.LastPair lastPair) {
  /**
   * Checks ranges; copies the lists.
   *
   * @param blockedWords a conversation that holds one of them, in any case, is dropped
   * @param serviceNotices a conversation is dropped when an answer begins with one of them, in any
   *     case
   * @param minCharacters fewest characters of all turns together; 0 or more
   * @param duplicates a conversation whose id, or whose first pair, occurred before: keep or drop
   * @param filters all must let a conversation pass
   * @param exclude topics; a conversation about one of them, told by rules from its text, is
   *     dropped
   * @param splitTokens tokens at which longer conversations are split between pairs; 0 does not
   *     split
   * @param lastPair a last pair that no longer fits: keep it as a piece of its own, or lose it as
   *     FastChat does
   */
  public PrepareRecipe {
    blockedWords = blockedWords == null ? List.of() : List.copyOf(blockedWords);
    serviceNotices = serviceNotices == null ? List.of() : List.copyOf(serviceNotices);
    filters = filters == null ? List.of() : List.copyOf(filters);
    exclude = exclude == null ? List.of() : List.copyOf(exclude);
    new Faults("prepare")
        .require(
            blockedWords.stream().noneMatch(String::isBlank), "blocked_words must not be blank")
        .require(
            serviceNotices.stream().noneMatch(String::isBlank), "service_notices must not be blank")
        .notNegative("min_characters", minCharacters)
        .present("duplicates", duplicates)
        .notNegative("split_tokens", splitTokens)
        .present("last_pair", lastPair)
        .throwIfAny();
  }

  /** {@return settings that keep all that is read as it is} */
  public static PrepareRecipe defaults() {
    return new PrepareRecipe(
        List.of(),
        List.of(),
        0,
        PreparationConfig.Duplicates.KEEP,
        List.of(),
        List.of(),
        0,
        SplitConfig.LastPair.KEEP);
  }

  /**
   * {@return a copy with another {@link #blockedWords()}}
   *
   * @param value words; a conversation that holds one of them, in any case, is dropped
   */
  public PrepareRecipe withBlockedWords(List<String> value) {
    return RecordCopy.with(this, "blockedWords", value);
  }

  /**
   * {@return a copy with another {@link #serviceNotices()}}
   *
   * @param value beginnings of answers; a conversation with one is dropped
   */
  public PrepareRecipe withServiceNotices(List<String> value) {
    return RecordCopy.with(this, "serviceNotices", value);
  }

  /**
   * {@return a copy with another {@link #minCharacters()}}
   *
   * @param value fewest characters of all turns together; 0 or more
   */
  public PrepareRecipe withMinCharacters(int value) {
    return RecordCopy.with(this, "minCharacters", value);
  }

  /**
   * {@return a copy with another {@link #duplicates()}}
   *
   * @param value keep or drop what occurred before
   */
  public PrepareRecipe withDuplicates(PreparationConfig.Duplicates value) {
    return RecordCopy.with(this, "duplicates", value);
  }

  /**
   * {@return a copy with another {@link #filters()}}
   *
   * @param value all must let a conversation pass
   */
  public PrepareRecipe withFilters(List<FilterRecipe> value) {
    return RecordCopy.with(this, "filters", value);
  }

  /**
   * {@return a copy with another {@link #exclude()}}
   *
   * @param value topics; a conversation about one of them is dropped
   */
  public PrepareRecipe withExclude(List<Topic> value) {
    return RecordCopy.with(this, "exclude", value);
  }

  /**
   * {@return a copy with another {@link #splitTokens()}}
   *
   * @param value tokens at which longer conversations are split between pairs; 0 does not split
   */
  public PrepareRecipe withSplitTokens(int value) {
    return RecordCopy.with(this, "splitTokens", value);
  }

  /**
   * {@return a copy with another {@link #lastPair()}}
   *
   * @param value what happens to a last pair that no longer fits
   */
  public PrepareRecipe withLastPair(SplitConfig.LastPair value) {
    return RecordCopy.with(this, "lastPair", value);
  }

  /** The same as the data package takes it. */
  PreparationConfig config() {
    return new PreparationConfig(
        blockedWords,
        serviceNotices,
        minCharacters,
        duplicates,
        filters.stream().map(FilterRecipe::filter).toList(),
        exclude,
        new SplitConfig(splitTokens, lastPair));
  }

  /**
   * Keeps or drops conversations by a regular expression.
   *
   * @param part what is searched: text of each turn, or tags
   * @param regex regular expression in Java's syntax, found anywhere; (?i) in front ignores case
   * @param action what happens to a match: keep or drop
   */
  public record FilterRecipe(
      @Doc("text of each turn, or tags") ConversationFilter.Part part,
      @Doc("Regular expression in Java's syntax, found anywhere; (?i) in front ignores case")
          String regex,
      @Doc("keep or drop what matches") ConversationFilter.Action action) {
    /**
     * Checks the expression.
     *
     * @param part what is searched: text of each turn, or tags
     * @param regex regular expression in Java's syntax, found anywhere; (?i) in front ignores case
     * @param action what happens to a match: keep or drop
     */
    public FilterRecipe {
      new ConversationFilter(part, regex, action);
    }

    /**
     * {@return what is used where a recipe says nothing, by component: nothing, as all must be
     * said}
     */
    public static Map<String, Object> defaults() {
      return Map.of();
    }

    ConversationFilter filter() {
      return new ConversationFilter(part, regex, action);
    }
  }
}
