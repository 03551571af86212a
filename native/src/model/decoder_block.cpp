#include "model/decoder_block.h"

#include <string>

#include "base/check.h"

namespace dmt {
namespace {

int64_t qkv_rows(const ModelConfig& model) {
  return (int64_t{model.heads} + 2 * model.kv_heads) * model.head_dim;
}

/// Takes consecutive tensors from a flat buffer.
struct FlatCursor {
  const at::Tensor& flat;
  int64_t offset = 0;
  at::Tensor take(at::IntArrayRef sizes) {
    int64_t elements = 1;
    for (const int64_t size : sizes) elements *= size;
    at::Tensor view = flat.narrow(0, offset, elements).view(sizes);
    offset += elements;
    return view;
  }
};

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

at::Tensor DecoderBlock::reserve(const at::Tensor& kept, at::IntArrayRef sizes) {
  return kept.defined() ? kept : arena_.allocate(sizes, dtype_);
}

DecoderBlockActivations DecoderBlock::allocate_kept(const at::Tensor& x_TC) {
  const int64_t T = x_TC.size(0), C = model_.hidden_size, F = model_.intermediate_size;
  const bool all = recompute_ == Recompute::kNone, cheap = recompute_ == Recompute::kCheap;
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
  if (all) {
    a.attention_rstd_T = arena_.allocate({T}, at::kFloat);
    a.attention_norm_TC = arena_.allocate({T, C}, dtype_);
    a.feed_forward_rstd_T = arena_.allocate({T}, at::kFloat);
    a.feed_forward_norm_TC = arena_.allocate({T, C}, dtype_);
    a.activation_TF = arena_.allocate({T, F}, dtype_);
  }
  return a;
}

void DecoderBlock::complete(DecoderBlockActivations& a, const DecoderBlockActivations& computed,
                            const DecoderBlockParameters& weights, const Batch& batch,
                            const kernels::RotaryTable& rotary) {
  const int64_t T = a.x_TC.size(0), C = model_.hidden_size, F = model_.intermediate_size;
  if (!computed.attention_norm_TC.defined()) {
    if (!a.attention_rstd_T.defined()) a.attention_rstd_T = arena_.allocate({T}, at::kFloat);
    a.attention_norm_TC = reserve(a.attention_norm_TC, {T, C});
    ops_.rms_norm_forward(a.attention_norm_TC, a.attention_rstd_T, a.x_TC, weights.attention_norm_C,
                          model_.rms_norm_eps);
  }
  if (!computed.qkv_TE.defined()) {
    a.qkv_TE = reserve(a.qkv_TE, {T, qkv_rows(model_)});
    ops_.linear(a.qkv_TE, a.attention_norm_TC, weights.qkv_EC);
    ops_.rotary(a.qkv_TE, batch.indices, rotary, kernels::RotaryDirection::kForward);
  }
  if (!computed.attention_TA.defined()) {
    a.attention_TA = reserve(a.attention_TA, {T, int64_t{model_.heads} * model_.head_dim});
    if (!a.log_sum_exp_HT.defined()) a.log_sum_exp_HT = arena_.allocate({model_.heads, T}, at::kFloat);
    ops_.attention_forward(a.attention_TA, a.log_sum_exp_HT, a.qkv_TE, batch.indices);
  }
  if (!computed.feed_forward_norm_TC.defined()) {
    if (!a.feed_forward_rstd_T.defined()) a.feed_forward_rstd_T = arena_.allocate({T}, at::kFloat);
    a.feed_forward_norm_TC = reserve(a.feed_forward_norm_TC, {T, C});
    if (computed.residual_TC.defined()) {
      ops_.rms_norm_forward(a.feed_forward_norm_TC, a.feed_forward_rstd_T, a.residual_TC,
                            weights.feed_forward_norm_C, model_.rms_norm_eps);
    } else {
      a.residual_TC = reserve(a.residual_TC, {T, C});
      ops_.linear_add_norm(
          {a.residual_TC, a.feed_forward_norm_TC, a.feed_forward_rstd_T, a.x_TC, a.attention_TA,
           weights.output_CA, weights.feed_forward_norm_C, model_.rms_norm_eps},
          arena_);
    }
  }
  if (!computed.gate_up_TG.defined()) {
    a.gate_up_TG = reserve(a.gate_up_TG, {T, 2 * F});
    ops_.linear(a.gate_up_TG, a.feed_forward_norm_TC, weights.gate_up_GC);
  }
  if (!computed.activation_TF.defined()) {
    a.activation_TF = reserve(a.activation_TF, {T, F});
    ops_.swiglu_forward(a.activation_TF, a.gate_up_TG);
  }
}

DecoderBlockActivations DecoderBlock::forward(at::Tensor out_TC, const at::Tensor& x_TC,
                                              const DecoderBlockParameters& weights, const Batch& batch,
                                              const kernels::RotaryTable& rotary) {
  const DecoderBlockActivations kept = allocate_kept(x_TC);
  Arena::Scope scope(arena_);
  DecoderBlockActivations a = kept;
  complete(a, DecoderBlockActivations{}, weights, batch, rotary);
  ops_.linear_add(out_TC, a.residual_TC, a.activation_TF, weights.down_CF);
  return kept;
}

at::Tensor DecoderBlock::forward_only(at::Tensor out_TC, const at::Tensor& x_TC,
                                      const DecoderBlockParameters& weights, const Batch& batch,
                                      const kernels::RotaryTable& rotary) {
  DecoderBlockActivations a;
  a.x_TC = x_TC;
  a.qkv_TE = arena_.allocate({x_TC.size(0), qkv_rows(model_)}, dtype_);
  Arena::Scope scope(arena_);
  complete(a, DecoderBlockActivations{}, weights, batch, rotary);
  ops_.linear_add(out_TC, a.residual_TC, a.activation_TF, weights.down_CF);
  return a.qkv_TE;
}

void DecoderBlock::backward(at::Tensor gradient_TC, const DecoderBlockActivations& kept,
                            const DecoderBlockParameters& weights, const WeightGradient& flat_gradients,
                            const Batch& batch, const kernels::RotaryTable& rotary) {
  const DecoderBlockParameters gradients(flat_gradients.sum, model_);
  const auto product = [&](const at::Tensor& sum, const at::Tensor& dout, const at::Tensor& x) {
    ops_.linear_backward_weight({sum, flat_gradients.into}, dout, x, arena_);
  };
  const int64_t T = gradient_TC.size(0), C = model_.hidden_size, F = model_.intermediate_size;
  Arena::Scope scope(arena_);
  DecoderBlockActivations a = kept;
  complete(a, kept, weights, batch, rotary);
  at::Tensor dnorm_TC = arena_.allocate({T, C}, dtype_);
  {
    Arena::Scope feed_forward(arena_);
    at::Tensor dactivation_TF = arena_.allocate({T, F}, dtype_);
    product(gradients.down_CF, gradient_TC, a.activation_TF);
    ops_.linear_backward_input(dactivation_TF, gradient_TC, weights.down_CF);
    ops_.swiglu_backward(a.gate_up_TG, dactivation_TF);
    product(gradients.gate_up_GC, a.gate_up_TG, a.feed_forward_norm_TC);
    ops_.linear_backward_input(dnorm_TC, a.gate_up_TG, weights.gate_up_GC);
    ops_.rms_norm_backward(gradient_TC, gradients.feed_forward_norm_C, dnorm_TC, a.residual_TC,
                           a.feed_forward_rstd_T, weights.feed_forward_norm_C, arena_);
  }
  Arena::Scope attention(arena_);
  at::Tensor dattention_TA = arena_.allocate(a.attention_TA.sizes(), dtype_);
  at::Tensor dqkv_TE = arena_.allocate(a.qkv_TE.sizes(), dtype_);
  product(gradients.output_CA, gradient_TC, a.attention_TA);
  ops_.linear_backward_input(dattention_TA, gradient_TC, weights.output_CA);
  ops_.attention_backward(dqkv_TE, dattention_TA, a.attention_TA, a.log_sum_exp_HT, a.qkv_TE, batch.indices);
  ops_.rotary(dqkv_TE, batch.indices, rotary, kernels::RotaryDirection::kBackward);
  product(gradients.qkv_EC, dqkv_TE, a.attention_norm_TC);
  ops_.linear_backward_input(dnorm_TC, dqkv_TE, weights.qkv_EC);
  ops_.rms_norm_backward(gradient_TC, gradients.attention_norm_C, dnorm_TC, a.x_TC, a.attention_rstd_T,
                         weights.attention_norm_C, arena_);
}

}  // namespace dmt
