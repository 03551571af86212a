#!/usr/bin/env bash
# Checks on a GPU all that cannot be checked without one, what matters most first. Made for a machine that is lent
# for a quarter of an hour: every part takes at most three minutes, writes what it finds as it comes, and is not
# done twice, so that the next call with the same --out goes on where this one ended.
#
# usage: scripts/gpu-check.sh [--out DIR] [--build-only] [--parts 1,2,...] [--again 1,2,...] [--python PYTHON]
#                             [--peer FILE] [--jobs N] [--minutes N] [--into-docs] [--rehearse]
#
#   --out DIR        programs, logs and results (default: target/gpu-check)
#   --build-only     make the programs in DIR and end: they run where there is a GPU and neither compiler nor
#                    network, if it has the version of PyTorch that PYTHON has here. DIR/bin is what must be carried
#   --parts LIST     only these (default: all that are not done)
#   --again LIST     these once more
#   --python PYTHON  a Python with PyTorch 2.11 to 2.14 (default: python3)
#   --peer FILE      peer_speed.py (default: peer/peer_speed.py of DMT_SHARED, which is ../shared or shared)
#   --jobs N         parallel compilations (default: one per core)
#   --minutes N      of all parts together: none is begun that could not end in time (default: no limit)
#   --into-docs      write the table into docs/gpu.md
#   --rehearse       without a GPU: the same programs on the CPU, kernels on the emulated device, to try the way
#                    through. One test of each suite, small models, nothing is measured
#
#   1  kernels against references; cuDNN and flash attention against plain (head size 128, both ways); golden cases
#   2  training of 7B: dense and packed rows, 16 micro-batches a step; memory against the plan
#   3  training beside peer_speed.py, eager and compiled, in turn
#   4  decoding, one request and 128
#   5  33B as one of eight ranks
#   6  fine-tuning on the GPU that goes on on the CPU; bandwidth of every kernel; compute-sanitizer
#
# To build: nvcc 12.8 or newer, g++ 12 or newer, CMake, Ninja, GoogleTest, nlohmann_json. Exit code: 0 all that ran
# holds, 1 something failed or nothing ran on a GPU, 2 wrong usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,34s/^# \{0,1\}//p' scripts/gpu-check.sh; }
wrong() { echo "gpu-check: $*; see scripts/gpu-check.sh --help" >&2; exit 2; }

# Golden cases and the peer, wherever this checkout has been carried to.
if [[ -z ${DMT_SHARED:-} ]]; then
  for folder in ../shared shared; do
    if [[ -d $folder ]]; then DMT_SHARED=$(cd "$folder" && pwd); break; fi
  done
fi
export DMT_SHARED=${DMT_SHARED:-../shared}

out=target/gpu-check python=python3 peer=$DMT_SHARED/peer/peer_speed.py jobs=$(nproc) minutes=0
parts=1,2,3,4,5,6 again='' build_only=0 into_docs=0 rehearse=0
while [[ $# -gt 0 ]]; do
  case $1 in
    --help) usage; exit 0 ;;
    --build-only | --into-docs | --rehearse)
      name=${1#--}
      declare "${name//-/_}=1"
      shift ;;
    --out | --python | --peer | --jobs | --minutes | --parts | --again)
      [[ $# -ge 2 ]] || wrong "$1 needs a value"
      declare "${1#--}=$2"
      shift 2 ;;
    *) wrong "unknown option $1" ;;
  esac
done
[[ $jobs =~ ^[1-9][0-9]*$ ]] || wrong "--jobs $jobs must be a number above 0"
[[ $minutes =~ ^[0-9]+$ ]] || wrong "--minutes $minutes must be a number, 0 for no limit"
for list in "$parts" "$again"; do
  [[ $list =~ ^([1-6](,[1-6])*)?$ ]] || wrong "$list must be numbers of parts, such as 1,2"
done
mkdir -p "$out/logs"
out=$(cd "$out" && pwd)
bin=$out/bin results=$out/results.jsonl
kPartSeconds=175
part=0 part_end=0 failed=0

# --- results: one JSON line for each check, written when it ends ---

# record <name> <state> <note> [<JSON of a run>]
record() {
  python3 scripts/gpu_check_table.py record "$results" "$part" "$1" "$2" "$3" "${4:-}"
  printf '%-9s %s%s\n' "$2" "$1" "${3:+: $3}"
  [[ $2 != failed ]] || failed=1
}
skip() { record "$1" skipped "$2"; }

# What is left of the part's time.
left() { echo $((part_end > SECONDS ? part_end - SECONDS : 0)); }

# run <name> <log> <command...>: within the part's time. The command's last line of JSON, if any, is its result
run() {
  local name=$1 log=$out/logs/$2 begun=$SECONDS code=0
  shift 2
  if [[ $(left) -lt 5 ]]; then
    record "$name" skipped "no time left in the part"
    return 1
  fi
  timeout -k 5 "$(left)" "$@" >"$log" 2>&1 || code=$?
  local json
  json=$(grep '^{' "$log" | tail -n 1 || true)
  case $code in
    0) record "$name" ok "$((SECONDS - begun)) s" "$json" ;;
    124 | 137) record "$name" failed "cut after $((SECONDS - begun)) s, see $log"; return 1 ;;
    *) record "$name" failed "exit code $code, see $log"; return 1 ;;
  esac
}

# --- programs ---

torch_folder() { "$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))'; }

build() {
  cmake -S native -B "$out/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTORCH_ROOT="$torch" \
    -DDMT_CUDA="$([[ $rehearse -eq 1 ]] && echo AUTO || echo ON)" >"$out/logs/cmake.log" 2>&1 &&
    cmake --build "$out/build" --parallel "$jobs" >"$out/logs/build.log" 2>&1 || return 1
  mkdir -p "$bin"
  local file
  for file in dmt_tests dmt_bench cuda_kernel_tests cuda_kernel_bench libdmt_engine.so libdmt_environment.so \
    libdmt_cuda.so libdmt_cuda_checked.so; do  # dmt_tests needs the last
    [[ ! -e $out/build/$file ]] || { cp "$out/build/$file" "$bin/" && strip --strip-unneeded "$bin/$file"; }
  done
}

# The libraries beside the programs and PyTorch's, wherever they were built.
use_programs() {
  local libraries=$bin:$torch/lib folder
  for folder in "$torch"/../nvidia/*/lib; do [[ ! -d $folder ]] || libraries+=:$folder; done
  export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

# --- parts ---

# The first test of each suite that a filter of this program names.
first_tests() {
  "$bin/$1" --gtest_filter="$2" --gtest_list_tests |
    awk '/^[^ ]/ { suite = $1; first = 1 } /^  / && first { print suite $1; first = 0 }' | paste -sd:
}

# tests <name> <log> <program> <filter>: fails if a test fails, and if none ran
tests() {
  local name=$1 log=$2 program=$3 filter=$4
  [[ $rehearse -eq 0 ]] || filter=$(first_tests "$program" "$filter") || filter=''
  # shellcheck disable=SC2016
  run "$name" "$log" bash -c '"$1" --gtest_filter="$2" || exit 1
    ' gtest "$bin/$program" "$filter" || return 0
  local passed skipped
  passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$out/logs/$log")
  skipped=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) test.*/\1/p' "$out/logs/$log")
  if [[ ${passed:-0} -eq 0 ]]; then
    record "$name" failed "no test ran, see $out/logs/$log"
  elif [[ -n $skipped ]]; then
    record "$name" ok "$passed passed, $skipped skipped, see $out/logs/$log"
  fi
}

ours() {
  local name=$1 log=$2 mode=$3
  shift 3
  run "$name" "$log" "$bin/dmt_bench" "$mode" "${compute[@]}" "$@" || true
}
theirs() {
  local name=$1 log=$2 mode=$3
  shift 3
  if [[ ! -r $peer ]]; then
    skip "$name" "there is no $peer"
    return
  fi
  run "$name" "$log" "$python" "$peer" "$mode" --device "$device" --dtype bfloat16 "$@" || true
}

part_1() {
  if [[ $rehearse -eq 0 ]]; then
    tests "kernels against references" kernels.log cuda_kernel_tests '*'
  else
    tests "kernels against references" kernels.log dmt_tests 'Cuda*'
  fi
  tests "cuDNN and flash attention against plain" attention.log dmt_tests 'GpuAttentionNumerics*'
  DMT_TEST_DEVICE=cuda tests "golden cases, float32 and bfloat16" golden.log dmt_tests '*Golden*'
  DMT_TEST_DEVICE=cuda tests "engine, vocabularies and generation" engine.log dmt_tests \
    '*EngineTest*:*Vocabulary*:*GenerationTest*:*EngineState*:-*Golden*'
}
part_2() {
  ours "7B, dense" 7b-dense.log train --preset "$p7b" --batch 2 --seq "$seq" --accumulate "$many" --steps 2
  ours "7B, packed" 7b-packed.log train --preset "$p7b8" --batch 2 --seq "$seq" --accumulate "$many" --rows packed --steps 4
  ours "7B, dense, recompute full" 7b-full.log train --preset "$p7b8" --batch 2 --seq "$seq" --accumulate 4 --recompute full --steps 4
}
part_3() {
  local round
  for round in 1 2; do
    ours "8 layers of 7B, ours, round $round" "peer-ours-$round.log" train --preset "$p7b8" --batch 4 --seq "$seq" --steps 8
    theirs "8 layers of 7B, peer, round $round" "peer-eager-$round.log" train --preset "$p7b8" --batch 4 --seq "$seq" --steps 8
    theirs "8 layers of 7B, peer compiled, round $round" "peer-compiled-$round.log" train --preset "$p7b8" --batch 4 --seq "$seq" --steps 8 --compile
  done
}
part_4() {
  ours "decoding, 1 request" decode-1.log generate --preset "$p7b" --batch 1 --prompt 64 --new "$new" --steps 2
  ours "decoding, 128 requests" decode-128.log generate --preset "$p7b" --batch "$requests" --prompt 64 --new "$new" --steps 2
  theirs "decoding, 1 request, peer" decode-1-peer.log generate --preset "$p7b8" --batch 1 --prompt 64 --new "$new" --steps 2
}
part_5() {
  ours "33B, rank 0 of 8" 33b.log train --preset "$p33b8" --simulate-world 8 --batch 2 --seq "$seq" --accumulate 4 --recompute cheap --steps 2
}
part_6() {
  DMT_TEST_DEVICE=cuda tests "fine-tuning that goes on on the CPU" resume.log dmt_tests '*FineTuning*'
  [[ $rehearse -eq 0 ]] || return 0
  run "bandwidth of every kernel" bandwidth.log "$bin/cuda_kernel_bench" --repeats 30 || true
  if ! command -v compute-sanitizer >/dev/null; then
    skip compute-sanitizer "not installed"
    return
  fi
  local tool
  for tool in memcheck racecheck; do
    run "compute-sanitizer $tool" "$tool.log" compute-sanitizer --tool "$tool" --error-exitcode 9 \
      "$bin/cuda_kernel_tests" --gtest_filter='Cuda*-CudaErrors*' || true
  done
}

# --- the way through ---

gpu=$(nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null | head -n 1 || true)
if [[ $rehearse -eq 1 ]]; then
  device=cpu compute=(--device cpu --dtype bfloat16 --optimizer-states bfloat16 --gradients bfloat16)
  p7b=tiny p7b8=tiny p33b8=tiny seq=32 many=3 new=4 requests=2
else
  device=cuda compute=(--device cuda --dtype bfloat16 --optimizer-states bfloat16 --gradients bfloat16)
  p7b=7b p7b8=7b-8l p33b8=33b-8l seq=2048 many=16 new=128 requests=128
fi

part=0
if [[ -z $gpu && $rehearse -eq 0 && $build_only -eq 0 ]]; then
  skip "all that needs a GPU" "nvidia-smi is missing or finds none"
  echo "gpu-check: nothing ran on a GPU" >&2
  exit 1
fi
if ! torch=$(torch_folder 2>/dev/null); then
  skip build "$python has no torch; give --python"
  echo "gpu-check: nothing ran on a GPU" >&2
  exit 1
fi
if [[ ! -x $bin/dmt_tests || ! -x $bin/dmt_bench ]]; then
  build || { record build failed "see $out/logs/build.log"; exit 1; }
  record build ok "$SECONDS s"
fi
[[ $build_only -eq 0 ]] || { du -sh "$bin"; exit 0; }
use_programs
record machine ok "${gpu:-no GPU: a rehearsal}, commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"

for part in ${parts//,/ }; do
  if [[ -e $out/done.$part && ,$again, != *,$part,* ]]; then continue; fi
  if [[ $minutes -gt 0 && $((SECONDS + kPartSeconds)) -gt $((minutes * 60)) ]]; then
    echo "gpu-check: no time for part $part; call again with the same --out" >&2
    break
  fi
  part_end=$((SECONDS + kPartSeconds))
  "part_$part"
  touch "$out/done.$part"
done

python3 scripts/gpu_check_table.py table "$results"
if [[ $into_docs -eq 1 ]]; then
  [[ $rehearse -eq 0 ]] || wrong "--into-docs: a rehearsal measures nothing"
  python3 scripts/gpu_check_table.py table "$results" --into docs/gpu.md
fi
exit "$failed"
