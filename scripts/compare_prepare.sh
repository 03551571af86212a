#!/usr/bin/env bash
# Times `dmt prepare` and datasets.map on the same real files in turn, A B A B ..., and prints medians and ratios.
# Ours is the whole process with its start, reading and writing of the cache; the peer's is datasets.map alone.
#
# usage: scripts/compare_prepare.sh [--rounds N] [--out DIR] [--mixture DIR]
#   --mixture  take the files that scripts/generate_mixture.py wrote to DIR: enough for both to be warm
#
# Needs: PEER_PYTHON   a Python with datasets and transformers (default: python3)
#        DMT_SHARED    folder with data (default: ../shared)
#        DMT           command to measure (default: ./dmt)
# Each run's JSON line stays in DIR (default: a new folder under target/).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=5 out= mixture=
while [[ $# -gt 0 ]]; do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    --mixture) mixture=$2; shift 2 ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
python=${PEER_PYTHON:-python3}
data=${DMT_SHARED:-../shared}/data
dmt=${DMT:-./dmt}
math=("$data/gsm8k/train.jsonl")
code=("$data/codealpaca/code_alpaca_20k_python_subset.json" "$data/codealpaca/code_alpaca_2k.json")
general=("$data/general/sharegpt_v3_en_1k.jsonl" "$data/general/sharegpt_zh_1k.jsonl")
math_format=gsm8k
if [[ -n $mixture ]]; then
  math_format=rft math=("$mixture/math.jsonl") code=("$mixture/code.json") general=("$mixture/general.json")
fi
for file in "${math[@]}" "${code[@]}" "${general[@]}" "$data/tokenizer/llama_tokenizer.json"; do
  [[ -r $file ]] || { echo "compare_prepare: there is no $file; see the head of this script" >&2; exit 2; }
done
"$python" -c 'import datasets, transformers' 2>/dev/null || { echo "compare_prepare: set PEER_PYTHON" >&2; exit 2; }
out=${out:-target/compare-prepare-$(date +%Y%m%d-%H%M%S)}
mkdir -p "$out/json" "$out/model"
cp "$data/tokenizer/llama_tokenizer.json" "$out/json/tokenizer.json"
cp "$data/tokenizer/llama_tokenizer_config.json" "$out/json/tokenizer_config.json"
cp "$data/tokenizer/llama_tokenizer.model" "$out/model/tokenizer.model"
list() { local IFS=,; echo "[$*]"; }
cat >"$out/recipe.yaml" <<YAML
sources:
  math: {role: specialized, format: $math_format, files: $(list "${math[@]}")}
  code: {role: specialized, format: alpaca, files: $(list "${code[@]}")}
  general: {role: general, format: sharegpt, files: $(list "${general[@]}")}
data: {cutoff_len: 2048}
YAML

# ours <kind of tokenizer>: one JSON line with the seconds of the whole process
ours() {
  local began ended
  rm -rf "$out/cache"
  began=$(date +%s%N)
  "$dmt" prepare "$out/recipe.yaml" "model=$out/$1" --cache "$out/cache" --json "$out/audit.json" >"$out/ours.txt"
  ended=$(date +%s%N)
  python3 - "$out/audit.json" $((ended - began)) <<'PYTHON' >>"$out/ours-$1.jsonl"
import json, sys
sources, seconds = json.load(open(sys.argv[1]))["sources"], int(sys.argv[2]) * 1e-9
total = lambda field: sum(source[field]["sum"] for source in sources)
print(json.dumps(dict(samples=sum(s["samples"] for s in sources), tokens=total("tokens"),
                      label_tokens=total("label_tokens"), seconds=round(seconds, 3),
                      tokens_per_s=round(total("tokens") / seconds, 1))))
PYTHON
}

peer() {
  "$python" scripts/peer_prepare.py --tokenizer "$out/json/tokenizer.json" --masks "$1" --num-proc 2 \
    --math "${math[@]}" --code "${code[@]}" --general "${general[@]}" 2>"$out/peer.err" | tail -n 1 >>"$out/peer-$1.jsonl"
}

for ((round = 1; round <= rounds; round++)); do
  echo "round $round of $rounds" >&2
  ours json
  peer fastchat
  ours model
  peer offsets
done

python3 - "$out" <<'PYTHON'
import json, pathlib, statistics, sys
out = pathlib.Path(sys.argv[1])
rows = {name: [json.loads(line) for line in (out / f"{name}.jsonl").read_text().splitlines()]
        for name in ("ours-json", "ours-model", "peer-fastchat", "peer-offsets")}
median = {name: statistics.median(run["tokens_per_s"] for run in runs) for name, runs in rows.items()}
labels = {"ours-json": "dmt, tokenizer.json", "ours-model": "dmt, tokenizer.model",
          "peer-fastchat": "datasets.map, FastChat's masks", "peer-offsets": "datasets.map, masks from offsets"}
print(f"{'':34} {'samples':>8} {'tokens':>10} {'labels':>10} {'s':>7} {'tokens/s':>10} {'to dmt json':>11}")
for name, runs in rows.items():
    seconds = statistics.median(run["seconds"] for run in runs)
    print(f"{labels[name]:34} {runs[0]['samples']:8,} {runs[0]['tokens']:10,} {runs[0]['label_tokens']:10,} "
          f"{seconds:7.2f} {median[name]:10,.0f} {median[name] / median['ours-json']:11.2f}")
print(f"runs in {out}")
PYTHON
