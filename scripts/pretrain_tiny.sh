#!/usr/bin/env bash
# Makes the base model of the bundled world again: its tokenizer, then a LLaMA of a million parameters, pretrained
# with dmt on text of the world that holds no test problem.
#
# usage: scripts/pretrain_tiny.sh [OUTPUT]      default: target/tiny-base
#
# Needs: a Python with sentencepiece 0.2.2 as PYTHON (default: python3). Takes some minutes on two cores. Other kinds of
# machines give other last bits, so other weights than the shipped ones: docs/world.md has the hash of those.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

output=${1:-target/tiny-base}
documents=61000
"${PYTHON:-python3}" -c 'import sentencepiece' || { echo "pretrain_tiny: set PYTHON; see the head of this script" >&2; exit 2; }

mkdir -p "$output"
./dmt world --output "$output/text" --pretraining $documents
./dmt world --output "$output/world" --seed 2 --test-part development

rm -rf "$output/tokenizer" && mkdir "$output/tokenizer"
"${PYTHON:-python3}" scripts/train_world_tokenizer.py "$output/text/pretraining.jsonl" "$output/world" "$output/tokenizer"
# No tokenizer_config.json: transformers, which it is for, does not find the pieces of several words.

cat >"$output/config.json" <<'END'
{
  "vocab_size": 768,
  "hidden_size": 128,
  "intermediate_size": 352,
  "num_hidden_layers": 4,
  "num_attention_heads": 4,
  "max_position_embeddings": 512,
  "rms_norm_eps": 1e-5,
  "initializer_range": 0.02,
  "tie_word_embeddings": false
}
END
./dmt init --config "$output/config.json" --tokenizer "$output/tokenizer" --seed 1 --output "$output/fresh" --overwrite

cat >"$output/recipe.yaml" <<END
name: tiny-base
model: $output/fresh
output_dir: $output/model
sources:
  text: {role: general, format: text, files: [$output/text/pretraining.jsonl]}
strategy: {name: individual, source: text}
data: {template: plain, cutoff_len: 512, eval_fraction: 0.005}
training:
  num_train_epochs: 1
  global_train_batch_size: 15
  max_tokens_per_micro_batch: 2048
  learning_rate: 3e-3
  min_lr: 3e-4
  logging_steps: 100
  seed: 1
  data_seed: 1
engine: {save_dtype: bfloat16, adam_beta2: 0.95, weight_decay: 0.1, threads: 1}
END
./dmt train "$output/recipe.yaml" --overwrite
sha256sum "$output/model/model.safetensors" "$output/model/tokenizer.model"
