package ai.dmt.strategies;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.text.NearestName;
import ai.dmt.recipe.Recipe;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The runs of the paper's tables as recipes: one template (paper.yaml) and what each run changes in
 * it. A preset can be planned without its data.
 *
 * <p>{@code SIZE} is 7b, 13b or 33b, as in the paper, or 1b (TinyLlama's 1.1 billion parameters) or
 * 65b, which are not in it; {@code K} is one of 1, 1_4, 1_16, 1_64, 1_256:
 *
 * <pre>
 *   SIZE-math SIZE-code SIZE-general     one source whole (main table)
 *   SIZE-multi-task SIZE-sequential SIZE-mixed-sequential
 *   SIZE-dmt-K, SIZE-dmt-0               k sweep of DMT
 *   SIZE-rq1-SOURCE-K                    one source at K
 *   SIZE-rq2-K                           all sources at K
 *   7b-rq3a-K 7b-rq3b-K 7b-rq3c-K        general whole or specialized whole or general at 1/64
 *   7b-filtered-K                        all sources at K, ShareGPT without code and mathematics
 * </pre>
 *
 * <p>{@code small-real-math small-real-multi-task small-real-sequential small-real-mixed-sequential
 * small-real-dmt-1_16} are the five strategies on real files and a tiny model (small-real.yaml).
 */
public final class Presets {
  /** Names of the models, by size. */
  private static final Map<String, String> MODELS = models();

  private static final List<String> SOURCES = List.of("math", "code", "general");
  private static final List<String> FRACTIONS = List.of("1", "1/4", "1/16", "1/64", "1/256");
  private static final String SEQUENTIAL =
      "strategy={name: sequential, order: [code, math, general]}";

  /**
   * Micro-batches of the companion paper's commands, where paper.yaml's 4 is not the size's; 65b as
   * 33b.
   */
  private static final Map<String, Integer> MICRO_BATCH = Map.of("13b", 1, "33b", 2, "65b", 2);

  private static final Map<String, List<String>> OVERRIDES = overrides();
  private static final String SMALL = "small-real";
  private static final String PAPER_TEMPLATE = template("paper.yaml");
  private static final String SMALL_TEMPLATE = template("small-real.yaml");

  private Presets() {}

  /** {@return names of all presets, in the order of the paper's sections within each size} */
  public static List<String> names() {
    return List.copyOf(OVERRIDES.keySet());
  }

  /**
   * {@return the recipe of a preset}
   *
   * @param name one of {@link #names()}
   * @param more overrides of the user, such as "model=my-llama"
   * @throws ConfigException if there is none of this name, or an override is at fault
   */
  public static Recipe recipe(String name, List<String> more) {
    if (!OVERRIDES.containsKey(name)) {
      throw new ConfigException(
          "there is no preset \"%s\"; did you mean %s?"
              .formatted(name, NearestName.of(name, OVERRIDES.keySet()).orElse("another")));
    }
    List<String> all = new ArrayList<>(OVERRIDES.get(name));
    all.addAll(more);
    String template = name.startsWith(SMALL + "-") ? SMALL_TEMPLATE : PAPER_TEMPLATE;
    return RecipeReader.parse(template, "preset " + name, all);
  }

  /**
   * {@return a preset as YAML, complete with defaults: what {@code dmt recipe cp} writes}
   *
   * @param name one of {@link #names()}
   * @throws ConfigException if there is none of this name
   */
  public static String yaml(String name) {
    return RecipeWriter.yaml(recipe(name, List.of()));
  }

  private static Map<String, String> models() {
    Map<String, String> models = new LinkedHashMap<>();
    models.put("1b", "tinyllama-1.1b");
    models.put("7b", "llama-7b");
    models.put("13b", "llama-13b");
    models.put("33b", "llama-30b"); // as Meta's files are called
    models.put("65b", "llama-65b");
    return models;
  }

  private static Map<String, List<String>> overrides() {
    Map<String, List<String>> presets = new LinkedHashMap<>();
    for (String size : MODELS.keySet()) {
      strategies(presets, size);
      for (String source : SOURCES) {
        for (String k : FRACTIONS) {
          add(
              presets,
              size,
              "rq1-" + source + "-" + word(k),
              source + " alone, " + k + " of it (RQ1)",
              individual(source),
              "sources.%s.fraction=%s".formatted(source, k));
        }
      }
      for (String k : FRACTIONS) {
        add(presets, size, "rq2-" + word(k), k + " of all sources (RQ2)", fractions(k, k));
      }
    }
    for (String k : FRACTIONS) {
      String word = word(k);
      add(
          presets,
          "7b",
          "rq3a-" + word,
          "general whole, " + k + " of the others (RQ3)",
          fractions(k, "1"));
      add(
          presets,
          "7b",
          "rq3b-" + word,
          "specialized whole, " + k + " of general (RQ3)",
          fractions("1", k));
      add(
          presets,
          "7b",
          "rq3c-" + word,
          "1/64 of general, " + k + " of the others (RQ3)",
          fractions(k, "1/64"));
      List<String> filtered = new ArrayList<>(List.of(fractions(k, k)));
      filtered.add("sources.general.samples=63000");
      filtered.add("sources.general.prepare.exclude=[code, math]");
      add(
          presets,
          "7b",
          "filtered-" + word,
          k
              + " of all sources, ShareGPT without code and mathematics (sec. 4.2; about 63,000"
              + " rows)",
          filtered.toArray(String[]::new));
    }
    small(presets);
    return presets;
  }

  private static void small(Map<String, List<String>> presets) {
    Map<String, String> strategies = new LinkedHashMap<>();
    strategies.put("math", individual("math"));
    strategies.put("multi-task", "strategy.name=multi-task");
    strategies.put("sequential", SEQUENTIAL);
    strategies.put("mixed-sequential", "strategy.name=mixed-sequential");
    strategies.put("dmt-1_16", "strategy={name: dmt, k: 1/16}");
    strategies.forEach(
        (strategy, override) -> {
          String name = SMALL + "-" + strategy;
          presets.put(
              name,
              List.of(
                  "name=" + name,
                  "description=\"260 K parameters on real files: %s\"".formatted(strategy),
                  "output_dir=runs/" + name,
                  override));
        });
  }

  private static void strategies(Map<String, List<String>> presets, String size) {
    for (String source : SOURCES) {
      add(presets, size, source, source + " alone (main table)", individual(source));
    }
    add(presets, size, "multi-task", "all sources at once (main table)");
    add(
        presets,
        size,
        "sequential",
        "code, math, general, one after another (main table)",
        SEQUENTIAL);
    add(
        presets,
        size,
        "mixed-sequential",
        "code and math, then general (main table)",
        "strategy.name=mixed-sequential");
    for (String k : List.of("0", "1/256", "1/64", "1/16", "1/4", "1")) {
      add(
          presets,
          size,
          "dmt-" + word(k),
          "code and math, then general and " + k + " of code and math (main table, k sweep)",
          "strategy={name: dmt, k: %s}".formatted(k));
    }
  }

  private static void add(
      Map<String, List<String>> presets,
      String size,
      String name,
      String description,
      String... overrides) {
    String full = size + "-" + name;
    List<String> all = new ArrayList<>();
    all.add("name=" + full);
    all.add("description=\"LLaMA %s: %s\"".formatted(size, description));
    all.add("model=" + MODELS.get(size));
    all.add("output_dir=runs/" + full);
    if (MICRO_BATCH.containsKey(size)) {
      all.add("training.per_device_train_batch_size=" + MICRO_BATCH.get(size));
    }
    all.addAll(List.of(overrides));
    presets.put(full, all);
  }

  private static String individual(String source) {
    return "strategy={name: individual, source: %s}".formatted(source);
  }

  private static String[] fractions(String specialized, String general) {
    return new String[] {
      "sources.code.fraction=" + specialized,
      "sources.math.fraction=" + specialized,
      "sources.general.fraction=" + general
    };
  }

  private static String word(String k) {
    return k.replace('/', '_');
  }

  private static String template(String name) {
    try (InputStream in = Presets.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " is part of this jar", e);
    }
  }
}
