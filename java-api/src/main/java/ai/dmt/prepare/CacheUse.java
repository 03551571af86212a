package ai.dmt.prepare;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether tokenised samples are kept.
 *
 * @param cache where; empty for nowhere
 * @param notices takes a sentence where an entry is damaged and made again
 */
public record CacheUse(Optional<SampleCache> cache, Consumer<String> notices) {
  /** {@return a choice by which nothing is kept} */
  public static CacheUse none() {
    return new CacheUse(Optional.empty(), notice -> {});
  }
}
