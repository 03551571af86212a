#include "model/decoder_block.h"

#include <string>

#include "base/check.h"
#include "kernels/stochastic_rounding.h"
#include "model/flat_cursor.h"

namespace dmt {
namespace {

int64_t qkv_rows(const ModelConfig& model) {
  return (int64_t{model.heads} + 2 * model.kv_heads) * model.head_dim;
}

/// The groups of a block's adapter, by their input.
enum class Input : uint64_t { kAttentionNorm, kAttention, kFeedForwardNorm, kActivation };

/// Whether the backward pass reads the input of the matrices beside which this adapter stands: for gradients
/// of theirs, or of the adapter's.
bool needs_input(const DecoderBlockWeights& weights, const LowRankGroup& adapter) {
  return !weights.is_frozen || !adapter.empty();
}

/// Of the adapters that read this input.
InputDropout dropout_of(const DecoderBlockWeights& weights, Input input, const Batch& batch) {
  if (weights.dropout == 0.0 || batch.host.dropout_keys.empty()) return {};
  const uint64_t key = kernels::mix(weights.dropout_seed + static_cast<uint64_t>(input));
  return {weights.dropout, key, batch.indices.dropout_keys_T};
}

}  // namespace

UnitLayout decoder_block_layout(const ModelConfig& model, int32_t layer) {
  const std::string prefix = "model.layers." + std::to_string(layer) + ".";
  const int64_t C = model.hidden_size, F = model.intermediate_size;
  const int64_t A = int64_t{model.heads} * model.head_dim, kv = int64_t{model.kv_heads} * model.head_dim;
  UnitLayout layout("model.layers." + std::to_string(layer));
  layout.add(prefix + "input_layernorm.weight", {C});
  layout.add(prefix + "self_attn.q_proj.weight", {A, C});
  layout.add(prefix + "self_attn.k_proj.weight", {kv, C});
  layout.add(prefix + "self_attn.v_proj.weight", {kv, C});
  layout.add(prefix + "self_attn.o_proj.weight", {C, A});
  layout.add(prefix + "post_attention_layernorm.weight", {C});
  layout.add(prefix + "mlp.gate_proj.weight", {F, C});
  layout.add(prefix + "mlp.up_proj.weight", {F, C});
  layout.add(prefix + "mlp.down_proj.weight", {C, F});
  return layout;
}

DecoderBlockParameters::DecoderBlockParameters(const at::Tensor& flat, const ModelConfig& model) {
  const int64_t C = model.hidden_size, F = model.intermediate_size;
  FlatCursor cursor{flat};
  attention_norm_C = cursor.take({C});
  qkv_EC = cursor.take({qkv_rows(model), C});
  output_CA = cursor.take({C, int64_t{model.heads} * model.head_dim});
  feed_forward_norm_C = cursor.take({C});
  gate_up_GC = cursor.take({2 * F, C});
  down_CF = cursor.take({C, F});
}

DecoderBlockWeights::DecoderBlockWeights(const at::Tensor& flat, const ModelConfig& model) {
  const DecoderBlockParameters parameters(flat, model);
  attention_norm_C = parameters.attention_norm_C;
  feed_forward_norm_C = parameters.feed_forward_norm_C;
  qkv_EC.dense_NK = parameters.qkv_EC;
  output_CA.dense_NK = parameters.output_CA;
  gate_up_GC.dense_NK = parameters.gate_up_GC;
  down_CF.dense_NK = parameters.down_CF;
}

at::Tensor whole(const WeightMatrix& matrix, at::ScalarType dtype, Ops& ops, Arena& arena) {
  if (matrix.dense_NK.defined()) return matrix.dense_NK;
  int64_t rows = 0;
  for (const QuantizedMatrix& part : matrix.parts) rows += part.rows;
  at::Tensor whole_NK = arena.allocate({rows, matrix.parts.front().columns}, dtype);
  int64_t row = 0;
  for (const QuantizedMatrix& part : matrix.parts) {
    ops.dequantize(whole_NK.narrow(0, row, part.rows), part);
    row += part.rows;
  }
  return whole_NK;
}

at::Tensor DecoderBlock::reserve(const at::Tensor& kept, at::IntArrayRef sizes) {
  return kept.defined() ? kept : arena_.allocate(sizes, dtype_);
}

DecoderBlockActivations DecoderBlock::allocate_kept(const at::Tensor& x_TC,
                                                    const DecoderBlockWeights& weights) {
  const int64_t T = x_TC.size(0), C = model_.hidden_size, F = model_.intermediate_size;
  const bool all = recompute_ == Recompute::kNone, cheap = recompute_ == Recompute::kCheap;
  const bool attention_norm = needs_input(weights, weights.adapter.qkv);
  const bool feed_forward_norm = needs_input(weights, weights.adapter.gate_up);
  DecoderBlockActivations a;
  a.x_TC = x_TC;
  if (all || cheap || recompute_ == Recompute::kAttention) {
    a.attention_TA = arena_.allocate({T, int64_t{model_.heads} * model_.head_dim}, dtype_);
    a.log_sum_exp_HT = arena_.allocate({model_.heads, T}, at::kFloat);
  }
  if (all || cheap) {
    a.qkv_TE = arena_.allocate({T, qkv_rows(model_)}, dtype_);
    a.residual_TC = arena_.allocate({T, C}, dtype_);
    a.gate_up_TG = arena_.allocate({T, 2 * F}, dtype_);
  }
  // A norm that is computed again brings its rstd; one that nobody reads is not.
  if (all || (cheap && !attention_norm)) a.attention_rstd_T = arena_.allocate({T}, at::kFloat);
  if (all || (cheap && !feed_forward_norm)) a.feed_forward_rstd_T = arena_.allocate({T}, at::kFloat);
  if (all && attention_norm) a.attention_norm_TC = arena_.allocate({T, C}, dtype_);
  if (all && feed_forward_norm) a.feed_forward_norm_TC = arena_.allocate({T, C}, dtype_);
  if (all && needs_input(weights, weights.adapter.down)) a.activation_TF = arena_.allocate({T, F}, dtype_);
  return a;
}

void DecoderBlock::complete(DecoderBlockActivations& a, const DecoderBlockActivations& computed,
                            const DecoderBlockWeights& weights, const Batch& batch,
                            const kernels::RotaryTable& rotary) {
  const int64_t T = a.x_TC.size(0), C = model_.hidden_size, F = model_.intermediate_size;
  const bool attention_norm = !computed.qkv_TE.defined() || needs_input(weights, weights.adapter.qkv);
  if (attention_norm && !computed.attention_norm_TC.defined()) {
    if (!a.attention_rstd_T.defined()) a.attention_rstd_T = arena_.allocate({T}, at::kFloat);
    a.attention_norm_TC = reserve(a.attention_norm_TC, {T, C});
    ops_.rms_norm_forward(a.attention_norm_TC, a.attention_rstd_T, a.x_TC, weights.attention_norm_C,
                          model_.rms_norm_eps);
  }
  if (!computed.qkv_TE.defined()) {
    a.qkv_TE = reserve(a.qkv_TE, {T, qkv_rows(model_)});
    linear(a.qkv_TE, a.attention_norm_TC, weights.qkv_EC);
    low_rank_.forward(a.qkv_TE, a.attention_norm_TC, weights.adapter.qkv,
                      dropout_of(weights, Input::kAttentionNorm, batch));
    ops_.rotary(a.qkv_TE, batch.indices, rotary, kernels::RotaryDirection::kForward);
  }
  if (!computed.attention_TA.defined()) {
    a.attention_TA = reserve(a.attention_TA, {T, int64_t{model_.heads} * model_.head_dim});
    if (!a.log_sum_exp_HT.defined()) a.log_sum_exp_HT = arena_.allocate({model_.heads, T}, at::kFloat);
    ops_.attention_forward(a.attention_TA, a.log_sum_exp_HT, a.qkv_TE, batch.indices);
  }
  const bool feed_forward_norm =
      !computed.gate_up_TG.defined() || needs_input(weights, weights.adapter.gate_up);
  if (feed_forward_norm && !computed.feed_forward_norm_TC.defined()) {
    if (!a.feed_forward_rstd_T.defined()) a.feed_forward_rstd_T = arena_.allocate({T}, at::kFloat);
    a.feed_forward_norm_TC = reserve(a.feed_forward_norm_TC, {T, C});
    if (computed.residual_TC.defined()) {
      ops_.rms_norm_forward(a.feed_forward_norm_TC, a.feed_forward_rstd_T, a.residual_TC,
                            weights.feed_forward_norm_C, model_.rms_norm_eps);
    } else {
      a.residual_TC = reserve(a.residual_TC, {T, C});
      add_attention(a, weights, batch);
    }
  }
  if (!computed.gate_up_TG.defined()) {
    a.gate_up_TG = reserve(a.gate_up_TG, {T, 2 * F});
    linear(a.gate_up_TG, a.feed_forward_norm_TC, weights.gate_up_GC);
    low_rank_.forward(a.gate_up_TG, a.feed_forward_norm_TC, weights.adapter.gate_up,
                      dropout_of(weights, Input::kFeedForwardNorm, batch));
  }
}

void DecoderBlock::activate(DecoderBlockActivations& a) {
  a.activation_TF = reserve(a.activation_TF, {a.x_TC.size(0), int64_t{model_.intermediate_size}});
  ops_.swiglu_forward(a.activation_TF, a.gate_up_TG);
}

void DecoderBlock::forget_head(DecoderBlockWeights& weights, int32_t head) {
  // What a head gives goes through its columns alone.
  const auto forget = [&](at::Tensor& matrix, bool is_whole) {
    matrix = is_whole ? matrix.clone() : matrix;
    matrix.narrow(1, int64_t{head} * model_.head_dim, model_.head_dim).zero_();
  };
  const bool dense = weights.output_CA.dense_NK.defined();
  at::Tensor output_CA = whole(weights.output_CA);
  forget(output_CA, dense);
  weights.output_CA = {output_CA, {}};
  if (!weights.adapter.output.empty()) forget(weights.adapter.output.a_RK, true);
}

DecoderBlockParameters DecoderBlock::unwanted_norms() {
  DecoderBlockParameters sums;
  sums.attention_norm_C = arena_.allocate({model_.hidden_size}, at::kFloat);
  sums.feed_forward_norm_C = arena_.allocate({model_.hidden_size}, at::kFloat);
  return sums;
}

void DecoderBlock::linear(at::Tensor out, const at::Tensor& x, const WeightMatrix& weight) {
  Arena::Scope scope(arena_);
  ops_.linear(out, x, whole(weight));
}

void DecoderBlock::linear_backward_input(at::Tensor dx, const at::Tensor& dout, const WeightMatrix& weight) {
  Arena::Scope scope(arena_);
  ops_.linear_backward_input(dx, dout, whole(weight));
}

void DecoderBlock::add_attention(DecoderBlockActivations& a, const DecoderBlockWeights& weights,
                                 const Batch& batch) {
  Arena::Scope scope(arena_);
  const at::Tensor output_CA = whole(weights.output_CA);
  const LowRankGroup& adapter = weights.adapter.output;
  if (adapter.empty()) {
    ops_.linear_add_norm({a.residual_TC, a.feed_forward_norm_TC, a.feed_forward_rstd_T, a.x_TC,
                          a.attention_TA, output_CA, weights.feed_forward_norm_C, model_.rms_norm_eps},
                         arena_);
    return;
  }
  ops_.linear_add(a.residual_TC, a.x_TC, a.attention_TA, output_CA);
  low_rank_.forward(a.residual_TC, a.attention_TA, adapter, dropout_of(weights, Input::kAttention, batch));
  ops_.rms_norm_forward(a.feed_forward_norm_TC, a.feed_forward_rstd_T, a.residual_TC,
                        weights.feed_forward_norm_C, model_.rms_norm_eps);
}

void DecoderBlock::add_feed_forward(at::Tensor out_TC, DecoderBlockActivations& a,
                                    const DecoderBlockWeights& weights, const Batch& batch) {
  Arena::Scope scope(arena_);
  activate(a);
  ops_.linear_add(out_TC, a.residual_TC, a.activation_TF, whole(weights.down_CF));
  low_rank_.forward(out_TC, a.activation_TF, weights.adapter.down,
                    dropout_of(weights, Input::kActivation, batch));
}

DecoderBlockActivations DecoderBlock::forward(at::Tensor out_TC, const at::Tensor& x_TC,
                                              const DecoderBlockWeights& weights, const Batch& batch,
                                              const kernels::RotaryTable& rotary) {
  const DecoderBlockActivations kept = allocate_kept(x_TC, weights);
  Arena::Scope scope(arena_);
  DecoderBlockActivations a = kept;
  complete(a, DecoderBlockActivations{}, weights, batch, rotary);
  add_feed_forward(out_TC, a, weights, batch);
  return kept;
}

at::Tensor DecoderBlock::forward_only(at::Tensor out_TC, const at::Tensor& x_TC,
                                      const DecoderBlockWeights& weights, const Batch& batch,
                                      const kernels::RotaryTable& rotary) {
  DecoderBlockActivations a;
  a.x_TC = x_TC;
  a.qkv_TE = arena_.allocate({x_TC.size(0), qkv_rows(model_)}, dtype_);
  Arena::Scope scope(arena_);
  complete(a, DecoderBlockActivations{}, weights, batch, rotary);
  add_feed_forward(out_TC, a, weights, batch);
  return a.qkv_TE;
}

void DecoderBlock::backward(at::Tensor gradient_TC, const DecoderBlockActivations& kept,
                            const DecoderBlockWeights& weights, const DecoderBlockGradients& gradients,
                            const Batch& batch, const kernels::RotaryTable& rotary) {
  const int64_t T = gradient_TC.size(0), C = model_.hidden_size, F = model_.intermediate_size;
  Arena::Scope scope(arena_);
  const bool trains_model = gradients.model.sum.defined();
  const DecoderBlockParameters sums =
      trains_model ? DecoderBlockParameters(gradients.model.sum, model_) : unwanted_norms();
  const auto product = [&](const at::Tensor& sum, const at::Tensor& dout, const at::Tensor& x) {
    if (trains_model) ops_.linear_backward_weight({sum, gradients.model.into}, dout, x, arena_);
  };
  const auto low_rank = [&](at::Tensor dx, const at::Tensor& dout, const at::Tensor& x,
                            LowRankGroup BlockAdapter::*group, Input input) {
    low_rank_.backward(dx, gradients.adapter.*group, gradients.adapter_into, dout, x, weights.adapter.*group,
                       dropout_of(weights, input, batch));
  };
  DecoderBlockActivations a = kept;
  complete(a, kept, weights, batch, rotary);
  if (!kept.activation_TF.defined() && needs_input(weights, weights.adapter.down)) activate(a);
  at::Tensor dnorm_TC = arena_.allocate({T, C}, dtype_);
  {
    Arena::Scope feed_forward(arena_);
    at::Tensor dactivation_TF = arena_.allocate({T, F}, dtype_);
    product(sums.down_CF, gradient_TC, a.activation_TF);
    linear_backward_input(dactivation_TF, gradient_TC, weights.down_CF);
    low_rank(dactivation_TF, gradient_TC, a.activation_TF, &BlockAdapter::down, Input::kActivation);
    ops_.swiglu_backward(a.gate_up_TG, dactivation_TF);
    product(sums.gate_up_GC, a.gate_up_TG, a.feed_forward_norm_TC);
    linear_backward_input(dnorm_TC, a.gate_up_TG, weights.gate_up_GC);
    low_rank(dnorm_TC, a.gate_up_TG, a.feed_forward_norm_TC, &BlockAdapter::gate_up, Input::kFeedForwardNorm);
    ops_.rms_norm_backward(gradient_TC, sums.feed_forward_norm_C, dnorm_TC, a.residual_TC,
                           a.feed_forward_rstd_T, weights.feed_forward_norm_C, arena_);
  }
  Arena::Scope attention(arena_);
  at::Tensor dattention_TA = arena_.allocate(a.attention_TA.sizes(), dtype_);
  at::Tensor dqkv_TE = arena_.allocate(a.qkv_TE.sizes(), dtype_);
  product(sums.output_CA, gradient_TC, a.attention_TA);
  linear_backward_input(dattention_TA, gradient_TC, weights.output_CA);
  low_rank(dattention_TA, gradient_TC, a.attention_TA, &BlockAdapter::output, Input::kAttention);
  ops_.attention_backward(dqkv_TE, dattention_TA, a.attention_TA, a.log_sum_exp_HT, a.qkv_TE, batch.indices);
  ops_.rotary(dqkv_TE, batch.indices, rotary, kernels::RotaryDirection::kBackward);
  product(sums.qkv_EC, dqkv_TE, a.attention_norm_TC);
  linear_backward_input(dnorm_TC, dqkv_TE, weights.qkv_EC);
  low_rank(dnorm_TC, dqkv_TE, a.attention_norm_TC, &BlockAdapter::qkv, Input::kAttentionNorm);
  ops_.rms_norm_backward(gradient_TC, sums.attention_norm_C, dnorm_TC, a.x_TC, a.attention_rstd_T,
                         weights.attention_norm_C, arena_);
}

}  // namespace dmt
