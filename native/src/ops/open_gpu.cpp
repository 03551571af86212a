#include "base/check.h"
#include "base/shared_library.h"
#include "cuda/gpu_facts.h"
#include "cuda/gpu_libraries.h"
#include "ops/gpu_ops.h"

namespace dmt {
namespace {

int32_t capability_of(const cuda::GpuDevice& gpu) {
  return gpu.major * 10 + gpu.minor;
}

/// Throws EngineError with the remedy unless GPU `index` can be used.
void demand_gpu(const cuda::GpuFacts& facts, int32_t index) {
  const std::string fault = cuda::gpu_fault(facts, index);
  DMT_CHECK(fault.empty(), "device cuda: ", fault);
}

OpenGpu& replacement() {
  static OpenGpu open;
  return open;
}

}  // namespace

std::string gpu_report() {
  const cuda::GpuFacts facts = cuda::find_gpu();
  const std::string report = cuda::describe(facts);
  if (!cuda::gpu_fault(facts, 0).empty()) return report;
  return concat(report, "; attention: ", attention_text(capability_of(facts.devices.front())));
}

void replace_open_gpu(OpenGpu open) {
  replacement() = std::move(open);
}

int32_t nccl_version() {
  return cuda::loaded_nccl();
}

int64_t gpu_bytes_in_use(int32_t index) {
  demand_gpu(cuda::find_gpu(), index);
  const cuda::Kernels& kernels = cuda::load_kernels();
  int64_t free = 0, total = 0;
  DMT_CHECK(kernels.set_device(index) == DMT_CUDA_OK && kernels.memory_info(&free, &total) == DMT_CUDA_OK,
            "GPU ", index, ": ", kernels.last_error());
  return total - free;
}

std::unique_ptr<Ops> open_gpu(int32_t index) {
  if (replacement()) return replacement()(index);
  const cuda::GpuFacts facts = cuda::find_gpu();
  demand_gpu(facts, index);
  const cuda::GpuLibraries libraries =
      cuda::load_gpu_libraries(folder_of_library(reinterpret_cast<const void*>(&at::globalContext)));
  DMT_CHECK(libraries.fault.empty(), "device cuda: ", libraries.fault);
  const std::string cudnn = cuda::cudnn_fault(cuda::loaded_cudnn());
  DMT_CHECK(cudnn.empty(), "device cuda: ", cudnn);
  at::globalContext().lazyInitDevice(at::kCUDA);
  const cuda::GpuDevice& gpu = facts.devices[static_cast<size_t>(index)];
  const AttentionDevice device = {at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index)),
                                  capability_of(gpu)};
  return std::make_unique<GpuOps>(device, cuda::load_kernels(), concat("GPU ", index, " (", gpu.name, ")"));
}

}  // namespace dmt
