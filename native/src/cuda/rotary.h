// What one thread of a block does for a token's rotary embedding; host and device.
#pragma once

#include "cuda/pack.h"

namespace dmt::cuda {

constexpr int kRotaryThreads = block_threads(256);

struct RotaryShape {
  int32_t turned_heads, head_dim;
};

/// Turns a thread's share of the pairs (i, i + head_dim / 2) of a token's heads.
template <int kLanes, typename T>
DMT_INLINE void rotary_thread(T* token_E, const float* cos_H, const float* sin_H, float sign,
                              RotaryShape shape, ThreadPlace place) {
  const int half = shape.head_dim / 2;
  const int packs_per_head = half / kLanes;
  for (int p = place.thread; p < shape.turned_heads * packs_per_head; p += place.threads) {
    const int i = p % packs_per_head * kLanes;
    T* head_D = token_E + int64_t{p / packs_per_head} * shape.head_dim;
    Pack<T, kLanes> first = load_pack<kLanes>(head_D + i), second = load_pack<kLanes>(head_D + half + i);
    for (int lane = 0; lane < kLanes; ++lane) {
      const float a = to_float(first.lane[lane]), b = to_float(second.lane[lane]);
      const float cosine = cos_H[i + lane], sine = sign * sin_H[i + lane];
      store(first.lane[lane], a * cosine - b * sine);
      store(second.lane[lane], b * cosine + a * sine);
    }
    store_pack<kLanes>(head_D + i, first);
    store_pack<kLanes>(head_D + half + i, second);
  }
}

}  // namespace dmt::cuda
