#pragma once

#include <cstdint>

#include "kernels/scalar.h"

namespace dmt::kernels {

/// Documents laid end to end in one micro-batch, and the heads that attend inside each.
/// T: all tokens, H: query heads, K: key-value heads (H / K queries share one), D: head dim,
/// E = (H + 2K) D: a row of qkv, queries first, then keys, then values.
struct AttentionShape {
  int64_t heads;
  int64_t kv_heads;
  int64_t head_dim;
  int64_t tokens;
  int64_t documents;
  const int32_t* document_offsets;  // [documents + 1]

  int64_t row() const { return (heads + 2 * kv_heads) * head_dim; }
};

/// Causal softmax attention inside each document, scaled by 1 / sqrt(D). Work and memory of a document do
/// not depend on its neighbours.
/// @param log_sum_exp_HT kept for the backward pass
template <typename TData>
void attention_forward(TData* out_TA, float* log_sum_exp_HT, const TData* qkv_TE,
                       const AttentionShape& shape);

/// Probabilities are computed again from log_sum_exp. Writes every element of dqkv.
template <typename TData>
void attention_backward(TData* dqkv_TE, const TData* dout_TA, const TData* out_TA,
                        const float* log_sum_exp_HT, const TData* qkv_TE, const AttentionShape& shape);

}  // namespace dmt::kernels
