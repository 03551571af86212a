// Flat shard per unit.
//
// [Note: units] A unit is what is gathered, computed with and freed as one: the embedding, each decoder
// block, the head. Its parameters lie end to end in one flat buffer, padded to a multiple of the world
// size; each rank owns one slice of the weights, the float32 master copy, the gradients and both moments.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <string>
#include <vector>

#include "dist/collectives.h"

namespace dmt {

/// Where one tensor of the model lies in its unit's flat buffer.
struct ParameterSpec {
  std::string name;  ///< Hugging Face name
  std::vector<int64_t> shape;
  int64_t offset = 0;  ///< elements from the start of the unit
  int64_t elements() const;
};

struct UnitLayout {
  std::vector<ParameterSpec> parameters;
  int64_t elements = 0;
  /// Appends a parameter behind the others.
  void add(std::string name, std::vector<int64_t> shape);
};

/// What the optimizer sees of a unit: this rank's slice. All [count].
struct OptimizerShard {
  float* master;
  void* weights_bf16;  ///< null where the weights are the master
  float* gradient;
  float* first_moment;
  float* second_moment;
  int64_t count;
};

class ShardedUnit {
 public:
  ShardedUnit(UnitLayout layout, at::ScalarType compute_dtype, bool trainable, Collectives& collectives);

  const UnitLayout& layout() const { return layout_; }
  /// The whole flat weights in the compute dtype, gathered from all ranks. Valid until reshard().
  const at::Tensor& unshard();
  /// Frees what unshard() gathered.
  void reshard();
  /// The whole flat float32 gradients, which the backward pass adds to.
  const at::Tensor& gradients() const { return gradients_; }
  /// Leaves the sum over ranks of this rank's slice in the optimizer's shard.
  void reduce_scatter_gradients();
  void zero_gradients();
  /// Zeroes this rank's slice of both moments.
  void zero_moments();

  OptimizerShard optimizer_shard();
  /// Fills this rank's float32 weights: fill(first, count, out) for elements [first, first + count).
  void initialise(const std::function<void(int64_t first, int64_t count, float* out)>& fill);
  /// Elements [first, first + count) of the float32 weights.
  void read_weights(int64_t first, int64_t count, float* out) const;

  int64_t weight_bytes() const;
  int64_t master_bytes() const;
  int64_t gradient_bytes() const;
  int64_t optimizer_bytes() const;

 private:
  void round_weights();

  UnitLayout layout_;
  Collectives& collectives_;
  int64_t padded_;
  at::Tensor weights_;       // [padded / world_size], compute dtype
  at::Tensor master_;        // the same in float32; undefined where weights_ are float32 themselves
  at::Tensor gradients_;     // [padded], float32
  at::Tensor first_moment_;  // [padded / world_size], float32
  at::Tensor second_moment_;
};

}  // namespace dmt
