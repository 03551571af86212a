#include "dist/simulated_group.h"

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
  const int64_t n = sum.numel();
  const at::Tensor own = whole.narrow(0, rank_ * n, n);
  const bool adds = reduce_ == ReduceCollective::kReduceScatter;
  at::Tensor arrived = scratch.narrow(0, 0, adds ? n : whole.numel());
  {
    const TimedWork timed(Work::kCommunication);
    if (adds) {
      at::mul_out(arrived, own, at::scalar_tensor(world_size_, own.options()));
    } else {
      for (int r = 0; r < world_size_; ++r) arrived.narrow(0, r * n, n).copy_(own);
    }
  }
  return Transfer(ops_.beside([&ops = ops_, sum, arrived, into]() mutable {
    if (into == SumInto::kReplace) sum.zero_();
    ops.add_parts(sum, arrived);
  }));
}

void SimulatedGroup::all_reduce(double* values, int64_t count, const std::string&) {
  for (int64_t i = 0; i < count; ++i) values[i] *= world_size_;
}

}  // namespace dmt
