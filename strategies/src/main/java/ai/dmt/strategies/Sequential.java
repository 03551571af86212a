package ai.dmt.strategies;

import ai.dmt.config.ConfigException;
import ai.dmt.train.Corpus;
import ai.dmt.train.Mixture;
import ai.dmt.train.Schedule;
import ai.dmt.train.Stage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * One source after another (arXiv 2310.05492, section 3.5: code, math, general).
 *
 * @param order names of all sources; empty for the corpus's order, specialized ones first
 */
public record Sequential(List<String> order) implements MixingStrategy {
  /**
   * Copies the list.
   *
   * @param order names of all sources; empty for the corpus's order, specialized ones first
   */
  public Sequential {
    order = order == null ? List.of() : List.copyOf(order);
    if (new HashSet<>(order).size() != order.size()) {
      throw new ConfigException("order must name each source once, got " + order);
    }
  }

  @Override
  public Schedule plan(Corpus corpus, PlanSettings settings) {
    List<Corpus.Entry> sources = new ArrayList<>();
    if (order.isEmpty()) {
      sources.addAll(corpus.of(Corpus.Role.SPECIALIZED));
      sources.addAll(corpus.of(Corpus.Role.GENERAL));
    } else {
      order.forEach(name -> sources.add(Sources.named(corpus, name)));
    }
    if (sources.size() != corpus.sources().size()) {
      throw new ConfigException(
          "order %s must name all sources %s".formatted(order, corpus.names()));
    }
    return settings.schedule(
        sources.stream()
            .map(
                source ->
                    new Stage(
                        source.name(), Mixture.of(List.of(source.portion())), settings.stage()))
            .toArray(Stage[]::new));
  }
}
