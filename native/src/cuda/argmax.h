// What one thread of a block does for the largest logit of a row; host and device.
#pragma once

#include <cmath>

#include "cuda/pack.h"

namespace dmt::cuda {

constexpr int kArgmaxThreads = block_threads(512);
constexpr int32_t kNothingSeen = 0x7FFFFFFF;

/// The largest value seen and where, or a NaN if one was seen.
struct Largest {
  float value = -INFINITY;
  int32_t index = kNothingSeen;
};

struct Larger {
  DMT_INLINE Largest operator()(const Largest& a, const Largest& b) const {
    if (std::isnan(a.value)) return a;
    const bool b_wins = std::isnan(b.value) || b.value > a.value || (b.value == a.value && b.index < a.index);
    return b_wins ? b : a;
  }
};

/// A thread's packs of a row.
template <int kLanes, typename T>
DMT_INLINE Largest argmax_thread(const T* logits_V, int64_t vocabulary, ThreadPlace place) {
  Largest seen;
  const int64_t stride = int64_t{place.threads} * kLanes;
  for (int64_t v = int64_t{place.thread} * kLanes; v < vocabulary; v += stride) {
    const Pack<T, kLanes> pack = load_pack<kLanes>(logits_V + v);
    for (int i = 0; i < kLanes; ++i)
      seen = Larger{}(seen, {to_float(pack.lane[i]), static_cast<int32_t>(v + i)});
  }
  return seen;
}

DMT_INLINE int32_t token_of(const Largest& row) {
  return std::isnan(row.value) ? -1 : row.index;
}

}  // namespace dmt::cuda
