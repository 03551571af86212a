package ai.dmt.recipe.foreign;

import ai.dmt.adapter.AdapterTarget;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads arguments of TRL's sft script, as {@code trl sft --config} takes them. */
final class Trl {
  /** What TRL takes where its arguments say nothing; the length, too. */
  private static final TrainerKeys.Defaults DEFAULTS =
      new TrainerKeys.Defaults(2e-5, 3, 8, "linear", 0, "full");

  private static final Lora.Names ADAPTER =
      new Lora.Names(
          "lora_r",
          "lora_target_modules",
          "use_rslora",
          16,
          2,
          0.05,
          List.of(AdapterTarget.Q_PROJ, AdapterTarget.V_PROJ)); // PEFT's for LLaMA

  private static final long LENGTH = 1024;

  private final Import job;
  private final Keys keys;
  private final Draft draft;

  Trl(Import job) {
    this.job = job;
    this.keys = job.keys();
    this.draft = job.draft();
  }

  void read() {
    keys.text("model_name_or_path").ifPresent(name -> job.model("model_name_or_path", name));
    keys.text("output_dir").ifPresent(folder -> draft.top("output_dir", folder));
    if (!job.options().full() && keys.isTrue("use_peft")) {
      Lora lora = new Lora(keys, draft, ADAPTER);
      lora.take(false);
      boolean eight = keys.isTrue("load_in_8bit");
      lora.base(keys.isTrue("load_in_4bit") ? 4 : eight ? 8 : 0);
    }
    for (String key : List.of("use_peft", "load_in_4bit", "load_in_8bit")) {
      if (keys.isTrue(key)) {
        job.adapters(key, "true");
      }
    }
    sources();
    long length = keys.whole("max_length").or(() -> keys.whole("max_seq_length")).orElse(LENGTH);
    draft.data("cutoff_len", length);
    if (!draft.hasData("template")) {
      draft.data("template", "chat_template");
    }
    if (!keys.isTrue("assistant_only_loss")) {
      keys.tell(
          "assistant_only_loss", "false", "loss is on answers alone, never on whole conversations");
    }
    keys.text("completion_only_loss")
        .filter(text -> text.equalsIgnoreCase("false"))
        .ifPresent(text -> keys.tell("completion_only_loss", text, "loss is on completions alone"));
    keys.take("packing"); // of a step with the same samples the loss is the same
    keys.take("packing_strategy");
    draft.engine("dtype", "bfloat16"); // TRL's default; fp32 is said by bf16: false
    if (keys.text("bf16").orElse("true").equalsIgnoreCase("false")) {
      draft.engine("dtype", "float32");
    }
    new TrainerKeys(keys, draft, DEFAULTS).take(job.options().gpus(), length);
  }

  private void sources() {
    boolean texts = keys.has("dataset_text_field");
    String field = keys.text("dataset_text_field").orElse("text");
    keys.text("dataset_name").ifPresent(name -> source(keys, "dataset_name", name, texts, field));
    JsonNode all = keys.take("datasets").orElse(job.root().arrayNode());
    int number = 0;
    for (JsonNode each : all) {
      Keys dataset = new Keys(each, "datasets[%s].".formatted(number++), job.unmapped());
      List<String> files = dataset.texts("data_files");
      dataset
          .text("path")
          .ifPresent(
              path ->
                  source(
                      dataset,
                      "path",
                      files.isEmpty() ? path : String.join(",", files),
                      texts,
                      field));
      dataset.tellRest();
    }
    if (texts) {
      draft.data("template", "plain");
    }
    for (String key : List.of("dataset_train_split", "dataset_test_split", "dataset_config")) {
      keys.tell(key, "files are read whole");
    }
  }

  private void source(Keys of, String key, String written, boolean texts, String field) {
    Map<String, Object> source = new LinkedHashMap<>();
    if (texts) {
      source.put("format", "text");
      DatasetInfo.fields(source, Map.of("text", field));
    }
    List<String> parts = List.of(written.split(","));
    source.put(
        "files", parts.stream().flatMap(part -> job.dataFiles(of, key, part).stream()).toList());
    draft.source(Import.sourceName(parts.get(0)), source);
  }
}
