/// For engine tests: the device that they run on. Most run on the CPU; with DMT_TEST_DEVICE=cuda all run on
/// the GPU path; without a GPU the same kernels run on an emulated device, and libtorch computes on the CPU.
#pragma once

#include <c10/core/CachingDeviceAllocator.h>

#include <cstdlib>
#include <string>

#include "cuda/gpu_facts.h"
#include "cuda/kernels.h"
#include "ops/gpu_ops.h"

namespace dmt {

/// The kernels of the emulated device (see [Note: emulated device]). It has no runtime: what libtorch
/// computes on the CPU is in no stream and no graph.
inline cuda::Kernels host_kernels() {
  cuda::Kernels kernels = cuda::kernels_of(DMT_EMULATED_KERNELS);
#define DMT_CUDA_RUNTIME_FUNCTION(name, parameters) kernels.name = nullptr;
  DMT_CUDA_RUNTIME(DMT_CUDA_RUNTIME_FUNCTION)
#undef DMT_CUDA_RUNTIME_FUNCTION
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
