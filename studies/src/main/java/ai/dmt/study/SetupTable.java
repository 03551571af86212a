package ai.dmt.study;

import ai.dmt.evaluators.comparison.ProblemValues;
import ai.dmt.internal.text.Units;
import ai.dmt.report.Table;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was trained and how it was measured, for who wants to judge or repeat it. */
final class SetupTable {
  private static final int SHORT = 12; // letters of a digest that people compare
  private static final ObjectMapper JSON = new ObjectMapper();

  /** docs/world.md, Base models. */
  private static final String PRETRAINING =
      "each base model once over the same 61,000 synthetic documents (4.1 M tokens), 4,047 steps of"
          + " 15 documents, AdamW, cosine from 3e-3 to a tenth; no row and no problem of the study"
          + " is in them";

  private final StudyFolder folder;
  private final ResultView view;
  private final StudyItems items;
  private final JsonNode study; // missing where the folder has no definition
  private final List<List<String>> rows = new ArrayList<>();

  SetupTable(StudyFolder folder, ResultView view, StudyItems items) throws IOException {
    this.folder = folder;
    this.view = view;
    this.items = items;
    this.study =
        Files.exists(folder.study())
            ? new YAMLMapper().readTree(Files.readString(folder.study())).path("study")
            : MissingNode.getInstance();
  }

  /** Rows of what is known. */
  Table table() throws IOException {
    models();
    if (!study.isMissingNode()) {
      training(study.at("/recipe/training"), study.at("/recipe/engine"), study.at("/recipe/data"));
    }
    data();
    seeds();
    return new Table(List.of("what", "as it was"), rows);
  }

  private void add(String what, String value) {
    rows.add(List.of(what, value));
  }

  private void models() throws IOException {
    Map<String, JsonNode> models = new LinkedHashMap<>();
    view.sizeModels().forEach(each -> models.put(each.path("name").asText(), each));
    for (Map.Entry<String, JsonNode> model : models.entrySet()) {
      boolean own = model.getValue().path("parameters").equals(view.json().path("parameters"));
      add(
          "base model " + model.getKey() + (own ? ", of all questions but size" : ""),
          model(
              study.at("/sizes/models").path(model.getKey()).asText(),
              model.getValue().path("parameters").asLong(),
              model.getValue().path("base_model").asText()));
    }
    if (models.isEmpty()) {
      add(
          "base model",
          model(
              study.at("/recipe/model").asText(),
              view.json().path("parameters").asLong(),
              view.json().at("/versions/base_model").asText()));
    }
    if (view.isOfWorld()) {
      add("pretraining", PRETRAINING);
    }
  }

  private static String model(String path, long parameters, String digest) throws IOException {
    List<String> parts = new ArrayList<>();
    Path config = Path.of(path).resolve("config.json");
    if (!path.isEmpty() && Files.isRegularFile(config)) {
      JsonNode shape = JSON.readTree(Files.readString(config));
      parts.add(
          "%s, %s layers, hidden %s, feed-forward %s, %s heads, vocabulary %s"
              .formatted(
                  shape.at("/architectures/0").asText("LLaMA"),
                  shape.path("num_hidden_layers").asText(),
                  shape.path("hidden_size").asText(),
                  shape.path("intermediate_size").asText(),
                  shape.path("num_attention_heads").asText(),
                  shape.path("vocab_size").asText()));
    }
    if (parameters > 0) {
      parts.add(Units.count(parameters) + " parameters");
    }
    parts.add("SHA-256 " + digest.substring(0, Math.min(SHORT, digest.length())));
    return String.join("; ", parts);
  }

  private void training(JsonNode training, JsonNode engine, JsonNode data) {
    add(
        "optimiser",
        "AdamW, betas %s and %s, weight decay %s, gradients clipped at %s, %s"
            .formatted(
                engine.path("adam_beta1").asText(),
                engine.path("adam_beta2").asText(),
                engine.path("weight_decay").asText(),
                engine.path("max_grad_norm").asText(),
                engine.path("dtype").asText()));
    add(
        "learning rate",
        "%s, %s after a warm-up of %s; begins anew with each stage"
            .formatted(
                training.path("learning_rate").asText(),
                training.path("lr_scheduler_type").asText(),
                warmup(training)));
    add(
        "batches",
        "%s samples a step, %s epochs of each stage, at most %s tokens a sample, packing %s, template %s"
            .formatted(
                training.path("global_train_batch_size").asText(),
                training.path("num_train_epochs").asText(),
                data.path("cutoff_len").asText(),
                training.path("packing").asText(),
                data.path("template").asText()));
    List<String> decoding = new ArrayList<>();
    study
        .path("benchmarks")
        .properties()
        .forEach(
            each ->
                decoding.add(
                    "%s up to %s tokens"
                        .formatted(
                            each.getValue().path("source").asText(),
                            each.getValue().path("max_new_tokens").asText())));
    if (!decoding.isEmpty()) {
      add(
          "decoding",
          (view.isOfWorld() ? "greedy; " : "") + String.join(", ", decoding) + "; one answer each");
    }
  }

  private static String warmup(JsonNode training) {
    long steps = training.path("warmup_steps").asLong();
    return steps > 0
        ? steps + " steps"
        : Units.format(
            "%.0f %% of a stage's steps", 100 * training.path("warmup_ratio").asDouble());
  }

  private void data() {
    List<String> parts = new ArrayList<>();
    for (String source : view.sources()) {
      List<String> counts = new ArrayList<>();
      rowsOf(source).ifPresent(found -> counts.add(found + " rows for training"));
      view.metrics(source).stream()
          .filter(Metric::isLoss)
          .findFirst()
          .flatMap(this::asked)
          .ifPresent(found -> counts.add(found + " held out for losses"));
      view.metrics(source).stream()
          .filter(metric -> !metric.isLoss())
          .findFirst()
          .flatMap(this::asked)
          .ifPresent(found -> counts.add(found + " test problems"));
      if (!counts.isEmpty()) {
        parts.add("%s: %s".formatted(source, String.join(", ", counts)));
      }
    }
    if (!parts.isEmpty()) {
      add("data", String.join("; ", parts));
    }
  }

  /** Rows of a source when it is whole: the most that a run trained on in a stage. */
  private Optional<Long> rowsOf(String source) {
    long most = 0;
    for (JsonNode cell : view.json().path("cells")) {
      for (JsonNode stage : cell.path("stages")) {
        most = Math.max(most, stage.path("samples").path(source).asLong());
      }
    }
    return most == 0 ? Optional.empty() : Optional.of(most);
  }

  /** Problems, or held-out rows, of a measure; empty where they are not known one by one. */
  private Optional<Integer> asked(Metric metric) {
    for (JsonNode cell : view.json().path("cells")) {
      Optional<ProblemValues> known = items.of(cell, metric);
      if (known.isPresent()) {
        return Optional.of(known.get().ids().size());
      }
    }
    return Optional.empty();
  }

  private void seeds() {
    List<String> seeds = new ArrayList<>();
    view.json().path("seeds").forEach(seed -> seeds.add(seed.asText()));
    add(
        "seeds",
        String.join(", ", seeds)
            + "; a seed is the order of data and, of shares below 1, which rows; all runs of a seed"
            + " have both in common");
    add("runs", view.counts().text());
  }
}
