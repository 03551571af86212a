// Flat shard per unit.
//
// [Note: units] A unit is what is gathered, computed with and freed as one: the embedding, each decoder
// block, the head. Its parameters lie end to end in one flat buffer (see shard_spec.h for how it is cut);
// each rank owns one slice of the weights, the gradients and both moments.
//
// [Note: split master] Exact weights of a bfloat16 model are float32, of which the upper half is what the
// model computes with: a rank keeps the lower half, 16 bits per weight, and the optimizer puts both together
// (kernels/stochastic_rounding.h). That is half of what a float32 copy beside the weights would take.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dist/gather_buffers.h"
#include "dist/gradient_buffers.h"
#include "dist/rank_grid.h"
#include "dist/shard_spec.h"
#include "dist/unit_layout.h"

namespace dmt {

/// Where a unit's whole weights are.
enum class UnitState {
  kSharded,    ///< nowhere: this rank has its slice
  kGathering,  ///< on their way
  kUnsharded,  ///< here
};

/// Where whole weights go when they are gathered.
enum class WeightPlacement {
  kRotating,  ///< to a buffer that all units share, until reshard()
  kStaying,   ///< to memory of the unit's own, at once after each update
};

/// Where the backward pass adds gradients up.
enum class GradientPlacement {
  kRotating,  ///< in a buffer that all units share, until reduce_gradients()
  kStaying,   ///< in memory of the unit's own, until finish_gradients()
};

struct UnitOptions {
  at::ScalarType compute_dtype = at::kFloat;  ///< kByte: the unit is bytes that are not trained
  bool trainable = true;
  at::ScalarType state_dtype = at::kFloat;  ///< of moments; kBFloat16: and weights have no remainder
  at::ScalarType gradient_dtype = at::kFloat;
  WeightPlacement weights = WeightPlacement::kRotating;
  GradientPlacement gradients = GradientPlacement::kRotating;
  at::Device device = at::kCPU;  ///< kMeta: sizes without memory
};

/// What all units of a model share.
struct UnitBuffers {
  GatherBuffers weights;
  GradientBuffers gradients;
};

/// Training state of elements [begin, begin + weights.numel()) of a unit, which is what a checkpoint holds:
/// weights as exact as there are, and moments. The tensors are views.
struct StateShard {
  int64_t begin;
  at::Tensor weights;
  at::Tensor remainder;  ///< see [Note: split master]; undefined where there is none
  at::Tensor first_moment;
  at::Tensor second_moment;
};

/// Float32 weights of their halves on the CPU, see [Note: split master].
at::Tensor join(const at::Tensor& weights, const at::Tensor& remainder);

class ShardedUnit {
 public:
  /// Writes elements [first, first + count) of the unit.
  using Fill = std::function<void(int64_t first, int64_t count, float* out)>;

  /// @param index of the unit in the model
  ShardedUnit(int index, UnitLayout layout, const UnitOptions& options, RankGrid& grid, UnitBuffers& buffers);

  const UnitLayout& layout() const { return layout_; }
  UnitState state() const { return state_; }

  /// Starts the all-gather of the weights, unless they are here or on their way.
  void prefetch();
  /// The whole flat weights in the compute dtype, with padding behind. Valid until reshard().
  const at::Tensor& unshard();
  /// Frees what unshard() gathered, unless it stays.
  void reshard();
  /// Collective: all ranks have written their slices of the weights. What was gathered before is old, and
  /// what stays is gathered again.
  void weights_changed();

  /// The whole flat gradients, with padding, for the backward pass to add to.
  at::Tensor gradients();
  /// The same for a pass that computes every matrix of the unit in a product of its own: the first such pass
  /// replaces what is there, which nobody has zeroed, and only norms are added to.
  WeightGradient gradients_to_write();
  /// Ends the unit's backward pass: rotating gradients start on their way to the ranks that own them.
  void reduce_gradients();
  /// Ends the step: leaves the sum over all ranks in the optimizer's shard.
  void finish_gradients();
  /// From here on nothing has been added. Gradients that stay are written the next time they are asked for.
  void zero_gradients();
  /// The same, whatever is still on its way.
  void drop_gradients();
  /// Zeroes this rank's slice of both moments.
  void zero_moments();
  OptimizerShard optimizer_shard();
  /// This rank's part of the unit's training state. The parts of all ranks are the state, each element once.
  StateShard state_shard();

  /// Fills this rank's weights.
  void initialise(const Fill& fill);
  /// The same for a unit of bytes. @param whole all of it
  void initialise_bytes(const std::vector<uint8_t>& whole);
  /// Fills this rank's moments, as initialise() does its weights.
  void initialise_moments(const Fill& fill_first, const Fill& fill_second);
  /// Collective along the shard axis: the whole weights in float32, as exact as there are, on the CPU.
  at::Tensor gather_float32() const;
  /// Collective: the whole gradients of all ranks in float32, on the CPU; they stay what they are.
  at::Tensor gather_gradients();

  int64_t weight_bytes() const;
  int64_t master_bytes() const;
  int64_t gradient_bytes() const;
  int64_t optimizer_bytes() const;

 private:
  at::Tensor zeros(int64_t elements, at::ScalarType dtype) const;
  /// Calls f with all that this rank owns, in parts of float32 on the CPU.
  /// @param f is given the first element in the slice
  void for_each_part(const Fill& fill, const std::function<void(int64_t first, at::Tensor values)>& f) const;
  /// Fills this rank's part of a slice, which is float32 or bfloat16.
  void fill_slice(const at::Tensor& slice, const Fill& fill) const;
  at::Tensor slice_of(const at::Tensor& whole) const;
  /// Collective along the shard axis: the slices of all ranks, on the CPU.
  at::Tensor gather_whole(const at::Tensor& slice) const;
  /// What gradients() and gradients_to_write() give, with its state.
  at::Tensor& open_gradients();
  void zero_if_unwritten();
  bool is_whole() const { return spec_.slice == spec_.padded; }

  int index_;
  UnitLayout layout_;
  UnitOptions options_;
  ShardSpec spec_;
  RankGrid& grid_;
  UnitBuffers& buffers_;
  UnitState state_;
  Transfer gather_;
  at::Tensor weights_;          // [slice], compute dtype
  at::Tensor whole_;            // [padded]; undefined where it would be a buffer's and is sharded
  at::Tensor remainder_;        // [slice] int16; undefined where weights_ are all there is
  at::Tensor gradients_;        // [slice] gradient_dtype, in whole_gradients_ where those stay
  at::Tensor whole_gradients_;  // [padded] gradient_dtype; of a buffer between gradients() and
                                // reduce_gradients(), else undefined, where they rotate
  bool unwritten_ = false;      // whole_gradients_ hold anything, and count as zeros
  at::Tensor first_moment_;     // [slice], state_dtype
  at::Tensor second_moment_;
};

}  // namespace dmt
