#pragma once

#include <ATen/ATen.h>

#include <string>

#include "dist/transfer.h"
#include "ops/ops.h"

namespace dmt {

/// What sharding asks of a group of ranks. All ranks of a group must make the same calls in the same order,
/// or all wait until the group's time-out.
///
/// [Note: order of sums] Sums over ranks are added in the order of ranks, in float32 or double, on the rank
/// that needs them: so two runs give the same bits, ranks that compute the same sum agree on it, and
/// gradients that travel in bfloat16 are rounded once, not at every rank they pass. Who asks for
/// ReduceCollective::kReduceScatter gives that up for gradients: the backend adds them, in the type in which
/// they travel. What was added before this reduction is float32 with either.
class Collectives {
 public:
  virtual ~Collectives() = default;
  virtual int rank() const = 0;
  virtual int world_size() const = 0;

  /// whole: [world_size * n], receives the ranks' shards [n] one after the other.
  /// @param shard may lie at its place in whole
  /// @param what names the data in messages
  virtual Transfer all_gather(at::Tensor whole, at::Tensor shard, const std::string& what) = 0;
  /// sum: [n], receives the sum over ranks of this rank's part of whole [world_size * n]. Both are float32 or
  /// bfloat16.
  /// @param sum may lie in whole
  /// @param scratch of whole's type, for what arrives: [world_size * n], [n] where the backend adds
  virtual Transfer reduce_scatter(at::Tensor sum, at::Tensor whole, at::Tensor scratch, SumInto into,
                                  const std::string& what) = 0;
  /// Sum over ranks, in place: the same bits on all of them.
  virtual void all_reduce(double* values, int64_t count, const std::string& what) = 0;
};

/// A group of one: what is gathered is there already, and a sum has one term.
class SingleRank final : public Collectives {
 public:
  int rank() const override { return 0; }
  int world_size() const override { return 1; }
  Transfer all_gather(at::Tensor whole, at::Tensor shard, const std::string& what) override;
  Transfer reduce_scatter(at::Tensor sum, at::Tensor whole, at::Tensor scratch, SumInto into,
                          const std::string& what) override;
  void all_reduce(double*, int64_t, const std::string&) override {}
};

}  // namespace dmt
