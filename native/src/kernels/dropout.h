// Dropout whose choices are a function of the place, so that nothing of them is kept: a backward pass makes
// them again. Host and device give the same bits.
#pragma once

#include "kernels/stochastic_rounding.h"

namespace dmt::kernels {

/// Key of a token's choices. @param key of the pass @param token_key of the token
DMT_INLINE uint64_t dropout_key(uint64_t key, int32_t token_key) {
  return mix(key ^ static_cast<uint32_t>(token_key));
}

/// Largest random bits that drop a value, plus 1; 0 drops none.
inline uint32_t dropout_threshold(double share) {
  return static_cast<uint32_t>(share * 0x1p32);
}

/// The value, or 0, times what makes the mean what it was.
DMT_INLINE float dropped_out(float x, uint64_t key, int64_t column, uint32_t threshold, float scale) {
  return random_bits(key, static_cast<uint64_t>(column)).first < threshold ? 0.0f : x * scale;
}

/// out[t, k] = x[t, k] / (1 - share), or 0 for a share of them. @param out may be x
/// @param token_keys_T of the tokens @param share in [0, 1)
template <typename TData>
void dropout(TData* out_TK, const TData* x_TK, const int32_t* token_keys_T, uint64_t key, double share,
             int64_t T, int64_t K);

}  // namespace dmt::kernels
