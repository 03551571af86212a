#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstdint>
#include <string>

#include "dist/collectives.h"
#include "ops/ops.h"

namespace dmt {

/// Where the gradients of one unit after another are added up whole, and from where they travel: while those
/// of a unit are on their way, the backward pass of the next one adds to the other buffer.
///
/// Where gradients travel as they are two buffers take turns; where they are rounded first one is enough,
/// since what travels is a copy.
class GradientBuffers {
 public:
  struct Sizes {
    int64_t whole = 0;    ///< elements of the largest unit whose gradients are added up here
    int64_t wire = 0;     ///< elements of the largest buffer that travels
    int64_t arrives = 0;  ///< elements of the most that arrives at once
  };
  /// In which gradients are added up, and in which they travel. What is added up in bfloat16 travels in it:
  /// float32 would tell nothing more.
  struct DTypes {
    at::ScalarType sum = at::kFloat;
    at::ScalarType wire = at::kFloat;
  };
  GradientBuffers(Sizes sizes, DTypes dtypes, at::Device device, Ops& ops = cpu_ops());

  /// [elements] in the sum's type, whatever is in them, to be written and added to until reduce(). One at a
  /// time.
  at::Tensor open(int64_t elements);
  /// Starts the reduce-scatter of what was opened; its sum over ranks is added to the shard. Waits for the
  /// one before.
  void reduce(Collectives& axis, at::Tensor shard, const std::string& what);
  /// Replaces the sum [n] by the sum over ranks of its place in whole [ranks * n].
  void reduce_now(Collectives& axis, at::Tensor sum, at::Tensor whole, const std::string& what);
  /// Replaces values [n], n a multiple of the ranks, by their sums over ranks.
  void all_reduce(Collectives& axis, at::Tensor values, const std::string& what);
  /// Returns once nothing is on its way.
  void wait() { under_way_.wait(); }
  int64_t bytes() const;

 private:
  /// whole, or its rounded copy in the wire's buffer.
  at::Tensor on_wire(const at::Tensor& whole);

  Ops& ops_;
  at::ScalarType wire_dtype_;
  std::array<at::Tensor, 2> whole_;  // the second is empty where the wire has its own copy
  size_t turn_ = 0;
  at::Tensor open_;     // part of whole_[turn_] between open() and reduce()
  at::Tensor wire_;     // empty where gradients travel as they are
  at::Tensor scratch_;  // what arrives
  Transfer under_way_;
};

}  // namespace dmt
