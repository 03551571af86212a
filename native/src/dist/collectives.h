#pragma once

#include <ATen/ATen.h>

namespace dmt {

/// What sharding asks of a process group. All ranks make the same calls in the same order.
class Collectives {
 public:
  virtual ~Collectives() = default;
  virtual int rank() const = 0;
  virtual int world_size() const = 0;
  /// out: [world_size * n], the ranks' shards [n] one after the other.
  virtual void all_gather(at::Tensor out, const at::Tensor& shard) = 0;
  /// shard: [n], the sum over ranks of this rank's part of full [world_size * n].
  virtual void reduce_scatter(at::Tensor shard, const at::Tensor& full) = 0;
  /// Sum over ranks, in place.
  virtual void all_reduce(double* values, int64_t count) = 0;
};

/// World size 1: shards are whole, so that callers need no special case.
class SingleRank final : public Collectives {
 public:
  int rank() const override { return 0; }
  int world_size() const override { return 1; }
  void all_gather(at::Tensor out, const at::Tensor& shard) override {
    if (!out.is_same(shard)) out.copy_(shard);
  }
  void reduce_scatter(at::Tensor shard, const at::Tensor& full) override {
    if (!shard.is_same(full)) shard.copy_(full);
  }
  void all_reduce(double*, int64_t) override {}
};

}  // namespace dmt
