// What one thread of a block does for a row of cross-entropy; host and device.
#pragma once

#include <cmath>

#include "cuda/pack.h"

namespace dmt::cuda {

constexpr int kCrossEntropyThreads = block_threads(512);
constexpr int kSourceThreads = block_threads(256);

/// Sum of exp(x - max) over what was seen, for the largest of it. With nothing but -inf seen, the sum is 0.
struct LogSumExp {
  float max = -INFINITY;
  float sum = 0.0f;
};

/// sum * exp(max - new_max), where exp(-inf - -inf) counts as 1.
DMT_INLINE float rescaled(const LogSumExp& part, float new_max) {
  return part.max == new_max ? part.sum : part.sum * exp_of(part.max - new_max);
}

/// A NaN or an infinity in either makes a sum that is NaN, not a wrong one.
DMT_INLINE LogSumExp combined(const LogSumExp& a, const LogSumExp& b) {
  LogSumExp both;
  both.max = a.max > b.max ? a.max : b.max;
  both.sum = rescaled(a, both.max) + rescaled(b, both.max);
  return both;
}

struct Combine {
  DMT_INLINE LogSumExp operator()(const LogSumExp& a, const LogSumExp& b) const { return combined(a, b); }
};

/// A thread's packs of a row, in one pass.
template <int kLanes, typename T>
DMT_INLINE LogSumExp log_sum_exp_thread(const T* logits_V, int64_t vocabulary, ThreadPlace place) {
  LogSumExp seen;
  const int64_t stride = int64_t{place.threads} * kLanes;
  for (int64_t v = int64_t{place.thread} * kLanes; v < vocabulary; v += stride) {
    const Pack<T, kLanes> pack = load_pack<kLanes>(logits_V + v);
    float max = seen.max;
    for (int i = 0; i < kLanes; ++i) max = to_float(pack.lane[i]) > max ? to_float(pack.lane[i]) : max;
    float sum = rescaled(seen, max);
    for (int i = 0; i < kLanes; ++i) {
      const float x = to_float(pack.lane[i]);
      // A forbidden token has no share, even where nothing else was seen yet. inf - inf is NaN.
      sum += x == -INFINITY ? 0.0f : exp_of(x - max);
    }
    seen = {max, sum};
  }
  return seen;
}

/// In double: a row's loss may be small against its largest logit.
DMT_INLINE float cross_entropy_loss(const LogSumExp& row, float label_logit) {
  return static_cast<float>(log(static_cast<double>(row.sum)) + static_cast<double>(row.max) -
                            static_cast<double>(label_logit));
}

/// A thread's packs of a row become their gradient.
template <int kLanes, typename T>
DMT_INLINE void cross_entropy_gradient_thread(T* logits_V, const LogSumExp& row, int32_t label, float scale,
                                              int64_t vocabulary, ThreadPlace place) {
  const float inverse_sum = 1.0f / row.sum;
  const int64_t stride = int64_t{place.threads} * kLanes;
  for (int64_t v = int64_t{place.thread} * kLanes; v < vocabulary; v += stride) {
    Pack<T, kLanes> pack = load_pack<kLanes>(logits_V + v);
    for (int i = 0; i < kLanes; ++i) {
      const float p = exp_of(to_float(pack.lane[i]) - row.max) * inverse_sum;
      store(pack.lane[i], (v + i == label ? p - 1.0f : p) * scale);
    }
    store_pack<kLanes>(logits_V + v, pack);
  }
}

/// A thread's share of a source's losses.
struct SourceShare {
  double loss = 0.0;
  int64_t tokens = 0;
};

DMT_INLINE SourceShare source_share(const float* losses_L, const int32_t* sources_L, int64_t rows,
                                    int32_t source, ThreadPlace place) {
  SourceShare share;
  for (int64_t l = place.thread; l < rows; l += place.threads) {
    if (sources_L[l] != source) continue;
    share.loss += static_cast<double>(losses_L[l]);
    ++share.tokens;
  }
  return share;
}

}  // namespace dmt::cuda
