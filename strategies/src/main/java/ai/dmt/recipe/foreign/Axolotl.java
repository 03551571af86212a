package ai.dmt.recipe.foreign;

import ai.dmt.adapter.AdapterTarget;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads recipes of axolotl. */
final class Axolotl {
  /** What axolotl takes where its recipe says nothing; the length, too. */
  private static final TrainerKeys.Defaults DEFAULTS =
      new TrainerKeys.Defaults(2e-4, 1, 1, "cosine", 0.03, "none");

  /** Of LoraConfig, which axolotl leaves them to. */
  private static final Lora.Names ADAPTER =
      new Lora.Names(
          "lora_r",
          "lora_target_modules",
          "peft_use_rslora",
          8,
          1,
          0,
          List.of(AdapterTarget.Q_PROJ, AdapterTarget.V_PROJ));

  private static final long LENGTH = 512;

  /** Its names of what the Trainer calls otherwise. */
  private static final Map<String, String> RENAMED =
      Map.of(
          "num_epochs", "num_train_epochs",
          "micro_batch_size", "per_device_train_batch_size",
          "lr_scheduler", "lr_scheduler_type");

  private final Import job;
  private final Draft draft;
  private final Keys keys;

  Axolotl(Import job) {
    this.job = job;
    this.draft = job.draft();
    this.keys = job.keys();
  }

  void read() {
    keys.text("base_model").ifPresent(name -> job.model("base_model", name));
    draft.top("output_dir", keys.text("output_dir").orElse("./model-out"));
    keys.text("rl")
        .ifPresent(
            task -> {
              throw Import.otherTask("rl", task);
            });
    Optional<String> kind = keys.text("adapter");
    if (kind.filter(each -> each.matches("q?lora")).isPresent() && !job.options().full()) {
      adapter();
    } else {
      kind.ifPresent(each -> job.adapters("adapter", each));
    }
    for (String bits : List.of("load_in_8bit", "load_in_4bit", "gptq")) {
      if (keys.isTrue(bits)) {
        job.adapters(bits, "true");
      }
    }
    if (keys.has("unfrozen_parameters")) {
      job.adapters("unfrozen_parameters", "a list");
      keys.take("unfrozen_parameters");
    }
    template();
    sources();
    long length = keys.whole("sequence_len").orElse(LENGTH);
    draft.data("cutoff_len", length);
    String longer = keys.text("excess_length_strategy").orElse("drop");
    draft.data("overlong", longer.equals("truncate") ? "truncate" : "drop");
    keys.number("val_set_size")
        .filter(size -> size > 0)
        .ifPresent(
            size -> {
              if (size < 1) {
                draft.data("eval_fraction", size);
              } else {
                keys.tell(
                    "val_set_size", size.toString(), "data.eval_fraction is a share, not a number");
              }
            });
    heldOut();
    keys.take("sample_packing"); // of a step with the same samples the loss is the same
    new TrainerKeys(keys.renamed(RENAMED), draft, DEFAULTS).take(job.options().gpus(), length);
  }

  private void adapter() {
    Lora lora = new Lora(keys, draft, ADAPTER);
    lora.take(keys.isTrue("lora_target_linear"));
    boolean eight = keys.isTrue("load_in_8bit");
    lora.base(keys.isTrue("load_in_4bit") ? 4 : eight ? 8 : 0);
  }

  private void template() {
    Optional<String> name = keys.text("chat_template");
    if (name.isPresent() && name.get().equals("jinja")) {
      keys.tell("chat_template", "jinja", NoCounterpart.why("chat_template_jinja"));
    } else {
      name.ifPresent(each -> template("chat_template", each));
    }
  }

  private void template(String key, String name) {
    String plain = name.replaceFirst("^tokenizer_default_fallback_", "");
    job.template(key, plain.equals(name) ? name : "tokenizer_default");
  }

  private void sources() {
    JsonNode all = keys.take("datasets").orElse(job.root().arrayNode());
    int number = 0;
    for (JsonNode each : all) {
      Keys dataset = new Keys(each, "datasets[%s].".formatted(number++), job.unmapped());
      String path = dataset.text("path").orElse("");
      Map<String, Object> source = new LinkedHashMap<>();
      type(source, dataset);
      List<String> named = dataset.texts("data_files");
      List<String> files =
          named.isEmpty()
              ? job.dataFiles(dataset, "path", path)
              : named.stream()
                  .flatMap(file -> job.dataFiles(dataset, "data_files", file).stream())
                  .toList();
      source.put("files", files);
      dataset.take("ds_type"); // told by the file itself
      dataset
          .text("split")
          .filter(split -> !split.equals("train"))
          .ifPresent(split -> dataset.tell("split", split, "files are read whole"));
      draft.source(Import.sourceName(named.isEmpty() ? path : named.get(0)), source);
      dataset.tellRest();
    }
    if (!draft.hasData("template")) {
      job.template("chat_template", "tokenizer_default");
    }
  }

  private void type(Map<String, Object> source, Keys dataset) {
    JsonNode type = dataset.take("type").orElse(job.root().textNode("chat_template"));
    if (type instanceof ObjectNode own) {
      instructions(source, own, dataset);
      return;
    }
    String[] words = type.asText().split("[:.]", 2);
    switch (words[0]) {
      case "alpaca" -> {
        source.put("format", "alpaca");
        prompt(dataset, "type", "alpaca");
      }
      case "completion", "pretrain" -> {
        source.put("format", "text");
        DatasetInfo.fields(source, Map.of("text", dataset.text("field").orElse("text")));
        prompt(dataset, "type", "empty");
      }
      case "sharegpt" -> {
        source.put("format", "sharegpt");
        DatasetInfo.fields(
            source, Map.of("conversations", messages(dataset).orElse("conversations")));
        dataset.text("conversation").ifPresent(name -> prompt(dataset, "conversation", name));
      }
      case "chat_template" -> chat(source, dataset);
      default ->
          dataset.tell("type", type.asText(), "the format is told by the fields of the records");
    }
  }

  private static Optional<String> messages(Keys dataset) {
    return dataset.text("field_messages");
  }

  private void chat(Map<String, Object> source, Keys dataset) {
    JsonNode names = dataset.take("message_property_mappings").orElse(job.root().objectNode());
    String role = dataset.text("message_field_role").orElse(names.path("role").asText("role"));
    String content =
        dataset.text("message_field_content").orElse(names.path("content").asText("content"));
    source.put("format", "messages");
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("messages", messages(dataset).orElse("messages"));
    fields.put("role", role);
    fields.put("content", content);
    dataset.text("field_system").ifPresent(name -> fields.put("system", name));
    DatasetInfo.fields(source, fields);
    dataset.take("roles"); // the usual ones are known, and others are at fault
    List<String> trained = dataset.texts("roles_to_train");
    if (!trained.isEmpty()
        && !trained.equals(List.of("assistant"))
        && !trained.equals(List.of("gpt"))) {
      dataset.tell(
          "roles_to_train", String.join(",", trained), NoCounterpart.why("roles_to_train"));
    }
    dataset
        .text("train_on_eos")
        .filter(when -> !when.equals("turn"))
        .ifPresent(when -> dataset.tell("train_on_eos", when, NoCounterpart.why("train_on_eos")));
    dataset.text("chat_template").ifPresent(name -> prompt(dataset, "chat_template", name));
  }

  /** Instructions with fields and a prompt of their own. */
  private void instructions(Map<String, Object> source, ObjectNode own, Keys dataset) {
    Keys type = new Keys(own, "datasets.type.", job.unmapped());
    source.put("format", "alpaca");
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("instruction", type.text("field_instruction").orElse("instruction"));
    fields.put("input", type.text("field_input").orElse("input"));
    fields.put("output", type.text("field_output").orElse("output"));
    Optional<String> system = type.text("field_system");
    fields.put("system", system.orElse("system"));
    DatasetInfo.fields(source, fields);
    String template = system.isPresent() ? "vicuna_v1.1" : "alpaca"; // which has no system turn
    for (String key : List.of("format", "no_input_format", "system_format", "system_prompt")) {
      type.tell(
          key,
          "prompts are templates: %s is taken, or name a .jinja file as data.template"
              .formatted(template));
    }
    type.tellRest();
    prompt(dataset, "type", template);
  }

  /** One recipe has one template: the first. */
  private void prompt(Keys dataset, String key, String name) {
    if (draft.hasData("template")) {
      return;
    }
    template(key, name);
  }

  private void heldOut() {
    JsonNode tests = keys.take("test_datasets").orElse(job.root().arrayNode());
    if (tests.isEmpty()) {
      return;
    }
    if (draft.sourceNames().size() == 1 && tests.size() == 1) {
      String path = tests.get(0).path("path").asText();
      draft.heldOut(job.dataFiles(keys, "test_datasets", path));
    } else {
      keys.tell("test_datasets", Keys.shown(tests), "set held_out of each source to its files");
    }
  }
}
