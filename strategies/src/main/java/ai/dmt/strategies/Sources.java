package ai.dmt.strategies;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import ai.dmt.train.Corpus;
import ai.dmt.train.Mixture;
import java.util.List;
import java.util.Locale;

/** What strategies ask of a corpus. */
final class Sources {
  private Sources() {}

  static Corpus.Entry named(Corpus corpus, String name) {
    return corpus.sources().stream()
        .filter(source -> source.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "there is no source \"%s\"; did you mean %s?"
                        .formatted(name, NearestName.of(name, corpus.names()).orElse("another"))));
  }

  /** At least one source of a role. */
  static List<Corpus.Entry> of(Corpus corpus, Corpus.Role role, String strategy) {
    List<Corpus.Entry> found = corpus.of(role);
    if (found.isEmpty()) {
      String word = role.name().toLowerCase(Locale.ROOT);
      throw new ConfigException(
          "strategy %s needs a %s source; the corpus has %s without that role"
              .formatted(strategy, word, corpus.names()));
    }
    return found;
  }

  static Mixture all(List<Corpus.Entry> sources) {
    return Mixture.of(sources.stream().map(Corpus.Entry::portion).toList());
  }
}
