// Settings that OpenMP, OpenBLAS and NCCL read from the environment once, while they are being loaded, and
// can be told in no other way. Header only: whoever needs it must not depend on libraries that it comes
// before.
#pragma once

#include <cstdlib>
#include <cstring>

namespace dmt {

/// Sets what is not set yet. See [Note: one thread pool].
inline void set_environment() {
  constexpr int kKeep = 0;  // setenv's word for "do not overwrite"
  // All BLAS calls come from inside our own pool.
  setenv("OPENBLAS_NUM_THREADS", "1", kKeep);
  // Weights and gradients travel in two groups at the same time. Without an order between them two GPUs could
  // each begin the collective that the other one has behind it, and wait for ever (NCCL 2.26 or newer).
  setenv("NCCL_LAUNCH_ORDER_IMPLICIT", "1", kKeep);
  // A waiting thread gives its core back after some microseconds. By default it spins for milliseconds, and
  // with another process on the same cores the thread that it waits for is not the one that runs: 600 instead
  // of 4,300 tokens/s, measured on 2 cores under load.
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "10000", kKeep);
#if defined(__x86_64__)
  // OpenBLAS, ATen and oneDNN add up in as many lanes as the processor's registers have, and other orders of
  // addition give other last bits. Told to take AVX2, all processors that have it give the same ones. Kernels
  // of our own do so anyway.
  const char* instructions = std::getenv("DMT_INSTRUCTIONS");
  if (instructions != nullptr && std::strcmp(instructions, "avx2") == 0) {
    constexpr int kReplace = 1;
    setenv("OPENBLAS_CORETYPE", "Haswell", kReplace);
    setenv("ATEN_CPU_CAPABILITY", "avx2", kReplace);
    setenv("DNNL_MAX_CPU_ISA", "AVX2", kReplace);
  }
  // OpenBLAS 0.3.31 takes AMD's Zen 5 for an AVX2 machine: 113 instead of 220 GFLOP/s a core.
  __builtin_cpu_init();
  if (__builtin_cpu_is("amd") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    setenv("OPENBLAS_CORETYPE", "SkylakeX", kKeep);
  }
#endif
}

}  // namespace dmt
