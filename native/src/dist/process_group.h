#pragma once

#include <c10/util/intrusive_ptr.h>

#include <cstdint>

#include "dist/collectives.h"
#include "dmt/engine.h"
#include "ops/ops.h"

namespace c10d {
class Backend;
}

namespace dmt {

/// A group of processes over one of libtorch's own backends, Gloo or NCCL.
///
/// [Note: two primitives] All is said in all-gathers and all-to-alls of bytes, which every backend has for
/// every dtype. An all-to-all moves the same bytes as a ring's reduce-scatter, and leaves the sum to us (see
/// [Note: order of sums]); whoever wants the backend's own reduce-scatter says so (ReduceCollective). Gloo's
/// is an all-reduce of the whole, which moves twice the bytes.
class ProcessGroup final : public Collectives {
 public:
  /// @param ops of the device whose tensors travel
  /// @param reduce what reduce_scatter() is made of
  explicit ProcessGroup(c10::intrusive_ptr<c10d::Backend> backend, Ops& ops = cpu_ops(),
                        ReduceCollective reduce = ReduceCollective::kAllToAll);
  ~ProcessGroup() override;
  /// @param address of a c10d::Backend in an intrusive_ptr; the group shares its ownership
  static ProcessGroup at_address(int64_t address, Ops& ops, ReduceCollective reduce);
  ProcessGroup(ProcessGroup&&) noexcept;

  int rank() const override;
  int world_size() const override;
  Transfer all_gather(at::Tensor whole, at::Tensor shard, const std::string& what) override;
  Transfer reduce_scatter(at::Tensor sum, at::Tensor whole, at::Tensor scratch, SumInto into,
                          const std::string& what) override;
  void all_reduce(double* values, int64_t count, const std::string& what) override;

 private:
  c10::intrusive_ptr<c10d::Backend> backend_;
  Ops& ops_;
  ReduceCollective reduce_;
};

}  // namespace dmt
