#!/usr/bin/env bash
# Makes the base models of the bundled world again: their tokenizer, then for each size a LLaMA, pretrained with dmt on
# the same text of the world, which holds no test problem.
#
# usage: scripts/pretrain_tiny.sh [OUTPUT [SIZE...]]      default: target/tiny-base, and the sizes 0.3m 1m 2m
#
# Needs: a Python with sentencepiece 0.2.2 as PYTHON (default: python3). Takes 4 to 15 minutes for each size on one core. Other
# kinds of machines give other last bits, so other weights than the shipped ones: docs/world.md has the hashes of those.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

output=${1:-target/tiny-base}
sizes=("${@:2}")
((${#sizes[@]})) || sizes=(0.3m 1m 2m)
documents=61000

# shape SIZE: hidden size, feed-forward size and heads. Depth and the width of a head are the same in all.
shape() {
  case $1 in
    0.3m) echo 64 176 2 ;;
    1m) echo 128 352 4 ;;
    2m) echo 192 512 6 ;;
    *) echo "pretrain_tiny: there is no size $1, only 0.3m, 1m, 2m" >&2; exit 2 ;;
  esac
}

# pretrain SIZE: leaves $output/SIZE/model
pretrain() {
  local folder=$output/$1 hidden feed_forward heads
  read -r hidden feed_forward heads <<<"$(shape "$1")"
  mkdir -p "$folder"
  cat >"$folder/config.json" <<END
{
  "vocab_size": 768,
  "hidden_size": $hidden,
  "intermediate_size": $feed_forward,
  "num_hidden_layers": 4,
  "num_attention_heads": $heads,
  "max_position_embeddings": 512,
  "rms_norm_eps": 1e-5,
  "initializer_range": 0.02,
  "tie_word_embeddings": false
}
END
  ./dmt init --config "$folder/config.json" --tokenizer "$output/tokenizer" --seed 1 --output "$folder/fresh" --overwrite

  cat >"$folder/recipe.yaml" <<END
name: tiny-base
model: $folder/fresh
output_dir: $folder/model
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
  ./dmt train "$folder/recipe.yaml" --overwrite
}

"${PYTHON:-python3}" -c 'import sentencepiece' || { echo "pretrain_tiny: set PYTHON; see the head of this script" >&2; exit 2; }
for size in "${sizes[@]}"; do shape "$size" >/dev/null; done

mkdir -p "$output"
./dmt world --output "$output/text" --pretraining $documents
./dmt world --output "$output/world" --seed 2 --test-part development

rm -rf "$output/tokenizer" && mkdir "$output/tokenizer"
"${PYTHON:-python3}" scripts/train_world_tokenizer.py "$output/text/pretraining.jsonl" "$output/world" "$output/tokenizer"
# No tokenizer_config.json: transformers, which it is for, does not find the pieces of several words.

for size in "${sizes[@]}"; do pretrain "$size"; done
for size in "${sizes[@]}"; do (cd "$output/$size/model" && sha256sum config.json generation_config.json model.safetensors tokenizer.model); done
