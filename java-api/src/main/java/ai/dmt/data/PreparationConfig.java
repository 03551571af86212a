package ai.dmt.data;

import ai.dmt.internal.text.Faults;
import java.util.List;

/**
 * What of the conversations that were read is kept, and how long ones are split.
 *
 * @param blockedWords a conversation that holds one of them, in any case, is dropped
 * @param serviceNotices a conversation goes when an answer begins with one of them, in any case
 * @param minCharacters fewest characters of all turns together
 * @param duplicates what happens to a conversation that occurred before
 * @param filters all must let a conversation pass
 * @param exclude topics; a conversation about one of them goes
 * @param split how long conversations are split
 */
public record PreparationConfig(
    List<String> blockedWords,
    List<String> serviceNotices,
    int minCharacters,
    Duplicates duplicates,
    List<ConversationFilter> filters,
    List<Topic> exclude,
    SplitConfig split) {
  /** What happens to a conversation whose id, or whose first pair, occurred before. */
  public enum Duplicates {
    /** It stays. */
    KEEP,
    /** It is dropped and counted. */
    DROP
  }

  /**
   * Checks ranges; copies the lists.
   *
   * @param blockedWords see {@link #blockedWords()}
   * @param serviceNotices see {@link #serviceNotices()}
   * @param minCharacters see {@link #minCharacters()}
   * @param duplicates see {@link #duplicates()}
   * @param filters see {@link #filters()}
   * @param exclude see {@link #exclude()}
   * @param split see {@link #split()}
   * @throws ai.dmt.config.ConfigException if a value is negative or missing, or a word is blank
   */
  public PreparationConfig {
    new Faults("prepare")
        .notNegative("minCharacters", minCharacters)
        .present("duplicates", duplicates)
        .present("split", split)
        .require(blockedWords.stream().noneMatch(String::isBlank), "blockedWords must not be blank")
        .throwIfAny();
    blockedWords = List.copyOf(blockedWords);
    serviceNotices = List.copyOf(serviceNotices);
    filters = List.copyOf(filters);
    exclude = List.copyOf(exclude);
  }

  /** {@return a choice by which all that was read is kept as it is} */
  public static PreparationConfig none() {
    return new PreparationConfig(
        List.of(), List.of(), 0, Duplicates.KEEP, List.of(), List.of(), SplitConfig.NONE);
  }

  /**
   * {@return what FastChat's scripts do to ShareGPT, for text that is already Markdown}
   *
   * @param maxTokens most tokens of a piece, 2048 for Vicuna; 0 does not split
   */
  public static PreparationConfig fastChat(int maxTokens) {
    return new PreparationConfig(
        List.of("openai", "chatgpt"),
        List.of(
            "Too many requests in 1 hour. Try again later.",
            "!Too many requests in 1 hour. Try again later."),
        16,
        Duplicates.DROP,
        List.of(),
        List.of(),
        new SplitConfig(maxTokens, SplitConfig.LastPair.LOSE));
  }

  /**
   * {@return the same with other {@link #blockedWords()}}
   *
   * @param value see {@link #blockedWords()}; none of them blank
   */
  public PreparationConfig withBlockedWords(List<String> value) {
    return new PreparationConfig(
        value, serviceNotices, minCharacters, duplicates, filters, exclude, split);
  }

  /**
   * {@return the same with other {@link #filters()}}
   *
   * @param value see {@link #filters()}
   */
  public PreparationConfig withFilters(List<ConversationFilter> value) {
    return new PreparationConfig(
        blockedWords, serviceNotices, minCharacters, duplicates, value, exclude, split);
  }

  /**
   * {@return the same with other {@link #exclude()}}
   *
   * @param value see {@link #exclude()}
   */
  public PreparationConfig withExclude(List<Topic> value) {
    return new PreparationConfig(
        blockedWords, serviceNotices, minCharacters, duplicates, filters, value, split);
  }

  /**
   * {@return the same with other {@link #split()}}
   *
   * @param value see {@link #split()}
   */
  public PreparationConfig withSplit(SplitConfig value) {
    return new PreparationConfig(
        blockedWords, serviceNotices, minCharacters, duplicates, filters, exclude, value);
  }
}
