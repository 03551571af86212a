#include "dist/simulated_group.h"

#include "ops/work_clock.h"

namespace dmt {

Transfer SimulatedGroup::all_gather(at::Tensor whole, at::Tensor shard, const std::string&) {
  const TimedWork timed(Work::kCommunication);
  const int64_t n = shard.numel();
  for (int r = 0; r < world_size_; ++r) {
    at::Tensor part = whole.narrow(0, r * n, n);
    if (part.data_ptr() != shard.data_ptr()) part.copy_(shard);
  }
  return {};
}

Transfer SimulatedGroup::reduce_scatter(at::Tensor sum, at::Tensor whole, at::Tensor scratch, SumInto into,
                                        const std::string&) {
  const TimedWork timed(Work::kCommunication);
  scratch.copy_(whole);
  const at::Tensor own = scratch.narrow(0, rank_ * sum.numel(), sum.numel());
  if (into == SumInto::kAdd) {
    sum.add_(own, world_size_);
  } else {
    sum.copy_(own).mul_(world_size_);
  }
  return {};
}

void SimulatedGroup::all_reduce(double* values, int64_t count, const std::string&) {
  for (int64_t i = 0; i < count; ++i) values[i] *= world_size_;
}

}  // namespace dmt
