package ai.dmt.recipe.foreign;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Why settings of other programs have no counterpart, by patterns of their names. */
final class NoCounterpart {
  private static final Map<Pattern, String> WHY = new LinkedHashMap<>();

  static {
    put(
        "lora_.*|loraplus.*|peft.*|additional_target|use_dora|use_rslora|pissa.*|adapter.*|oft_.*|qlora.*|relora.*",
        "adapters are plain LoRA, beside whole matrices; see section adapter");
    put(
        "quantization.*|load_in_.*bit|bnb_.*|double_quantization|gptq|qat|use_bnb.*",
        "weights are quantised as int8 or nf4 where an adapter is trained, see adapter.base_weights");
    put(
        "freeze_.*|unfrozen_parameters|use_galore|galore_.*|use_apollo|apollo_.*|use_badam|badam_.*|use_muon|use_adam_mini|lisa_.*",
        "AdamW trains all weights");
    put(
        "pref_.*|dpo_.*|kto_.*|ppo_.*|rl_.*|simpo.*|orpo.*|beta|ref_model.*|reward_.*|trl",
        "only supervised fine-tuning is done");
    put(
        "deepspeed|fsdp.*|ddp_.*|tensor_parallel.*|context_parallel.*|sequence_parallel.*|dp_.*|accelerator_config|local_rank|device_map|max_memory|num_gpus|use_ray|ray_.*",
        "ranks are started by dmt launch; engine.sharding cuts weights, gradients and states");
    put(
        "flash_attn.*|flash_attention|xformers_attention|sdp_attention|s2_attention|attn_implementation|eager_attention|enable_liger_kernel|use_liger.*|liger_.*|use_unsloth.*|unsloth_.*|torch_compile.*|plugins|cut_cross_entropy|use_kernels|.*_kernel|sample_packing_.*|pad_to_sequence_len|pad_to_multiple_of|batch_flattening|group_by_length|length_column_name|eval_sample_packing|padding_free|train_sampling_strategy",
        "the engine has its own kernels, and never pads: without effect on what is learnt");
    put(
        "run_name|wandb_.*|mlflow_.*|use_wandb|use_tensorboard|use_comet|comet_.*|swanlab_.*|use_swanlab|logging_dir|logging_strategy|logging_first_step|plot_loss|include_num_input_tokens_seen|include_tokens_per_second|project|trackio_.*",
        "metrics.jsonl and TensorBoard's files in the output have every step");
    put(
        "push_to_hub.*|hub_.*|hf_.*|use_auth_token|push_dataset_to_hub|export_.*|ms_hub_token|om_hub_token|use_modelers_hub",
        "nothing is uploaded");
    put(
        "trust_remote_code|model_revision|revision.*|cache_dir|use_fast_tokenizer|tokenizer_.*|model_type|model_config_type|.*_derived_model|low_cpu_mem_usage|infer_.*|torch_dtype|dtype|model_max_length|is_llama.*|strict|split_special_tokens|use_cache",
        "a folder of LLaMA's architecture is read, with its own tokenizer");
    put(
        "overwrite_cache|overwrite_output_dir|preprocessing_.*|dataloader_.*|dataset_prepared_path|dataset_processes|dataset_num_proc|dataset_keep_in_memory|tokenized_path|data_shared_file_system|buffer_size|streaming|remove_unused_columns|do_.*|save_safetensors|save_only_model|disable_tqdm|log_level.*|dataset_kwargs|skip_prepare_dataset|dataset_batch_size",
        "without effect here: dmt train has options of its own, see dmt train --help");
    put(
        "resume_from_checkpoint|auto_resume_from_checkpoints",
        "dmt train --resume auto goes on from the newest checkpoint");
    put("tf32|bf16_full_eval|fp16_full_eval", "the engine chooses");
    put("fp16|float16", "float16 is not computed in; bfloat16 and float32 are");
    put(
        "train_on_prompt|train_on_inputs|mask_history|train_on_eos|train_on_eot|assistant_only_loss|completion_only_loss|roles_to_train|message_field_training.*",
        "loss is on every answer and its end, and on nothing else, as the template marks them");
    put(
        "interleave_probs|mix_strategy|shuffle_merged_datasets|curriculum_sampling",
        "sources are mixed whole and shuffled; sources.NAME.fraction and custom stages set shares");
    put(
        "special_tokens|tokens|added_tokens.*|add_tokens|add_special_tokens|new_special_tokens.*|resize_.*|resize_vocab|eos_token|pad_token|eot_tokens|shrink_embeddings|embeddings_.*",
        "tokenizer and vocabulary stay as they are");
    put(
        "neftune.*|noise_.*|label_smoothing.*|use_dft_loss|loss_type|loss_.*|early_stopping.*|rope_scaling|moe_.*|mixture_of_depths|shift_attn|router_.*|z_loss.*|use_eaft.*|max_entropy.*",
        "not there: the loss is plain cross-entropy over label tokens");
    put(
        "eval_.*|evaluation_strategy|per_device_eval_batch_size|evals_per_epoch|predict_.*|metric_for_best_model|greater_is_better|load_best_model_at_end|compute_accuracy|do_bench_eval|do_causal_lm_eval|test_datasets",
        "held-out loss is measured before, after, and each training.eval_steps");
    put("save_strategy|saves_per_epoch|save_.*", "checkpoints come each training.save_steps steps");
    put("optim.*|adafactor", "AdamW is the one optimizer");
    put("lr_.*|cosine_.*|learning_rate_.*|embedding_lr.*", "this part of the course cannot be set");
    put(
        "media_dir|image_.*|video_.*|audio_.*|.*vision.*|freeze_multi_modal.*|tools?|tool_format|enable_thinking|reasoning_effort",
        "conversations are text");
    put(
        "chat_template_jinja|default_system|default_system_message|system_prompt",
        "write it into a .jinja file and name that as data.template");
  }

  private NoCounterpart() {}

  private static void put(String names, String why) {
    WHY.put(Pattern.compile(names), why);
  }

  static String why(String key) {
    return WHY.entrySet().stream()
        .filter(each -> each.getKey().matcher(key).matches())
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("not known here");
  }
}
