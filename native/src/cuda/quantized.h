// Weights of a packed matrix, see kernels/quantized_format.h; host and device. A pack's weights are next to
// each other in a row.
#pragma once

#include "cuda/pack.h"
#include "kernels/quantized_format.h"

namespace dmt::cuda {

/// Codes of a pack lie in one word.
constexpr int kQuantizedLanes = 8;

/// What the codes of kNf4 stand for. A kernel's constants are read one by one when threads ask for different
/// ones, what a block shares is not.
struct Nf4Tables {
  float values[16];
  float dynamic_values[256];
};

inline Nf4Tables nf4_tables() {
  Nf4Tables tables;
  constexpr auto kDynamicValues = kernels::dynamic_values();
  std::copy(kernels::kNf4Values.begin(), kernels::kNf4Values.end(), tables.values);
  std::copy(kDynamicValues.begin(), kDynamicValues.end(), tables.dynamic_values);
  return tables;
}

/// A pass of cuda/flat.h over all elements: blocks do not care about rows.
template <typename T>
struct Nf4Pass {
  T* out;
  const uint8_t* codes;
  const uint8_t* block_codes;
  const float* absmax;
  const float* offset;
  const Nf4Tables* tables;

  template <int kLanes>
  DMT_INLINE void at(int64_t i) const {
    static_assert(kLanes == 1 || kLanes == kQuantizedLanes);
    const int64_t block = i / kernels::kNf4Block;
    const float scale = kernels::nf4_scale(tables->dynamic_values[block_codes[block]],
                                           absmax[block / kernels::kScaleBlock], *offset);
    Pack<T, kLanes> to;
    if constexpr (kLanes == 1) {
      store(to.lane[0], tables->values[codes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15] * scale);
    } else {
      const uint32_t word = *reinterpret_cast<const uint32_t*>(codes + i / 2);
      DMT_UNROLL
      for (int lane = 0; lane < kLanes; ++lane) {
        const int shift = lane / 2 * 8 + (lane % 2 == 0 ? 4 : 0);
        store(to.lane[lane], tables->values[word >> shift & 15] * scale);
      }
    }
    store_pack<kLanes>(out + i, to);
  }
};

template <int kLanes, typename T>
DMT_INLINE void int8_pack(T* out, const int8_t* codes, float absmax) {
  static_assert(kLanes == 1 || kLanes == kQuantizedLanes);
  Pack<T, kLanes> to;
  if constexpr (kLanes == 1) {
    store(to.lane[0], kernels::int8_weight(codes[0], absmax));
  } else {
    const uint64_t word = *reinterpret_cast<const uint64_t*>(codes);
    DMT_UNROLL
    for (int lane = 0; lane < kLanes; ++lane)
      store(to.lane[lane], kernels::int8_weight(static_cast<int8_t>(word >> (8 * lane)), absmax));
  }
  store_pack<kLanes>(out, to);
}

}  // namespace dmt::cuda
