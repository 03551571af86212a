// Kernels of token-by-token decoding. [Note: batch invariance] Each output element is computed by the same
// operations in the same order however many rows there are, so a request's tokens do not depend on what else
// is in the batch. BLAS gives no such promise: it chooses its kernel by the number of rows.
#pragma once

#include <cstdint>

#include "kernels/scalar.h"

namespace dmt::kernels {

/// out[M, N] = x[M, K] * weight[N, K]^T + residual[M, N]; activations and sums are float32.
/// @param residual may be null or out itself
template <typename TWeight>
void row_products(float* out_MN, const float* x_MK, const TWeight* weight_NK, const float* residual_MN,
                  int64_t M, int64_t N, int64_t K);

/// Some columns of it alone, by the calling thread: out and residual begin at the first and are rows of N,
/// the weight is [columns, K]. The bits are those that the columns have among others.
template <typename TWeight>
void column_products(float* out_MN, const float* x_MK, const TWeight* weight, const float* residual_MN,
                     int64_t M, int64_t N, int64_t K, int64_t columns);
/// Columns that are computed side by side.
constexpr int64_t kProductColumns = 4;

/// Keys [kv_heads, head_dim, capacity] and values [kv_heads, capacity, head_dim] of one request and layer,
/// `length` positions filled. Keys lie so that the scores of many positions are computed side by side.
template <typename TCache>
struct CacheView {
  TCache* keys;
  TCache* values;
  int64_t capacity;
  int64_t length;
};

/// Attention of one token of a request: out[heads * head_dim] from query[heads * head_dim].
/// @param scores scratch [length]
template <typename TCache>
void decode_attention_head(float* out_D, const float* query_D, const CacheView<TCache>& cache,
                           int64_t kv_head, int64_t head_dim, float* scores);

}  // namespace dmt::kernels
