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

/// All that is missing of libtorch's GPU part and of our kernels, told together; where libtorch is the CPU's,
/// that alone, since the kernels come with the GPU's.
std::string libraries_fault(const cuda::GpuFacts& facts, int32_t index) {
  const std::filesystem::path folder = folder_of_library(reinterpret_cast<const void*>(&at::globalContext));
  std::string fault = cuda::load_gpu_libraries(folder).fault;
  if (fault.empty()) fault = cuda::cudnn_fault(cuda::loaded_cudnn());
  const std::string kernels = cuda::kernels_fault(facts, index);
  if (!kernels.empty() && std::filesystem::exists(folder / "libtorch_cuda.so"))
    fault += (fault.empty() ? "" : "; and ") + kernels;
  return fault;
}

/// Throws EngineError with the remedies unless GPU `index` is there and all that computing on it takes. A
/// driver that is there and of no use is no reason to be silent about the rest.
void demand_gpu(const cuda::GpuFacts& facts, int32_t index) {
  std::string fault = cuda::driver_fault(facts, index);
  const bool of_no_use = !facts.driver_missing && (!facts.driver_fault.empty() || facts.devices.empty());
  if (fault.empty() || of_no_use) {
    const std::string libraries = libraries_fault(facts, index);
    if (!libraries.empty()) fault += (fault.empty() ? "" : "; besides, ") + libraries;
  }
  DMT_CHECK(fault.empty(), "device cuda: ", fault);
}

OpenGpu& replacement() {
  static OpenGpu open;
  return open;
}

}  // namespace

void set_cpu_libtorch_explanation(const std::string& why) {
  cuda::explain_cpu_libtorch(why);
}

std::string gpu_report() {
  const cuda::GpuFacts facts = cuda::find_gpu();
  const std::string explanation = cuda::cpu_libtorch_explanation();
  if (!explanation.empty() && cuda::driver_fault(facts, 0).empty()) return explanation;
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
  const std::string fault = cuda::gpu_fault(cuda::find_gpu(), index);
  DMT_CHECK(fault.empty(), "device cuda: ", fault);
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
  at::globalContext().lazyInitDevice(at::kCUDA);
  const cuda::GpuDevice& gpu = facts.devices[static_cast<size_t>(index)];
  const AttentionDevice device = {at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index)),
                                  capability_of(gpu)};
  return std::make_unique<GpuOps>(device, cuda::load_kernels(), concat("GPU ", index, " (", gpu.name, ")"));
}

}  // namespace dmt
