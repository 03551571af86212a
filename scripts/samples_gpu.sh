# shellcheck shell=bash
# Part of samples.sh: the program of samples/gpu on a machine with nvcc and without a driver. The jar of kernels holds code for
# all GPUs, and the program says what is missing for one, and the next thing as soon as that is there.

native_gpu=dmt-native-$version-linux-x86_64-gpu.jar

run_gpu() {
  local jar=$repository/ai/dmt/dmt-native/$version/$native_gpu
  if [[ ! -f $jar ]]; then
    skipped="there is no $native_gpu; GPU kernels: $(cat native/target/cmake/gpu_kernels.txt 2>/dev/null || echo not built)"
    return 0
  fi
  holds_kernels "$jar" || return 1
  local known
  known=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null)
  if [[ -e /proc/driver/nvidia/version || $known == *libcuda.so.1\ * ]]; then
    skipped="this machine has an NVIDIA driver, so nothing of that is missing"
    return 0
  fi

  build gpu -P-gpu-libraries || return 1
  mkdir -p "$work/gpu/libraries"
  ask_gpu
  expect "$work/gpu/said" '^device cuda: no NVIDIA driver: libcuda\.so\.1: .*; install the driver ' || return 1
  stand_in libcuda.so.1 native/src/test/resources/stand_in_driver.c || return 1
  ask_gpu
  expect "$work/gpu/said" '^device cuda: the libtorch of this class path is the CPU.s; add org\.bytedeco:pytorch:linux-x86_64-gpu' ||
    return 1

  if [[ $gpu_libraries -eq 0 ]]; then
    say "gpu: what is missing where libtorch for GPUs is there was left out (--gpu-libraries)"
    return 0
  fi
  build gpu || return 1
  all_in_turn
}

# holds_kernels <jar>: machine code for each GPU of a data centre, and PTX for those to come
holds_kernels() {
  local kinds code
  kinds=$(python3 scripts/fatbin.py "$1")
  for code in 'sm_80 machine code' 'sm_90 machine code' 'sm_100 machine code' 'compute_100 PTX'; do
    [[ $kinds == *"$code"* ]] || { say "$1 holds no $code, but: $kinds"; return 1; }
  done
  if command -v cuobjdump >/dev/null; then
    unzip -oqj "$1" '*/libdmt_cuda.so' -d "$work"
    cuobjdump --list-elf --list-ptx "$work/libdmt_cuda.so" >>"$log" 2>&1 || return 1
  fi
}

# Asks for a GPU, with the libraries that stand in, and without those of this user.
ask_gpu() {
  # shellcheck disable=SC2046
  env -u CUDA_HOME -u VIRTUAL_ENV -u CONDA_PREFIX HOME="$work" LD_LIBRARY_PATH="$work/gpu/libraries" \
    "$java_home/bin/java" "${flags[@]}" "-Dorg.bytedeco.javacpp.cachedir=$work/gpu/cache" $(native_access ALL-UNNAMED) \
    -cp "$work/gpu/target/classes:$(<"$work/gpu/class_path")" Gpu "$model" "$question" >"$work/gpu/said" 2>>"$log" || true
}

# stand_in <library> [<source>]: one that is there and can do nothing, but what its source says
stand_in() {
  cc -shared -fPIC -x c "-Wl,-soname,$1" -o "$work/gpu/libraries/$1" "${2:-/dev/null}" >>"$log" 2>&1
}

# What is missing is named, until nothing is; each is no longer named when it is there.
all_in_turn() {
  local told name given=()
  while true; do
    ask_gpu
    told=$(<"$work/gpu/said")
    [[ $told == *"needs what is not there: "* ]] || break
    name=${told#*needs what is not there: }
    name=${name%%[ ,]*}
    [[ " ${given[*]} " != *" $name "* ]] || { say "$name is named again, though it is there"; return 1; }
    given+=("$name")
    stand_in "$name" || return 1
  done
  echo "gpu: named in turn: libcuda.so.1 ${given[*]}"
  # All that libtorch needs is there by name now, and it is libtorch's GPU part that says what these cannot do.
  expect "$work/gpu/said" '^device cuda: .*libtorch_cuda\.so: undefined symbol: |^device cuda: .*cuDNN' || return 1
  [[ $told != *"no GPU kernels"* ]] || { say "the kernels of $native_gpu were not found"; return 1; }
}
