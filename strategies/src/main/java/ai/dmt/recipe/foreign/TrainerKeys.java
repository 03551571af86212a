package ai.dmt.recipe.foreign;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Settings that LLaMA-Factory, TRL and axolotl have from Hugging Face's Trainer, under its names.
 */
final class TrainerKeys {
  /** What a program takes where its recipe says nothing. */
  record Defaults(
      double learningRate,
      double epochs,
      long deviceBatch,
      String scheduler,
      double warmupRatio,
      String recompute) {}

  private final Keys keys;
  private final Draft draft;
  private final Defaults defaults;

  TrainerKeys(Keys keys, Draft draft, Defaults defaults) {
    this.keys = keys;
    this.draft = draft;
    this.defaults = defaults;
  }

  /**
   * Takes all of them.
   *
   * @param gpus that the recipe runs on
   * @param cutoff longest sample in tokens
   */
  void take(long gpus, long cutoff) {
    epochs();
    batch(gpus, cutoff);
    double rate = keys.number("learning_rate").orElse(defaults.learningRate());
    draft.training("learning_rate", rate);
    scheduler(rate);
    checkpoints();
    keys.whole("logging_steps")
        .filter(n -> n > 0)
        .ifPresent(n -> draft.training("logging_steps", n));
    reports();
    keys.whole("seed").ifPresent(n -> draft.training("seed", n));
    keys.whole("data_seed").ifPresent(n -> draft.training("data_seed", n));
    types();
    optimizer();
    recompute();
    sharding();
  }

  /** Of all that a program may report to, TensorBoard alone is there; its files are the default. */
  private void reports() {
    List<String> asked = keys.texts("report_to");
    if (asked.isEmpty() || asked.contains("all")) {
      return;
    }
    draft.training("report_to", asked.contains("tensorboard") ? "tensorboard" : "none");
    asked.stream()
        .filter(name -> !List.of("tensorboard", "none").contains(name))
        .forEach(
            name ->
                keys.tell(
                    "report_to", name, "TensorBoard's event files and metrics.jsonl are written"));
  }

  private void epochs() {
    double epochs = keys.number("num_train_epochs").orElse(defaults.epochs());
    long whole = (long) Math.ceil(epochs);
    if (whole != epochs) {
      keys.tell(
          "num_train_epochs",
          Double.toString(epochs),
          "epochs are whole here: rounded up to %s, set training.max_steps".formatted(whole));
    }
    draft.training("num_train_epochs", Math.max(1, whole));
    keys.whole("max_steps").filter(n -> n > 0).ifPresent(n -> draft.training("max_steps", n));
  }

  private void batch(long gpus, long cutoff) {
    long device = keys.whole("per_device_train_batch_size").orElse(defaults.deviceBatch());
    long accumulation = keys.whole("gradient_accumulation_steps").orElse(1L);
    draft.training("global_train_batch_size", device * accumulation * gpus);
    boolean open = keys.isTrue("auto_find_batch_size");
    draft.training("max_tokens_per_micro_batch", open ? "auto" : device * cutoff);
    draft.remark(
        "A step has %s samples: %s of a device, %s times, on %s of them (--gpus)."
            .formatted(device * accumulation * gpus, device, accumulation, gpus));
  }

  private void scheduler(double rate) {
    String name = keys.text("lr_scheduler_type").orElse(defaults.scheduler());
    Optional<Double> minimum = minimum(rate);
    String ours =
        switch (name) {
          case "linear", "cosine", "constant", "constant_with_warmup" -> name;
          case "cosine_with_min_lr" -> "cosine";
          default -> {
            keys.tell("lr_scheduler_type", name, "there is none of this shape: cosine is taken");
            yield "cosine";
          }
        };
    draft.training("lr_scheduler_type", ours);
    minimum.ifPresent(value -> draft.training("min_lr", rounded(value)));
    Optional<Double> ratio = keys.number("warmup_ratio");
    Optional<Double> steps = keys.number("warmup_steps").filter(n -> n > 0);
    if (ours.equals("constant")) {
      draft.training("warmup_ratio", 0);
    } else if (steps.isPresent() && steps.get() >= 1) {
      draft.training("warmup_ratio", 0);
      draft.training("warmup_steps", steps.get().longValue());
    } else { // newer versions take a share as warmup_steps
      draft.training("warmup_ratio", steps.orElse(ratio.orElse(defaults.warmupRatio())));
    }
  }

  /** As the Trainer's lr_scheduler_kwargs state it, or axolotl's cosine_min_lr_ratio. */
  private Optional<Double> minimum(double rate) {
    Optional<Double> ratio = keys.number("cosine_min_lr_ratio").map(share -> share * rate);
    return keys.take("lr_scheduler_kwargs")
        .map(
            given -> {
              if (given.has("min_lr")) {
                return given.path("min_lr").asDouble();
              }
              if (given.has("min_lr_rate")) {
                return given.path("min_lr_rate").asDouble() * rate;
              }
              keys.tell("lr_scheduler_kwargs", Keys.shown(given), "these cannot be set");
              return null;
            })
        .or(() -> ratio);
  }

  /** Without the last digits of a product. */
  private static double rounded(double value) {
    return new BigDecimal(value).round(new MathContext(12)).doubleValue();
  }

  private void checkpoints() {
    Optional<String> strategy = keys.text("save_strategy");
    if (strategy.isPresent() && strategy.get().equals("no")) {
      draft.training("save_steps", 0);
      keys.tell("save_steps", "nothing is saved while save_strategy is no");
    } else {
      strategy
          .filter(name -> !name.equals("steps"))
          .ifPresent(name -> keys.tell("save_strategy", name, NoCounterpart.why("save_strategy")));
      keys.number("save_steps")
          .ifPresent(
              n -> {
                if (n >= 1) {
                  draft.training("save_steps", n.longValue());
                } else {
                  keys.tell("save_steps", n.toString(), "a share of all steps cannot be said");
                }
              });
    }
    keys.whole("save_total_limit")
        .filter(n -> n > 0)
        .ifPresent(n -> draft.training("save_total_limit", n));
    String when = keys.text("eval_strategy").or(() -> keys.text("evaluation_strategy")).orElse("");
    Optional<Double> steps = keys.number("eval_steps");
    if (steps.isPresent() && steps.get() >= 1 && !when.equals("no")) {
      draft.training("eval_steps", steps.get().longValue());
    } else {
      steps.ifPresent(n -> keys.tell("eval_steps", n.toString(), NoCounterpart.why("eval_steps")));
    }
  }

  private void types() {
    boolean pure = keys.isTrue("pure_bf16") | keys.isTrue("bfloat16");
    String bf16 = keys.text("bf16").orElse(pure ? "true" : "false").toLowerCase(Locale.ROOT);
    boolean half = keys.isTrue("fp16") | keys.isTrue("float16");
    if (half) {
      keys.tell("fp16", "true", NoCounterpart.why("fp16") + ": bfloat16 is taken");
    }
    if (half || pure || List.of("true", "auto", "full").contains(bf16)) {
      draft.engine("dtype", "bfloat16");
    }
    if (pure) {
      draft.engine("optimizer_states", "bfloat16");
    }
  }

  private void optimizer() {
    for (String key : List.of("adam_beta1", "adam_beta2", "adam_epsilon", "weight_decay")) {
      keys.number(key).ifPresent(value -> draft.engine(key, value));
    }
    draft.engine("max_grad_norm", keys.number("max_grad_norm").orElse(1.0));
    for (String key : List.of("optim", "optimizer")) {
      keys.text(key)
          .filter(name -> !name.matches("adamw_(torch|torch_fused|hf|apex_fused)"))
          .ifPresent(
              name ->
                  keys.tell(
                      key,
                      name,
                      name.matches("(paged_)?adamw.*8bit.*")
                          ? "AdamW with states in float32 is taken;"
                              + " engine.optimizer_states=bfloat16 is the small one"
                          : "AdamW is the one optimizer: it is taken"));
    }
  }

  private void recompute() {
    Optional<String> given = keys.text("gradient_checkpointing");
    keys.take("gradient_checkpointing_kwargs");
    boolean disabled = keys.isTrue("disable_gradient_checkpointing");
    String ours =
        disabled
            ? "none"
            : given
                .map(text -> text.equalsIgnoreCase("false") ? "none" : "full")
                .orElse(defaults.recompute());
    draft.engine("recompute", ours);
  }

  /** Stages of ZeRO by the usual names of their files, and FSDP. */
  private void sharding() {
    keys.text("deepspeed")
        .ifPresent(
            file -> {
              String name = file.substring(file.lastIndexOf('/') + 1);
              String ours =
                  name.matches(".*(z|zero)_?[-_]?3.*")
                      ? "full"
                      : name.matches(".*(z|zero)_?[-_]?[12].*")
                          ? "grad_op"
                          : name.matches(".*(z|zero)_?[-_]?0.*") ? "none" : "";
              if (ours.isEmpty()) {
                keys.tell(
                    "deepspeed", file, "its stage is not told by the name: set engine.sharding");
              } else {
                draft.engine("sharding", ours);
              }
              if (name.contains("offload")) {
                keys.tell("deepspeed", file, "states are not kept in the host's memory");
              }
            });
    if (keys.has("fsdp") || keys.has("fsdp_config")) {
      draft.engine("sharding", "full");
      keys.take("fsdp");
      keys.tell("fsdp_config", "engine.sharding full is taken; dmt launch starts the ranks");
    }
  }
}
