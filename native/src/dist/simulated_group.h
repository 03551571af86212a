#pragma once

#include "dist/collectives.h"
#include "dmt/engine.h"
#include "ops/ops.h"

namespace dmt {

/// One rank of a group whose other ranks do not exist: each of them is taken to hold what this one holds, and
/// copies stay in this process. Memory and work are those of a real rank; the numbers that come out mean
/// nothing.
class SimulatedGroup final : public Collectives {
 public:
  /// @param reduce what reduce_scatter() would be made of
  SimulatedGroup(int rank, int world_size, Ops& ops = cpu_ops(),
                 ReduceCollective reduce = ReduceCollective::kAllToAll)
      : rank_(rank), world_size_(world_size), ops_(ops), reduce_(reduce) {}

  int rank() const override { return rank_; }
  int world_size() const override { return world_size_; }
  Transfer all_gather(at::Tensor whole, at::Tensor shard, const std::string& what) override;
  Transfer reduce_scatter(at::Tensor sum, at::Tensor whole, at::Tensor scratch, SumInto into,
                          const std::string& what) override;
  void all_reduce(double* values, int64_t count, const std::string& what) override;

 private:
  int rank_;
  int world_size_;
  Ops& ops_;
  ReduceCollective reduce_;
};

}  // namespace dmt
