#!/usr/bin/env bash
# Runs our benchmarks and the peer's (transformers) in turn, A B A B ..., and prints medians and ratios.
#
# usage: scripts/compare_peer.sh [--lora] [--rounds N] [--steps N] [--out DIR]
#   --lora  times adapters instead: ours beside PEFT in a plain loop (scripts/peer_lora.py), and our LoRA step
#           beside our full step
#
# Needs: PEER_PYTHON   a Python with torch and transformers, for --lora with peft (default: python3)
#        PEER_SCRIPTS  folder of peer_speed.py and llama2c_to_hf.py (default: ../shared/peer)
#        DMT_SHARED    folder with data/gsm8k, data/tokenizer and data/weights (default: ../shared)
#        DMT           command to measure (default: ./dmt)
# Each run's JSON line stays in DIR (default: a new folder under target/).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kind=full rounds=5 steps=8 out=
while [[ $# -gt 0 ]]; do
  case $1 in
    --lora) kind=lora; shift ;;
    --rounds) rounds=$2; shift 2 ;;
    --steps) steps=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
python=${PEER_PYTHON:-python3}
peer=${PEER_SCRIPTS:-../shared/peer}
shared=${DMT_SHARED:-../shared}
dmt=${DMT:-./dmt}
gsm8k=$shared/data/gsm8k/train.jsonl
rows=() # of the table: label|runs|runs that they are compared with|field|target of the ratio

# demand <modules> <file...>: ends where the peer lacks one of them
demand() {
  local modules=$1 file
  shift
  for file; do
    [[ -r $file ]] || { echo "compare_peer: there is no $file; see the head of this script" >&2; exit 2; }
  done
  "$python" -c "import $modules" || { echo "compare_peer: set PEER_PYTHON" >&2; exit 2; }
}

# measure <name> <command...>: appends the command's JSON line to the name's file
measure() {
  local name=$1 line
  shift
  line=$("$@" 2>"$out/$name.err" | tail -n 1)
  [[ $line == {* ]] || { echo "compare_peer: $name printed no JSON line; see $out/$name.err" >&2; exit 1; }
  printf '%s\n' "$line" >>"$out/$name.jsonl"
  printf 'round %d of %d  %-22s %s\n' "$round" "$rounds" "$name" \
    "$(sed -E 's/.*("step_ms": ?[0-9.]+).*/\1/' <<<"$line")" >&2
}

# Training of all weights, and generation.
prepare_full() {
  local tokenizer=$shared/data/tokenizer/llama_tokenizer.model dtype
  demand "torch, transformers" "$peer/peer_speed.py" "$gsm8k" "$tokenizer"
  mkdir -p "$out/tokenizer"
  cp "$tokenizer" "$out/tokenizer/tokenizer.model"
  for dtype in float32 bfloat16; do
    rows+=("train $dtype, tokens/s|train-$dtype-ours|train-$dtype-peer|tokens_per_s|$(
      [[ $dtype == float32 ]] && echo '>= 1.0' || echo '>= 1.5, goal 2.3')")
    rows+=("train $dtype, peak RSS in MB|train-$dtype-ours|train-$dtype-peer|peak_rss_mb|<= 0.6")
  done
  rows+=("generate 16 prompts, tokens/s|generate-ours|generate-peer|tokens_per_s|>= 2.0")
  rows+=("generate 16 prompts, peak RSS in MB|generate-ours|generate-peer|peak_rss_mb|-")
  for dtype in float32 bfloat16; do
    rows+=("GSM8K $dtype, label tokens/s|gsm8k-$dtype-ours|gsm8k-$dtype-peer|label_tokens_per_s|>= 2.0")
  done
}

round_full() {
  local dtype conversations
  conversations=(--data "gsm8k=$gsm8k" --tokenizer "$out/tokenizer" --seq 512 --dump-tokens "$out/tokens.jsonl")
  for dtype in float32 bfloat16; do
    measure "train-$dtype-ours" "$dmt" bench train --preset tiny --batch 8 --seq 256 --steps "$steps" --dtype $dtype
    measure "train-$dtype-peer" "$python" "$peer/peer_speed.py" train --preset tiny --batch 8 --seq 256 \
      --steps "$steps" --dtype $dtype
  done
  measure generate-ours "$dmt" bench generate --preset tiny --batch 16 --steps 4
  measure generate-peer "$python" "$peer/peer_speed.py" generate --preset tiny --batch 16 --steps 4
  for dtype in float32 bfloat16; do
    measure "gsm8k-$dtype-ours" "$dmt" bench train --batch 8 --steps "$steps" --dtype $dtype "${conversations[@]}"
    measure "gsm8k-$dtype-peer" "$python" scripts/peer_padded.py "$out/tokens.jsonl" --dtype $dtype
  done
}

# Adapters of rank 8, alpha 16, beside all matrices of the blocks: GSM8K with real weights and with the tiny shape and
# LLaMA's tokenizer, and two shapes beside all weights.
prepare_lora() {
  local weights=$shared/data/weights/stories260K tokenizer=$shared/data/tokenizer/llama_tokenizer.model dtype preset name
  demand "torch, transformers, peft" "$peer/llama2c_to_hf.py" "$gsm8k" "$tokenizer" "$weights/stories260K.bin" \
    "$weights/tok512.model"
  mkdir -p "$out/tokenizer"
  cp "$tokenizer" "$out/tokenizer/tokenizer.model"
  "$python" "$peer/llama2c_to_hf.py" "$weights/stories260K.bin" "$weights/tok512.model" "$out/stories260K" \
    >"$out/stories260K.log" 2>&1 || { echo "compare_peer: see $out/stories260K.log" >&2; exit 1; }
  for dtype in float32 bfloat16; do
    for preset in 260K tiny; do
      name=lora-gsm8k-$preset-$dtype
      rows+=("GSM8K $preset $dtype, tokens/s|$name-ours|$name-peer|tokens_per_s|>= 2.0")
      rows+=("GSM8K $preset $dtype, peak RSS in MB|$name-ours|$name-peer|peak_rss_mb|<= 0.5")
    done
    for preset in tiny small; do
      name=lora-$preset-$dtype
      rows+=("$preset $dtype, ms of a step|$name-ours|$name-peer|step_ms|<= 0.5")
      rows+=("$preset $dtype, peak RSS in MB|$name-ours|$name-peer|peak_rss_mb|<= 0.5")
      rows+=("$preset $dtype, ms, beside our full step|$name-ours|full-$preset-$dtype-ours|step_ms|-")
      rows+=("$preset $dtype, MB, beside our full step|$name-ours|full-$preset-$dtype-ours|peak_rss_mb|-")
    done
  done
}

round_lora() {
  local dtype preset sizes model=$out/stories260K dump=$out/tokens.jsonl
  for dtype in float32 bfloat16; do
    measure "lora-gsm8k-260K-$dtype-ours" "$dmt" bench train --model "$model" --lora 8 --batch 8 --steps "$steps" \
      --dtype $dtype --data "gsm8k=$gsm8k" --tokenizer "$model" --seq 512 --dump-tokens "$dump"
    measure "lora-gsm8k-260K-$dtype-peer" "$python" scripts/peer_lora.py "$model" --tokens "$dump" --rank 8 --alpha 16 \
      --steps "$steps" --dtype $dtype
    measure "lora-gsm8k-tiny-$dtype-ours" "$dmt" bench train --preset tiny --lora 8 --batch 8 --steps "$steps" \
      --dtype $dtype --data "gsm8k=$gsm8k" --tokenizer "$out/tokenizer" --seq 512 --dump-tokens "$dump"
    measure "lora-gsm8k-tiny-$dtype-peer" "$python" scripts/peer_lora.py --preset tiny --tokens "$dump" --rank 8 \
      --alpha 16 --steps "$steps" --dtype $dtype
    for preset in tiny small; do
      sizes=(--preset $preset --batch "$([[ $preset == tiny ]] && echo 8 || echo 4)" --seq 256 --steps "$steps")
      measure "lora-$preset-$dtype-ours" "$dmt" bench train "${sizes[@]}" --dtype $dtype --lora 8
      measure "lora-$preset-$dtype-peer" "$python" scripts/peer_lora.py "${sizes[@]}" --dtype $dtype --rank 8 --alpha 16
      measure "full-$preset-$dtype-ours" "$dmt" bench train "${sizes[@]}" --dtype $dtype
    done
  done
}

out=${out:-target/compare-$(date +%Y%m%d-%H%M%S)}
mkdir -p "$out"
prepare_$kind
"$dmt" --version >&2
for ((round = 1; round <= rounds; round++)); do
  round_$kind
done

python3 - "$out" "${rows[@]}" <<'PYTHON'
import json, pathlib, statistics, sys
out = pathlib.Path(sys.argv[1])

def median(name, field):
    lines = (out / f"{name}.jsonl").read_text().splitlines()
    return statistics.median(json.loads(line)[field] for line in lines)

print(f"{'':42} {'ours':>10} {'other':>10} {'ratio':>7}  {'target':<17} verdict")
for row in sys.argv[2:]:
    label, runs, others, field, target = row.split("|")
    ours, other = median(runs, field), median(others, field)
    ratio = ours / other
    if target == "-":
        verdict = "-"
    else:
        limit = float(target.split()[1].rstrip(","))
        verdict = "ok" if (ratio <= limit if target.startswith("<=") else ratio >= limit) else "MISSED"
    print(f"{label:42} {ours:10,.1f} {other:10,.1f} {ratio:7.2f}  {target:<17} {verdict}")
print(f"runs in {out}")
PYTHON
