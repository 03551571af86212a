#include "model/low_rank.h"

namespace dmt {
namespace {

void scale(at::Tensor x, double factor) {
  if (factor == 1.0) return;
  const TimedWork timed(Work::kElementWise);
  x.mul_(factor);
}

at::Tensor ranks_of(const at::Tensor& h_TR, const LowRankPart& part) {
  return h_TR.narrow(1, part.first_rank, part.rank);
}

at::Tensor columns_of(const at::Tensor& x_TN, const LowRankPart& part) {
  return x_TN.narrow(1, part.first_column, part.columns);
}

}  // namespace

at::Tensor LowRankProducts::dropped(const at::Tensor& x_TK, const InputDropout& dropout) {
  if (dropout.share == 0.0) return x_TK;
  at::Tensor dropped_TK = arena_.allocate(x_TK.sizes(), x_TK.scalar_type());
  ops_.dropout(dropped_TK, x_TK, dropout.keys_T, dropout.key, dropout.share);
  return dropped_TK;
}

at::Tensor LowRankProducts::narrow_forward(const at::Tensor& x_TK, const LowRankGroup& weights) {
  at::Tensor h_TR = arena_.allocate({x_TK.size(0), weights.a_RK.size(0)}, x_TK.scalar_type());
  ops_.linear(h_TR, x_TK, weights.a_RK);
  for (const LowRankPart& part : weights.parts) scale(ranks_of(h_TR, part), part.scale);
  return h_TR;
}

void LowRankProducts::forward(at::Tensor out_TN, const at::Tensor& x_TK, const LowRankGroup& weights,
                              const InputDropout& dropout) {
  if (weights.empty()) return;
  Arena::Scope scope(arena_);
  add_wide(out_TN, narrow_forward(dropped(x_TK, dropout), weights), weights);
}

void LowRankProducts::forward_rows(at::Tensor out_TN, const at::Tensor& x_TK, const LowRankGroup& weights,
                                   const at::Tensor& rows_T1) {
  if (weights.empty()) return;
  Arena::Scope scope(arena_);
  at::Tensor h_TR = narrow_forward(x_TK, weights);
  h_TR.mul_(rows_T1);
  add_wide(out_TN, h_TR, weights);
}

void LowRankProducts::add_wide(at::Tensor out_TN, const at::Tensor& h_TR, const LowRankGroup& weights) {
  for (const LowRankPart& part : weights.parts) {
    const at::Tensor out = columns_of(out_TN, part);
    ops_.linear_add(out, out, ranks_of(h_TR, part), part.b_Nr);
  }
}

void LowRankProducts::backward(at::Tensor dx_TK, const LowRankGroup& gradients, SumInto into,
                               const at::Tensor& dout_TN, const at::Tensor& x_TK, const LowRankGroup& weights,
                               const InputDropout& dropout) {
  if (weights.empty()) return;
  Arena::Scope scope(arena_);
  const at::Tensor dropped_TK = dropped(x_TK, dropout);
  const at::Tensor h_TR = narrow_forward(dropped_TK, weights);
  at::Tensor dh_TR = arena_.allocate(h_TR.sizes(), h_TR.scalar_type());
  for (size_t p = 0; p < weights.parts.size(); ++p) {
    const LowRankPart& part = weights.parts[p];
    const at::Tensor dout = columns_of(dout_TN, part);
    ops_.linear_backward_weight({gradients.parts[p].b_Nr, into}, dout, ranks_of(h_TR, part), arena_);
    ops_.linear_backward_input(ranks_of(dh_TR, part), dout, part.b_Nr);
    scale(ranks_of(dh_TR, part), part.scale);
  }
  ops_.linear_backward_weight({gradients.a_RK, into}, dh_TR, dropped_TK, arena_);
  if (dropout.share == 0.0) {
    ops_.linear_backward_input_add(dx_TK, dh_TR, weights.a_RK);
    return;
  }
  const at::Tensor& dropped_dx_TK = dropped_TK;  // whose values nobody reads any more
  ops_.linear_backward_input(dropped_dx_TK, dh_TR, weights.a_RK);
  ops_.dropout(dropped_dx_TK, dropped_dx_TK, dropout.keys_T, dropout.key, dropout.share);
  const TimedWork timed(Work::kElementWise);
  dx_TK.add_(dropped_dx_TK);
}

at::Tensor LowRankProducts::narrow_embed(const EmbeddingAdapter& weights, const BatchIndices& batch,
                                         at::ScalarType dtype) {
  const int64_t T = batch.attention.tokens, r = weights.a_rV.size(0);
  at::Tensor h_Tr = arena_.allocate({T, r}, dtype);
  Arena::Scope scope(arena_);
  at::Tensor h_rT = arena_.allocate({r, T}, dtype);
  ops_.gather_columns(h_rT, weights.a_rV, batch.token_ids_T);
  const TimedWork timed(Work::kElementWise);
  h_Tr.copy_(h_rT.t());
  h_Tr.mul_(weights.scale);
  return h_Tr;
}

void LowRankProducts::embed(at::Tensor x_TC, const EmbeddingAdapter& weights, const BatchIndices& batch) {
  Arena::Scope scope(arena_);
  ops_.linear_add(x_TC, x_TC, narrow_embed(weights, batch, x_TC.scalar_type()), weights.b_Cr);
}

void LowRankProducts::embed_rows(at::Tensor x_TC, const EmbeddingAdapter& weights, const BatchIndices& batch,
                                 const at::Tensor& rows_T1) {
  Arena::Scope scope(arena_);
  at::Tensor h_Tr = narrow_embed(weights, batch, x_TC.scalar_type());
  h_Tr.mul_(rows_T1);
  ops_.linear_add(x_TC, x_TC, h_Tr, weights.b_Cr);
}

void LowRankProducts::embed_backward(const EmbeddingAdapter& gradients, const at::Tensor& dx_TC,
                                     const EmbeddingAdapter& weights, const BatchIndices& batch) {
  Arena::Scope scope(arena_);
  const at::Tensor h_Tr = narrow_embed(weights, batch, dx_TC.scalar_type());
  ops_.linear_backward_weight({gradients.b_Cr, SumInto::kAdd}, dx_TC, h_Tr, arena_);
  at::Tensor dh_Tr = arena_.allocate(h_Tr.sizes(), h_Tr.scalar_type());
  ops_.linear_backward_input(dh_Tr, dx_TC, weights.b_Cr);
  scale(dh_Tr, weights.scale);
  at::Tensor rows_Vr =
      arena_.allocate({gradients.a_rV.size(1), gradients.a_rV.size(0)}, gradients.a_rV.scalar_type());
  {
    const TimedWork timed(Work::kElementWise);
    rows_Vr.zero_();
  }
  ops_.embedding_backward(rows_Vr, dh_Tr, batch);
  const TimedWork timed(Work::kElementWise);
  at::Tensor a_rV = gradients.a_rV;
  a_rV.add_(rows_Vr.t());
}

}  // namespace dmt
