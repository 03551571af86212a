package ai.dmt.recipe.foreign;

import ai.dmt.adapter.AdapterTarget;
import java.util.List;
import java.util.Optional;

/** Reads recipes of LLaMA-Factory. */
final class LlamaFactory {
  /** What LLaMA-Factory takes where its recipe says nothing; the cutoff, too. */
  private static final TrainerKeys.Defaults DEFAULTS =
      new TrainerKeys.Defaults(5e-5, 3, 8, "linear", 0, "full");

  private static final Lora.Names ADAPTER =
      new Lora.Names("lora_rank", "lora_target", "use_rslora", 8, 2, 0, AdapterTarget.ALL_LINEAR);

  private static final long CUTOFF = 2048;

  private final Import job;
  private final Keys keys;
  private final Draft draft;

  LlamaFactory(Import job) {
    this.job = job;
    this.keys = job.keys();
    this.draft = job.draft();
  }

  void read() {
    keys.text("model_name_or_path").ifPresent(name -> job.model("model_name_or_path", name));
    keys.text("output_dir").ifPresent(folder -> draft.top("output_dir", folder));
    String stage = keys.text("stage").orElse("sft");
    if (!stage.equals("sft") && !stage.equals("pt")) {
      throw Import.otherTask("stage", stage);
    }
    String type = keys.text("finetuning_type").orElse("lora"); // which is LLaMA-Factory's default
    if (type.equals("lora") && !job.options().full()) {
      adapter();
    } else if (!type.equals("full")) {
      job.adapters("finetuning_type", type);
    }
    if (keys.has("quantization_bit")) {
      job.adapters("quantization_bit", keys.text("quantization_bit").orElseThrow());
    }
    boolean texts = stage.equals("pt");
    sources(texts);
    long cutoff = keys.whole("cutoff_len").orElse(CUTOFF);
    draft.data("cutoff_len", cutoff);
    Optional<String> template = keys.text("template");
    if (texts) {
      draft.data("template", "plain");
    } else {
      job.template("template", template.orElse("tokenizer_default"));
    }
    keys.take("do_train");
    heldOut();
    packing();
    new TrainerKeys(keys, draft, DEFAULTS).take(job.options().gpus(), cutoff);
  }

  private void adapter() {
    Lora lora = new Lora(keys, draft, ADAPTER);
    lora.take(false);
    String method = keys.text("quantization_method").orElse("bnb");
    long bits = keys.whole("quantization_bit").orElse(0L);
    boolean known = List.of(0L, 4L, 8L).contains(bits) && method.matches("bnb|bitsandbytes");
    if (known) {
      lora.base((int) bits);
    } else {
      job.adapters("quantization_bit", "%s (%s)".formatted(bits, method));
    }
  }

  private void sources(boolean texts) {
    String folder = keys.text("dataset_dir").orElse("data");
    DatasetInfo info = new DatasetInfo(job, folder, texts);
    Optional<Long> most = keys.whole("max_samples");
    for (String name : keys.texts("dataset")) {
      draft.source(name, info.source(name, most));
    }
  }

  private void heldOut() {
    keys.number("val_size")
        .filter(size -> size > 0)
        .ifPresent(
            size -> {
              if (size < 1) {
                draft.data("eval_fraction", size);
              } else {
                keys.tell(
                    "val_size", size.toString(), "data.eval_fraction is a share, not a number");
              }
            });
    List<String> evaluated = keys.texts("eval_dataset");
    if (!evaluated.isEmpty()) {
      keys.tell(
          "eval_dataset",
          String.join(",", evaluated),
          "set held_out of a source to its files, or dmt evaluate --held-out NAME=FILE");
    }
  }

  /** Samples of a row never see each other here. */
  private void packing() {
    boolean packing = keys.isTrue("packing");
    boolean neat = keys.isTrue("neat_packing");
    if (packing && !neat) {
      keys.tell("packing", "true", "packed samples do not see each other, as with neat_packing");
    }
  }
}
