package ai.dmt.study;

import ai.dmt.data.Topic;
import ai.dmt.internal.text.Faults;
import ai.dmt.prepare.CacheUse;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import ai.dmt.recipe.SourceRecipe;
import ai.dmt.run.PreparedSources;
import ai.dmt.train.Corpus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Mixtures whose general sources are without some topics (arXiv 2310.05492, section 4.2): what
 * {@link StudyQuestion#FILTERED} asks.
 *
 * @param amounts shares of all sources, in (0, 1]
 * @param exclude topics that are left out of the general sources, beside those that the recipe
 *     leaves out
 * @param samples what is left of a general source, by its name, to plan without its data
 */
public record FilteredRecipe(
    List<Double> amounts, List<Topic> exclude, Map<String, Integer> samples) {
  /**
   * Checks ranges; copies lists and map.
   *
   * @param amounts shares of all sources, in (0, 1]; at least one
   * @param exclude topics that are left out of the general sources; at least one
   * @param samples what is left of a general source, by its name; above 0
   */
  public FilteredRecipe {
    amounts = amounts == null ? List.of() : List.copyOf(amounts);
    exclude = exclude == null ? List.of() : List.copyOf(exclude);
    samples =
        samples == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(samples));
    Faults faults =
        new Faults("filtered")
            .require(!amounts.isEmpty(), "amounts must name at least one share")
            .require(!exclude.isEmpty(), "exclude must name at least one topic");
    StudyDefinition.checkShares(faults, "amounts", amounts);
    samples.forEach((name, count) -> faults.positive("samples." + name, count));
    faults.throwIfAny();
  }

  /**
   * {@return what is used where a study says nothing, by component: neither code nor mathematics;
   * the amounts must be said}
   */
  public static Map<String, Object> defaults() {
    return Map.of("exclude", List.of(Topic.values()), "samples", Map.of());
  }

  /** Adds what does not fit a study's recipe. */
  void check(Faults faults, Recipe recipe) {
    List<String> general =
        recipe.sources().entrySet().stream()
            .filter(source -> source.getValue().role() == Corpus.Role.GENERAL)
            .map(Map.Entry::getKey)
            .toList();
    faults.require(!general.isEmpty(), "filtered: the recipe has no general source");
    for (String name : samples.keySet()) {
      faults.require(
          general.contains(name),
          "filtered.samples.%s: the general sources are %s".formatted(name, general));
    }
  }

  /** What a recipe changes for it. */
  List<String> changes(Recipe recipe) {
    List<String> changes = new ArrayList<>();
    for (Map.Entry<String, SourceRecipe> source : recipe.sources().entrySet()) {
      String name = source.getKey();
      if (source.getValue().role() == Corpus.Role.GENERAL) {
        Set<Topic> topics = new TreeSet<>(source.getValue().prepare().exclude());
        topics.addAll(exclude);
        changes.add(
            topics.stream()
                .map(topic -> topic.name().toLowerCase(Locale.ROOT))
                .collect(
                    Collectors.joining(", ", "sources.%s.prepare.exclude=[".formatted(name), "]")));
        if (samples.containsKey(name)) {
          changes.add("sources.%s.samples=%s".formatted(name, samples.get(name)));
        }
      }
    }
    return changes;
  }

  /** A recipe whose general sources are without the topics. */
  Recipe applied(Recipe recipe) {
    return RecipeReader.parse(RecipeWriter.yaml(recipe), "filtered", changes(recipe));
  }

  /** What nodes of these sources differ in from those of the whole ones. */
  String identity() {
    return "without %s by rules %s".formatted(new TreeSet<>(exclude), Topic.RULES);
  }

  /**
   * Reads the sources without the topics. What is held out is the same, so that losses compare.
   *
   * @param recipe of the study
   * @param whole the sources with all topics; what is returned is closed with it
   */
  PreparedSources read(Recipe recipe, PreparedSources whole, CacheUse cache) {
    try (PreparedSources filtered = PreparedSources.of(applied(recipe), cache)) {
      return new PreparedSources(
          whole.model(), whole.template(), whole.tokenizer(), filtered.sources());
    }
  }
}
