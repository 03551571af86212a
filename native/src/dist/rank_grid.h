#pragma once

#include <memory>

#include "dist/collectives.h"
#include "dmt/engine.h"
#include "ops/ops.h"

namespace dmt {

/// [Note: rank grid] The ranks of a run stand in a grid. Along the shard axis every rank owns another slice
/// of each unit; along the replica axis all own the same slice, and differ in what they train on.
/// Neighbouring ranks share a row: rank = replica * (ranks along the shard axis) + shard.
///
///     full, grad-op   one row of all ranks
///     hybrid          one row for each node: gathers stay inside it
///     none            one column of all ranks
class RankGrid {
 public:
  /// Checks that the groups are those of this rank's row and column.
  /// @param ops of the device whose tensors travel
  explicit RankGrid(const ParallelConfig& config, Ops& ops = cpu_ops());
  /// For tests.
  RankGrid(std::unique_ptr<Collectives> shard_axis, std::unique_ptr<Collectives> replica_axis);

  Collectives& shard_axis() { return *shard_axis_; }
  /// The shard axis for gradients: what travels here and there travels at the same time.
  Collectives& reduce_axis() { return reduce_axis_ == nullptr ? *shard_axis_ : *reduce_axis_; }
  Collectives& replica_axis() { return *replica_axis_; }
  int shards() const { return shard_axis_->world_size(); }
  int replicas() const { return replica_axis_->world_size(); }
  int world_size() const { return shards() * replicas(); }
  int rank() const { return replica_axis_->rank() * shards() + shard_axis_->rank(); }

  /// Sum over all ranks, in place, the same bits on all.
  void all_reduce(double* values, int64_t count, const std::string& what);

 private:
  std::unique_ptr<Collectives> shard_axis_;
  std::unique_ptr<Collectives> reduce_axis_;  // null where shard_axis_ carries gradients, too
  std::unique_ptr<Collectives> replica_axis_;
};

}  // namespace dmt
