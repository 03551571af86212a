package ai.dmt.recipe;

import ai.dmt.config.ConfigException;
import ai.dmt.internal.storage.StoragePlace;
import ai.dmt.internal.text.NearestName;
import ai.dmt.internal.text.Printable;
import ai.dmt.train.Corpus;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A recipe of sources and single settings, as {@code dmt train --data} takes them: all sources at
 * once in one stage. A setting is a key of a recipe's data, training or engine without its section;
 * faults are reported as those of a recipe.
 */
public final class RecipeSettings {
  /** For peers' users: another name of a setting. */
  private static final String SEQUENCE_LENGTH = "sequence_length";

  private static final String CUTOFF_LEN = "cutoff_len";

  /** For peers' users: true stands for dtype=bfloat16. */
  private static final String BF16 = "bf16";

  private static final String DTYPE = "dtype";
  private static final String MAX_SAMPLES = "max_samples";
  private static final String MICRO_BATCH = "max_tokens_per_micro_batch";

  /** Held out of each source; a recipe holds nothing out unless it says so. */
  private static final String EVAL_FRACTION = "0.02";

  /** One stage has no use for them. */
  private static final Set<String> OF_STAGES =
      Set.of("lr_policy", "optimizer_state", "data_seed", "mixture_tolerance");

  /** Such runs are short, and watched. */
  private static final String LOGGING_STEPS = "1";

  private static final Map<String, String> SECTIONS = sections();

  private RecipeSettings() {}

  /** {@return the names of all settings} */
  public static List<String> names() {
    List<String> names = new ArrayList<>(SECTIONS.keySet());
    names.addAll(List.of(MAX_SAMPLES, SEQUENCE_LENGTH, BF16));
    return names;
  }

  /** {@return what each setting is, under its own name, with the default that it has here} */
  public static List<KeyInfo> keys() {
    List<KeyInfo> keys = new ArrayList<>();
    Map<String, KeyInfo> all = new LinkedHashMap<>();
    RecipeKeys.all().forEach(each -> all.put(each.key(), each));
    SECTIONS.forEach(
        (name, section) -> {
          KeyInfo key = Objects.requireNonNull(all.get(section + "." + name), name);
          keys.add(
              new KeyInfo(
                  name,
                  key.description() + (ofModel(name) ? "; by default the model's limit" : ""),
                  key.type(),
                  standard(key, name),
                  key.range()));
        });
    KeyInfo samples = Objects.requireNonNull(all.get("sources.NAME." + MAX_SAMPLES));
    keys.add(
        new KeyInfo(
            MAX_SAMPLES,
            "Most samples that are read of each source, the first ones; 0 for all",
            samples.type(),
            "0",
            samples.range()));
    keys.add(
        new KeyInfo(
            SEQUENCE_LENGTH, "Another name of " + CUTOFF_LEN, "a whole number", null, null));
    keys.add(new KeyInfo(BF16, "true for dtype=bfloat16", "true or false", "false", null));
    return keys;
  }

  private static boolean ofModel(String name) {
    return name.equals(CUTOFF_LEN) || name.equals(MICRO_BATCH);
  }

  private static @Nullable String standard(KeyInfo key, String name) {
    return switch (name) {
      case CUTOFF_LEN, MICRO_BATCH -> null; // where the model ends, see recipe()
      case "eval_fraction" -> EVAL_FRACTION;
      case "logging_steps" -> LOGGING_STEPS;
      case "save_dtype" -> "dtype";
      default -> key.standard();
    };
  }

  /**
   * Makes a recipe. What is not set has a recipe's defaults, but 2 % of each source is held out,
   * samples are cut where the model ends, and each step is printed.
   *
   * @param model folder to start from
   * @param positions longest sequence of the model in tokens
   * @param sources files by name of the source
   * @param output folder to write to
   * @param settings texts by name
   * @return the recipe, complete with defaults
   * @throws ConfigException with every fault
   */
  public static Recipe recipe(
      Path model,
      int positions,
      Map<String, List<Path>> sources,
      Path output,
      Map<String, String> settings) {
    List<String> faults = new ArrayList<>();
    Map<String, String> texts = withoutAliases(settings, faults);
    if (!texts.getOrDefault("warmup_steps", "0").equals("0")) {
      texts.putIfAbsent("warmup_ratio", "0"); // one of the two; the default is of this one
    }
    YamlNode samples = node(MAX_SAMPLES, texts.getOrDefault(MAX_SAMPLES, "0"));
    texts.remove(MAX_SAMPLES);
    LinkedHashMap<String, YamlNode> root = new LinkedHashMap<>();
    root.put("model", text(model.toString()));
    root.put("output_dir", text(StoragePlace.text(output)));
    root.put("sources", sources(sources, samples));
    for (String section : List.of("data", "training", "engine")) {
      root.put(section, fields(new LinkedHashMap<>()));
    }
    put(root, CUTOFF_LEN, Integer.toString(positions));
    put(root, "eval_fraction", EVAL_FRACTION);
    put(root, "logging_steps", LOGGING_STEPS);
    texts.forEach(
        (name, value) -> {
          if (SECTIONS.containsKey(name)) {
            put(root, name, value);
          } else {
            faults.add(unknown(name, value));
          }
        });
    if (!texts.containsKey(MICRO_BATCH)) {
      put(
          root,
          MICRO_BATCH,
          widest(texts.get(CUTOFF_LEN), positions, DataRecipe.defaults().cutoffLen()));
    }
    @Nullable Recipe recipe =
        new RecordBinder(faults)
            .bind(Recipe.class, TemplatePath.resolve(fields(root), RecipeReader.WORKING_FOLDER));
    if (recipe == null || !faults.isEmpty()) {
      throw ConfigException.ofLines(faults);
    }
    return recipe;
  }

  /** Sections by key of what is in them. */
  private static Map<String, String> sections() {
    Map<String, String> sections = new LinkedHashMap<>();
    for (RecordComponent section : Recipe.class.getRecordComponents()) {
      if (List.of(DataRecipe.class, TrainingRecipe.class, EngineRecipe.class)
          .contains(section.getType())) {
        for (RecordComponent each : section.getType().getRecordComponents()) {
          sections.put(RecipeNames.key(each.getName()), RecipeNames.key(section.getName()));
        }
      }
    }
    sections.keySet().removeAll(OF_STAGES);
    return sections;
  }

  private static Map<String, String> withoutAliases(
      Map<String, String> settings, List<String> faults) {
    Map<String, String> texts = new LinkedHashMap<>(settings);
    String length = texts.remove(SEQUENCE_LENGTH);
    if (length != null && texts.containsKey(CUTOFF_LEN)) {
      faults.add(
          "%s=%s and %s=%s exclude each other: they are the same setting"
              .formatted(SEQUENCE_LENGTH, length, CUTOFF_LEN, texts.get(CUTOFF_LEN)));
    } else if (length != null) {
      texts.put(CUTOFF_LEN, length);
    }
    String bf16 = texts.remove(BF16);
    if (bf16 != null && !List.of("true", "false").contains(bf16)) {
      faults.add("%s must be true or false, got \"%s\"".formatted(BF16, Printable.value(bf16)));
    } else if ("true".equals(bf16)) {
      String asked = texts.putIfAbsent(DTYPE, "bfloat16");
      if (asked != null && !asked.equals("bfloat16")) {
        faults.add("%s=true and %s=%s exclude each other".formatted(BF16, DTYPE, asked));
      }
    }
    return texts;
  }

  /** Tokens of a micro-batch: a sample of full length must fit. */
  private static String widest(@Nullable String length, int positions, int usual) {
    if (length != null && !length.matches("\\d{1,9}")) {
      return Integer.toString(usual); // the length itself is the fault
    }
    int longest = length == null ? positions : Integer.parseInt(length);
    return Integer.toString(Math.max(longest, usual));
  }

  private static YamlNode sources(Map<String, List<Path>> sources, YamlNode samples) {
    LinkedHashMap<String, YamlNode> named = new LinkedHashMap<>();
    sources.forEach(
        (name, files) -> {
          LinkedHashMap<String, YamlNode> source = new LinkedHashMap<>();
          source.put("role", text(RecipeNames.word(Corpus.Role.SPECIALIZED)));
          source.put(
              "files",
              new YamlNode.Items(
                  "files", files.stream().map(file -> text(file.toString())).toList()));
          source.put(MAX_SAMPLES, samples);
          named.put(name, fields(source));
        });
    return fields(named);
  }

  private static void put(Map<String, YamlNode> root, String name, String value) {
    String section = Objects.requireNonNull(SECTIONS.get(name), name);
    YamlNode fields = Objects.requireNonNull(root.get(section), section);
    ((YamlNode.Fields) fields).fields().put(name, node(name, value));
  }

  private static YamlNode node(String name, String value) {
    String place = "%s=%s".formatted(name, Printable.value(value));
    return YamlTree.readValue(value, place);
  }

  private static YamlNode text(String value) {
    return new YamlNode.Scalar("settings", value, YamlNode.Kind.STRING);
  }

  private static YamlNode.Fields fields(LinkedHashMap<String, YamlNode> fields) {
    return new YamlNode.Fields("settings", fields);
  }

  private static String unknown(String name, String value) {
    String word = "%s=%s".formatted(Printable.value(name), Printable.value(value));
    if (OF_STAGES.contains(name)) {
      return word + " is for a recipe of several stages; this run has one";
    }
    String last = name.substring(name.lastIndexOf('.') + 1);
    if (!names().contains(last) && RecipeKeys.isKey(name)) {
      return word + " is for a recipe in a file; dmt init-recipe writes one";
    }
    return "%s is no setting; did you mean %s?"
        .formatted(word, NearestName.of(name, names()).orElseThrow());
  }
}
