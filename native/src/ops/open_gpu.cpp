#include "base/check.h"
#include "cuda/gpu_facts.h"
#include "ops/gpu_ops.h"

namespace dmt {
namespace {

OpenGpu& replacement() {
  static OpenGpu open;
  return open;
}

}  // namespace

void replace_open_gpu(OpenGpu open) {
  replacement() = std::move(open);
}

std::unique_ptr<Ops> open_gpu(int32_t index) {
  if (replacement()) return replacement()(index);
  const cuda::GpuFacts facts = cuda::find_gpu();
  const std::string fault = cuda::gpu_fault(facts, index);
  DMT_CHECK(fault.empty(), "device cuda: ", fault);
  fail("device cuda: not yet");
}

}  // namespace dmt
