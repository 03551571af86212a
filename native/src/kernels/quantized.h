// Frozen weights in 8 or 4 bits, see [Note: quantized weights].
#pragma once

#include "kernels/quantized_format.h"

namespace dmt::kernels {

/// A packed matrix [N, K]. `packed` lies at a multiple of 16.
struct QuantizedMatrix {
  QuantizedFormat format;
  const uint8_t* packed;
  int64_t N, K;
};

/// Bytes of a packed matrix.
inline int64_t packed_bytes(QuantizedFormat format, int64_t N, int64_t K) {
  return packed_layout(format, N, K).bytes;
}

/// Writes all packed_bytes(). The same bits for every number of threads.
/// @param weights finite
void quantize(QuantizedFormat format, uint8_t* packed, const float* weights_NK, int64_t N, int64_t K);

/// What the codes stand for; in bfloat16 rounded once.
template <typename T>
void dequantize(T* out_NK, const QuantizedMatrix& matrix);

/// out[M, N] = x[M, K] * matrix[N, K]^T + residual[M, N], for a few rows of x. The bits are those of
/// row_products (kernels/decode.h) with the matrix dequantised to float32, which memory never sees: see
/// [Note: batch invariance]. @param residual may be null or out itself
void row_products(float* out_MN, const float* x_MK, const QuantizedMatrix& matrix, const float* residual_MN,
                  int64_t M);

}  // namespace dmt::kernels
