// Shapes: T tokens of the micro-batch, C hidden size, H query heads, K key-value heads, D head dim,
// A = H * D, E = (H + 2K) * D, F intermediate size, G = 2F. x_TC and friends carry them as suffixes.
#pragma once

#include <ATen/ATen.h>

#include "base/arena.h"
#include "dist/sharded_unit.h"
#include "model/adapter.h"
#include "model/batch.h"
#include "model/low_rank.h"
#include "ops/ops.h"

namespace dmt {

/// Parameters of block `layer` under their Hugging Face names. Query, key and value lie next to each other,
/// gate and up too, so that each group is one matrix.
UnitLayout decoder_block_layout(const ModelConfig& model, int32_t layer);

/// Views into a block's flat buffer: of its weights or of its gradients.
struct DecoderBlockParameters {
  DecoderBlockParameters() = default;
  DecoderBlockParameters(const at::Tensor& flat, const ModelConfig& model);
  at::Tensor attention_norm_C, qkv_EC, output_CA, feed_forward_norm_C, gate_up_GC, down_CF;
};

/// A matrix of weights [N, K] as its unit has it.
struct WeightMatrix {
  at::Tensor dense_NK;                 ///< undefined where it is quantised
  std::vector<QuantizedMatrix> parts;  ///< its rows, one part after another, where it is
};

/// The matrix in this type: a quantised one as what its codes stand for, in the arena's enclosing scope.
at::Tensor whole(const WeightMatrix& matrix, at::ScalarType dtype, Ops& ops, Arena& arena);

/// What a block is computed with.
struct DecoderBlockWeights {
  DecoderBlockWeights() = default;
  /// @param flat of the unit, in the compute dtype
  DecoderBlockWeights(const at::Tensor& flat, const ModelConfig& model);

  at::Tensor attention_norm_C, feed_forward_norm_C;
  WeightMatrix qkv_EC, output_CA, gate_up_GC, down_CF;
  bool is_frozen = false;  ///< nothing but the adapter is trained
  BlockAdapter adapter;
  double dropout = 0.0;       ///< of the adapter
  uint64_t dropout_seed = 0;  ///< of this block in this step
};

/// Where the gradients of a block go; undefined where they are not wanted.
struct DecoderBlockGradients {
  WeightGradient model;  ///< flat: matrices are replaced or added to, and norms added to
  BlockAdapter adapter;  ///< matrices that are replaced or added to
  SumInto adapter_into = SumInto::kAdd;
};

/// What a block computes on its way, in this order. Undefined tensors have not been computed or not been
/// kept.
struct DecoderBlockActivations {
  at::Tensor x_TC;  // the input
  at::Tensor attention_rstd_T, attention_norm_TC;
  at::Tensor qkv_TE;  // after the rotary embedding
  at::Tensor attention_TA, log_sum_exp_HT;
  at::Tensor residual_TC;
  at::Tensor feed_forward_rstd_T, feed_forward_norm_TC;
  at::Tensor gate_up_TG;
  at::Tensor activation_TF;
};

/// Computes decoder blocks, all of which have the same shape.
class DecoderBlock {
 public:
  DecoderBlock(const ModelConfig& model, Recompute recompute, at::ScalarType dtype, Ops& ops, Arena& arena)
      : model_(model),
        recompute_(recompute),
        dtype_(dtype),
        ops_(ops),
        arena_(arena),
        low_rank_(ops, arena) {}

  /// Writes the output into out_TC. @return what the level keeps for the backward pass; it lies in the arena,
  /// in the caller's scope
  DecoderBlockActivations forward(at::Tensor out_TC, const at::Tensor& x_TC,
                                  const DecoderBlockWeights& weights, const Batch& batch,
                                  const kernels::RotaryTable& rotary);
  /// The same, and keeps nothing but qkv, for a key-value cache or for nobody.
  at::Tensor forward_only(at::Tensor out_TC, const at::Tensor& x_TC, const DecoderBlockWeights& weights,
                          const Batch& batch, const kernels::RotaryTable& rotary);
  /// Turns the gradient of the output into that of the input, in place.
  void backward(at::Tensor gradient_TC, const DecoderBlockActivations& kept,
                const DecoderBlockWeights& weights, const DecoderBlockGradients& gradients,
                const Batch& batch, const kernels::RotaryTable& rotary);
  /// Takes what a query head gives out of a copy of the weights, in the enclosing scope.
  void forget_head(DecoderBlockWeights& weights, int32_t head);

 private:
  /// What the backward pass of a frozen block does not read is not kept on any level.
  DecoderBlockActivations allocate_kept(const at::Tensor& x_TC, const DecoderBlockWeights& weights);
  /// Computes what is missing before the activation function, in the enclosing scope; nothing that neither
  /// what is missing nor the backward pass reads.
  void complete(DecoderBlockActivations& a, const DecoderBlockActivations& computed,
                const DecoderBlockWeights& weights, const Batch& batch, const kernels::RotaryTable& rotary);
  /// The activation function, in the enclosing scope where it is not kept.
  void activate(DecoderBlockActivations& a);
  at::Tensor reserve(const at::Tensor& kept, at::IntArrayRef sizes);
  at::Tensor whole(const WeightMatrix& matrix) { return dmt::whole(matrix, dtype_, ops_, arena_); }
  void linear(at::Tensor out, const at::Tensor& x, const WeightMatrix& weight);
  void linear_backward_input(at::Tensor dx, const at::Tensor& dout, const WeightMatrix& weight);
  /// Somewhere for the gradients of norms that are not trained: the kernels add to them all the same.
  DecoderBlockParameters unwanted_norms();
  /// Output of the attention, added to the residual, and its norm.
  void add_attention(DecoderBlockActivations& a, const DecoderBlockWeights& weights, const Batch& batch);
  /// out = residual + activation * down^T
  void add_feed_forward(at::Tensor out_TC, DecoderBlockActivations& a, const DecoderBlockWeights& weights,
                        const Batch& batch);

  const ModelConfig& model_;
  Recompute recompute_;
  at::ScalarType dtype_;
  Ops& ops_;
  Arena& arena_;
  LowRankProducts low_rank_;
};

}  // namespace dmt
