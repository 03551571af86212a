package ai.dmt.provenance;

import ai.dmt.adapter.AdapterFolder;
import ai.dmt.config.ConfigException;
import ai.dmt.internal.files.FileOutput;
import ai.dmt.internal.files.GeneratedText;
import ai.dmt.internal.files.ModelFiles;
import ai.dmt.internal.text.Units;
import ai.dmt.recipe.RecipeReader;
import ai.dmt.recipe.RecipeWriter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code README.md} of a saved model: front matter in YAML that model hubs read, then for people
 * what it was made of. Written from its {@link Provenance}; a file that a person wrote or changed
 * stays.
 */
public final class ModelCard {
  private static final String FILE = ModelFiles.CARD;

  /**
   * Where hubs' clients keep what they have downloaded: models--ORGANISATION--NAME/snapshots/ID.
   */
  private static final Pattern HUB_CACHE =
      Pattern.compile(".*/models--([^/]+?)--([^/]+)/snapshots/[^/]+");

  private ModelCard() {}

  /**
   * Writes record and card of a model.
   *
   * @param folder of the model
   * @param record of it
   * @throws IOException if they cannot be written
   */
  public static void write(Path folder, Provenance record) throws IOException {
    record.write(folder);
    if (GeneratedText.mayReplace(folder.resolve(FILE))) {
      Path old = folder.resolve(FILE);
      Files.deleteIfExists(old); // it may be a hard link to another model's
      FileOutput.write(old, text(record, AdapterFolder.isAdapter(folder)));
    }
  }

  /**
   * Adds scores to the record and the card of a model that dmt saved. Does nothing for others.
   *
   * @param folder of the model
   * @param scores replace older ones of the same benchmarks
   * @return whether there was a record
   * @throws ConfigException if the record is damaged
   * @throws IOException if they cannot be written
   */
  public static boolean addScores(Path folder, List<CardScore> scores) throws IOException {
    Provenance record = Provenance.find(folder);
    if (record == null || record.stage().isEmpty()) {
      return false;
    }
    write(folder, record.withScores(scores));
    return true;
  }

  /** The whole file. @param adapter whether it is of an adapter, not of a whole model */
  private static String text(Provenance record, boolean adapter) {
    String base = baseName(record);
    JsonNode recipe = record.recipe();
    StringBuilder text = new StringBuilder();
    frontMatter(text, record, base, adapter);
    text.append("\n# %s\n\n".formatted(title(record)));
    if (!recipe.path("description").asText().isBlank()) {
      text.append(recipe.path("description").asText().strip()).append("\n\n");
    }
    text.append(
        "%s `%s` with dmt: strategy %s, as it was after stage `%s`. Prompted with the template `%s`.\n"
            .formatted(
                adapter ? "A LoRA adapter, trained beside" : "Fine-tuned from",
                base,
                recipe.at("/strategy/name").asText("of one stage"),
                record.stage(),
                templateName(recipe)));
    scores(text, record);
    data(text, record);
    made(text, record);
    recipe(text, recipe);
    return GeneratedText.seal(text.toString());
  }

  private static String title(Provenance record) {
    return record.recipe().path("name").asText("model") + ", stage " + record.stage();
  }

  private static String templateName(JsonNode recipe) {
    return fileName(recipe.at("/data/template").asText());
  }

  private static void frontMatter(
      StringBuilder text, Provenance record, String base, boolean adapter) {
    text.append("---\nlibrary_name: %s\n".formatted(adapter ? "peft" : "transformers"));
    text.append("pipeline_tag: text-generation\nbase_model: %s\n".formatted(quoted(base)));
    text.append("base_model_relation: %s\n".formatted(adapter ? "adapter" : "finetune"));
    text.append("tags:\n- llama\n- sft\n%s- dmt\n".formatted(adapter ? "- lora\n" : ""));
    if (!record.scores().isEmpty()) {
      text.append("model-index:\n- name: %s\n  results:\n".formatted(quoted(title(record))));
      byBenchmark(record)
          .forEach(
              (benchmark, scores) -> {
                text.append("  - task:\n      type: text-generation\n");
                text.append(
                    "    dataset:\n      name: %s\n      type: %s\n    metrics:\n"
                        .formatted(quoted(benchmark), quoted(identifier(benchmark))));
                for (CardScore score : scores) {
                  text.append(
                      "    - type: %s\n      name: %s\n      value: %s\n"
                          .formatted(
                              quoted(identifier(score.name())),
                              quoted(score.name()),
                              number(score.value())));
                }
              });
    }
    text.append("---\n");
  }

  private static Map<String, List<CardScore>> byBenchmark(Provenance record) {
    Map<String, List<CardScore>> all = new LinkedHashMap<>();
    record
        .scores()
        .forEach(each -> all.computeIfAbsent(each.benchmark(), key -> new ArrayList<>()).add(each));
    return all;
  }

  private static void scores(StringBuilder text, Provenance record) {
    if (record.scores().isEmpty()) {
      return;
    }
    text.append("\n## Scores\n\n| benchmark | score | value | 95 % | problems |\n");
    text.append("| --- | --- | --- | --- | --- |\n");
    for (CardScore score : record.scores()) {
      text.append(
          "| %s | %s | %s | %s | %s |\n"
              .formatted(
                  cell(score.benchmark()),
                  cell(score.name()),
                  number(score.value()),
                  score.low() == null
                      ? ""
                      : "%s to %s"
                          .formatted(
                              number(score.low()), number(Objects.requireNonNull(score.high()))),
                  score.total() == null ? "" : score.total().toString()));
    }
  }

  private static void data(StringBuilder text, Provenance record) {
    text.append(
        "\n## Data\n\nWhat the stages so far were trained on; loss is on label tokens.\n\n");
    text.append("| stage | source | samples | label tokens | share of the stage's |\n");
    text.append("| --- | --- | --- | --- | --- |\n");
    for (SourceShare share : record.shares()) {
      text.append(
          Units.format(
              "| %s | %s | %d | %d | %.2f %% |\n",
              cell(share.stage()),
              cell(share.source()),
              share.samples(),
              share.labelTokens(),
              100 * share.labelTokenShare()));
    }
  }

  private static void made(StringBuilder text, Provenance record) {
    text.append("\n## Made with\n\n");
    for (Map<String, String> made : record.made()) {
      List<String> parts = new ArrayList<>();
      made.forEach((name, value) -> parts.add("%s `%s`".formatted(name, value)));
      text.append("- ").append(String.join(", ", parts)).append('\n');
    }
    text.append(
        "\n`%s` has the hashes of data, base model, tokenizer and template; `dmt verify` compares them.\n"
            .formatted(Provenance.NAME));
  }

  /** Folders of the machine that it was made on are nobody's business. */
  private static void recipe(StringBuilder text, JsonNode settings) {
    if (!(settings.deepCopy() instanceof ObjectNode recipe) || !recipe.has("training")) {
      return;
    }
    recipe.put("model", fileName(recipe.path("model").asText()));
    recipe.put("output_dir", "");
    if (recipe.path("data") instanceof ObjectNode data) {
      data.remove("template"); // said above, and a file's would be looked for
    }
    for (JsonNode source : recipe.path("sources")) {
      names(source.path("files"));
      names(source.path("held_out"));
    }
    try {
      String yaml =
          RecipeWriter.yaml(RecipeReader.parse(recipe.toString(), Provenance.NAME, List.of()));
      text.append("\n## Recipe\n\n```yaml\n%s```\n".formatted(yaml));
    } catch (ConfigException e) { // of another version of dmt
      text.append("\n## Recipe\n\n```json\n%s\n```\n".formatted(recipe.toPrettyString()));
    }
  }

  private static void names(JsonNode files) {
    if (files instanceof ArrayNode list) {
      for (int i = 0; i < list.size(); i++) {
        list.set(i, list.textNode(fileName(list.get(i).asText())));
      }
    }
  }

  private static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** A hub's name where the folder tells it, else the folder's own. */
  private static String baseName(Provenance record) {
    ModelSums base = record.models().get(Provenance.BASE);
    String folder = base == null ? "" : base.folder();
    Matcher cached = HUB_CACHE.matcher(folder);
    String name = cached.matches() ? cached.group(1) + "/" + cached.group(2) : fileName(folder);
    return name.isEmpty() ? "model" : name;
  }

  private static String number(double value) {
    return Units.format("%.4f", value);
  }

  /** As hubs take types of data sets and metrics. */
  private static String identifier(String text) {
    return text.replaceAll("[^A-Za-z0-9_.@-]+", "-").replaceAll("^-|-$", "");
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ") + "\"";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
