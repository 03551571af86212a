#!/usr/bin/env bash
# Checks everything that needs a GPU, on a machine that has one, and prints one table.
#
# usage: scripts/gpu-check.sh [--out DIR] [--python PYTHON] [--peer FILE] [--jobs N] [--repeats N]
#                             [--rounds N] [--part tests|speed|all]
#
#   --out DIR        build, logs and results go there (default: a new folder under target/)
#   --python PYTHON  a Python with PyTorch 2.11 to 2.14, which native/ is built against (default: python3)
#   --peer FILE      peer_speed.py (default: ../shared/peer/peer_speed.py)
#   --jobs N         parallel compilations (default: one per core)
#   --repeats N      timed runs of every kernel (default: 30)
#   --rounds N       runs of our training step and the peer's, in turn (default: 3)
#   --part PART      tests: kernels, engine and sanitizers; speed: kernels, then bandwidth, training and decoding;
#                    all (default). With the same --out the second one builds nothing: for a machine that is lent
#                    for ten minutes at a time
#
# Needs nvcc 12.8 or newer, g++ 12 or newer, CMake, Ninja, GoogleTest and nlohmann_json; the last two may lie in
# a folder that CMAKE_PREFIX_PATH names. A check whose tool or input is missing is skipped, and the table says
# which. Exit code: 0 all checks that ran hold, 1 one failed or no test ran on a GPU, 2 wrong usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,19s/^# \{0,1\}//p' scripts/gpu-check.sh; }
wrong() { echo "gpu-check: $*; see scripts/gpu-check.sh --help" >&2; exit 2; }

out='' python=python3 peer=../shared/peer/peer_speed.py jobs=$(nproc) repeats=30 rounds=3 part=all
while [[ $# -gt 0 ]]; do
  case $1 in
    --help) usage; exit 0 ;;
    --out | --python | --peer | --jobs | --repeats | --rounds | --part)
      [[ $# -ge 2 ]] || wrong "$1 needs a value"
      declare "${1#--}=$2"
      shift 2 ;;
    *) wrong "unknown option $1" ;;
  esac
done
[[ $jobs =~ ^[1-9][0-9]*$ ]] || wrong "--jobs $jobs must be a number above 0"
[[ $repeats =~ ^[1-9][0-9]*$ ]] || wrong "--repeats $repeats must be a number above 0"
[[ $rounds =~ ^[1-9][0-9]*$ ]] || wrong "--rounds $rounds must be a number above 0"
[[ $part =~ ^(tests|speed|all)$ ]] || wrong "--part $part must be tests, speed or all"
out=${out:-target/gpu-check-$(date +%Y%m%d-%H%M%S)}
mkdir -p "$out"
out=$(cd "$out" && pwd)
build=$out/build
rows=() failed=0 tested=0

row() { rows+=("$(printf '%-38s %-8s %s' "$1" "$2" "$3")"); }
skip() { row "$1" skipped "$2"; }

# check <name> <log> <command...>: runs it, and keeps its output in the log
check() {
  local name=$1 log=$out/$2 start=$SECONDS
  shift 2
  echo "gpu-check: $name ..." >&2
  if "$@" >"$log" 2>&1; then
    row "$name" ok "$((SECONDS - start)) s"
  else
    row "$name" FAILED "see $log"
    failed=1
    return 1
  fi
}

torch_root() { "$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2>"$out/torch.log"; }

configure_and_build() {
  cmake -S native -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTORCH_ROOT="$torch" -DDMT_CUDA=ON &&
    cmake --build "$build" --parallel "$jobs" --target dmt_tests dmt_bench cuda_kernel_tests cuda_kernel_bench
}

# gtest <program> <arguments...>: fails if a test failed or none ran
gtest() {
  "$@" | tee "$out/gtest.out" || return 1
  grep -q '\[  PASSED  \] [1-9]' "$out/gtest.out"
}

# The kernels' tests; without a device they are skipped, which counts as a failure here.
device_tests() {
  gtest "$build/cuda_kernel_tests" || return 1
  ! grep -q 'no CUDA device' "$out/gtest.out" || { echo "nvidia-smi finds a GPU, the CUDA runtime none"; return 1; }
}

# Engine tests on the GPU, golden cases among them where ../shared has them.
engine_tests() { ctest --test-dir "$build" -R '^gpu-path$' --output-on-failure --no-tests=error; }

ours() {
  "$build/dmt_bench" "$@" --device cuda --dtype bfloat16 --optimizer-states bfloat16 --gradients bfloat16
}
theirs() { "$python" "$peer" "$@" --device cuda --dtype bfloat16; }

# speed <name> <log> <arguments of both>: ours and the peer's in turn; JSON lines with "who" in speed.jsonl
speed() {
  local name=$1 log=$2 round
  shift 2
  for ((round = 1; round <= rounds; round++)); do
    check "$name, ours, round $round" "$log-ours.json" ours "$@" || return 0
    tagged "$name" ours "$log-ours.json"
    [[ -r $peer ]] || continue
    check "$name, peer, round $round" "$log-peer.json" theirs "$@" || continue
    tagged "$name" peer "$log-peer.json"
    [[ $1 == train ]] || continue
    check "$name, peer compiled, round $round" "$log-compiled.json" theirs "$@" --compile || continue
    tagged "$name" "peer --compile" "$log-compiled.json"
  done
}

# alone <name> <log> <arguments of ours>: ours once, where there is nothing of the peer's to compare with
alone() {
  local name=$1 log=$2
  shift 2
  check "$name" "$log.json" ours "$@" || return 1
  tagged "$name" ours "$log.json"
}

# tagged <name> <who> <log>: adds the log's JSON line to speed.jsonl
tagged() {
  local line
  line=$(grep '^{' "$out/$3" | tail -n 1)
  printf '%s, %s: %s\n' "$1" "$2" "$line" # also for a run that is cut short
  printf '{"what": "%s", "who": "%s", "run": %s}\n' "$1" "$2" "$line" >>"$out/speed.jsonl"
}

test_all() {
  check "engine tests on the GPU" engine.log engine_tests || true
  if ! command -v compute-sanitizer >/dev/null; then
    skip compute-sanitizer "not installed"
    return
  fi
  local tool
  for tool in memcheck racecheck; do
    check "compute-sanitizer $tool" "$tool.log" \
      compute-sanitizer --tool "$tool" --error-exitcode 9 "$build/cuda_kernel_tests" --gtest_filter='Cuda*-CudaErrors*' || true
  done
}

measure_all() {
  check "kernel bandwidth" kernels.json "$build/cuda_kernel_bench" --repeats "$repeats" || true
  rm -f "$out/speed.jsonl"
  [[ -r $peer ]] || skip "the peer's speed" "there is no $peer"
  speed "training, 7b-8l, 4 x 2048" train train --preset 7b-8l --batch 4 --seq 2048
  local level
  for level in none cheap full; do
    alone "training, 7b, 2 x 2048, recompute $level" "train-7b-$level" \
      train --preset 7b --batch 2 --seq 2048 --recompute "$level" || true
  done
  alone "rank 0 of 8, 33b, 2 x 2048, recompute full" train-33b \
    train --preset 33b --simulate-world 8 --batch 2 --seq 2048 --recompute full --steps 4 || true
  rounds=1 # a 7b model takes half a minute to be made
  speed "decoding, 7b, batch 1" decode-1 generate --preset 7b --batch 1 --prompt 64 --new 128 --steps 2
  speed "decoding, 7b, batch 128" decode-128 generate --preset 7b --batch 128 --prompt 64 --new 128 --steps 2
}

device=none
if command -v nvidia-smi >/dev/null; then
  device=$(nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null) ||
    device=none
fi
device=${device%%$'\n'*} # the first
[[ -n $device ]] || device=none

if ! torch=$(torch_root); then
  skip build "$python has no torch; give --python"
elif ! command -v nvcc >/dev/null && [[ ! -x ${CUDA_HOME:-/usr/local/cuda}/bin/nvcc ]]; then
  skip build "no nvcc; set CUDA_HOME"
elif check build build.log configure_and_build; then
  check "kernel arithmetic on the CPU" host.log \
    gtest "$build/dmt_tests" --gtest_filter='Cuda*:EmbeddingRuns*:StochasticRounding*:Split*:RandomBits*:AdamWBf16*' || true
  if [[ $device == none ]]; then
    skip "kernels on the GPU" "no GPU: nvidia-smi is missing or finds none"
  else
    ! check "kernels on the GPU" device.log device_tests || tested=1
  fi
fi
if [[ $tested -eq 0 ]]; then
  for name in "engine tests on the GPU" compute-sanitizer "kernel bandwidth" "speed beside the peer's"; do
    skip "$name" "no test ran on a GPU"
  done
else
  [[ $part == speed ]] || test_all
  [[ $part == tests ]] || measure_all
fi
skip "a fine-tuning by the Java half" "run ./dmt train ... device=cuda where there is a JDK"

echo "device: $device"
echo "commit: $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
printf '%s\n' "${rows[@]}"
if grep -qs '"kernels"' "$out/kernels.json"; then
  python3 - "$out/kernels.json" <<'PYTHON' || true
import json, sys
result = json.load(open(sys.argv[1]))
print(f"{'kernel, bfloat16 data':46} {'us':>9} {'GB/s':>7} {'copy':>7} {'share':>6}")
for k in result["kernels"]:
    print(f"{k['kernel']:46} {k['us']:9,.1f} {k['gb_per_s']:7,.0f} {k['copy_gb_per_s']:7,.0f} {k['share_of_copy']:6.2f}")
PYTHON
fi
if [[ -s $out/speed.jsonl ]]; then
  python3 - "$out/speed.jsonl" <<'PYTHON' || true
import json, statistics, sys
runs = {}
for line in open(sys.argv[1]):
    entry = json.loads(line)
    runs.setdefault((entry["what"], entry["who"]), []).append(entry["run"])
def median(found, field):
    return statistics.median(run.get(field) or 0 for run in found)

print(f"{'medians of the rounds':56} {'tokens/s':>10} {'mfu':>7} {'GPU MB':>8} {'account':>8}")
for (what, who), found in runs.items():
    memory, account = (max(run.get(f) or 0 for run in found) for f in ("peak_gpu_mb", "accounted_gpu_mb"))
    print(f"{what + ', ' + who:56} {median(found, 'tokens_per_s'):10,.0f} {median(found, 'mfu_989'):7.3f} "
          f"{memory:8,} {account:8,}")
parts = ("products", "attention", "element_wise", "loss", "optimizer", "communication", "other")
print(f"{'ms of a step':56} " + " ".join(f"{part[:9]:>9}" for part in parts))
for (what, who), found in runs.items():
    if "breakdown_ms" in found[0]:
        print(f"{what:56} " + " ".join(
            f"{statistics.median(run['breakdown_ms'][part] for run in found):9.2f}" for part in parts))
for (what, who), found in runs.items():
    if "prediction" in found[0]:
        print(f"predicted from {what}: {json.dumps(found[0]['prediction'])}")
PYTHON
fi
echo "logs: $out"
if [[ $tested -eq 0 ]]; then
  echo "gpu-check: no test ran on a GPU" >&2
  exit 1
fi
exit "$failed"
