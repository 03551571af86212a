#!/usr/bin/env bash
# Runs our benchmarks and the peer's (transformers) in turn, A B A B ..., and prints medians and ratios.
#
# usage: scripts/compare_peer.sh [--rounds N] [--steps N] [--out DIR]
#
# Needs: PEER_PYTHON   a Python with torch and transformers (default: python3)
#        PEER_SCRIPTS  folder of peer_speed.py (default: ../shared/peer)
#        DMT_SHARED    folder with data/gsm8k and data/tokenizer (default: ../shared)
#        DMT           command to measure (default: ./dmt)
# Each run's JSON line stays in DIR (default: a new folder under target/).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=5 steps=8 out=
while [[ $# -gt 0 ]]; do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    --steps) steps=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
python=${PEER_PYTHON:-python3}
peer=${PEER_SCRIPTS:-../shared/peer}
shared=${DMT_SHARED:-../shared}
dmt=${DMT:-./dmt}
gsm8k=$shared/data/gsm8k/train.jsonl
tokenizer=$shared/data/tokenizer/llama_tokenizer.model
for file in "$peer/peer_speed.py" "$gsm8k" "$tokenizer"; do
  [[ -r $file ]] || { echo "compare_peer: there is no $file; see the head of this script" >&2; exit 2; }
done
"$python" -c 'import torch, transformers' || { echo "compare_peer: set PEER_PYTHON" >&2; exit 2; }
out=${out:-target/compare-$(date +%Y%m%d-%H%M%S)}
mkdir -p "$out/tokenizer"
cp "$tokenizer" "$out/tokenizer/tokenizer.model"

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

conversations=(--data "gsm8k=$gsm8k" --tokenizer "$out/tokenizer" --seq 512 --dump-tokens "$out/tokens.jsonl")
"$dmt" --version >&2
for ((round = 1; round <= rounds; round++)); do
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
done

python3 - "$out" <<'PYTHON'
import json, pathlib, statistics, sys
out = pathlib.Path(sys.argv[1])

def median(name, field):
    lines = (out / f"{name}.jsonl").read_text().splitlines()
    return statistics.median(json.loads(line)[field] for line in lines)

rows = [  # label, runs, field, target, whether less is better
    ("train float32, tokens/s", "train-float32", "tokens_per_s", ">= 1.0", False),
    ("train float32, peak RSS in MB", "train-float32", "peak_rss_mb", "<= 0.6", True),
    ("train bfloat16, tokens/s", "train-bfloat16", "tokens_per_s", ">= 1.5, goal 2.3", False),
    ("train bfloat16, peak RSS in MB", "train-bfloat16", "peak_rss_mb", "<= 0.6", True),
    ("generate 16 prompts, tokens/s", "generate", "tokens_per_s", ">= 2.0", False),
    ("generate 16 prompts, peak RSS in MB", "generate", "peak_rss_mb", "-", True),
    ("GSM8K float32, label tokens/s", "gsm8k-float32", "label_tokens_per_s", ">= 2.0", False),
    ("GSM8K bfloat16, label tokens/s", "gsm8k-bfloat16", "label_tokens_per_s", ">= 2.0", False),
]
print(f"{'':38} {'ours':>10} {'peer':>10} {'ratio':>7}  {'target':<17} verdict")
for label, runs, field, target, less in rows:
    ours, peer = median(f"{runs}-ours", field), median(f"{runs}-peer", field)
    ratio = ours / peer
    if target == "-":
        verdict = "-"
    else:
        limit = float(target.split()[1].rstrip(","))
        verdict = "ok" if (ratio <= limit if less else ratio >= limit) else "MISSED"
    print(f"{label:38} {ours:10,.1f} {peer:10,.1f} {ratio:7.2f}  {target:<17} {verdict}")
print(f"runs in {out}")
PYTHON
