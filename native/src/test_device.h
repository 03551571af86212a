/// For engine tests: the device that they run on. Most run on the CPU; with DMT_TEST_DEVICE=cuda all run on
/// the GPU path, which without a GPU is computed by the host, kernel by kernel, with the kernels' own
/// functions (see cuda/host_backend.h).
#pragma once

#include <c10/core/CachingDeviceAllocator.h>

#include <cstdlib>
#include <string>

#include "cuda/gpu_facts.h"
#include "cuda/host_backend.h"
#include "cuda/host_decode.h"
#include "ops/gpu_ops.h"

namespace dmt {

inline cuda::Kernels host_kernels() {
  cuda::Kernels kernels;
#define DMT_CUDA_OP(name, Op)                             \
  kernels.name = [](const Op* op, DmtStream) -> int32_t { \
    cuda::host::name(*op);                                \
    return DMT_CUDA_OK;                                   \
  };
  DMT_CUDA_OPS(DMT_CUDA_OP)
#undef DMT_CUDA_OP
  kernels.rms_norm_workspace = [](int64_t rows, int64_t columns) {
    return cuda::norm_strips(rows) * columns;
  };
  kernels.decode_workspace = [](int64_t slots, int32_t heads, int32_t head_dim, int64_t capacity) {
    return slots * heads * cuda::decode_parts(capacity) * (head_dim + 2);
  };
  kernels.last_error = [] { return ""; };
  return kernels;
}

/// The GPU path on the host, in place of a GPU.
inline void use_host_gpu() {
  replace_open_gpu([](int32_t) {
    return std::make_unique<GpuOps>(AttentionDevice{at::kCPU, 0}, host_kernels(), "GPU path on the host");
  });
}

inline bool has_gpu() {
  return cuda::gpu_fault(cuda::find_gpu(), 0).empty();
}

/// What device=cuda is in tests: the GPU where there is one, the host where DMT_TEST_DEVICE asks for a GPU
/// and there is none. @return the device that most tests run on
inline Device use_test_gpu() {
  replace_open_gpu(nullptr);
  const char* wanted = std::getenv("DMT_TEST_DEVICE");
  if (wanted == nullptr || std::string(wanted) != "cuda") return Device::kCpu;
  if (!has_gpu()) use_host_gpu();
  return Device::kCuda;
}

inline Device test_device() {
  static const Device device = use_test_gpu();
  return device;
}

/// How often libtorch has asked the GPU's driver for memory; 0 where tests run without a GPU.
inline int64_t driver_allocations() {
  if (test_device() == Device::kCpu || !has_gpu()) return 0;
  return c10::getDeviceAllocator(at::kCUDA)->getDeviceStats(0).num_device_alloc;
}

}  // namespace dmt
