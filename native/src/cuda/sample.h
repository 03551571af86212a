// What one thread of a block does to choose a token; host and device. The rule is kernels/sampling_rule.h.
#pragma once

#include <cmath>

#include "cuda/largest.h"
#include "kernels/sampling_rule.h"

namespace dmt::cuda {

constexpr int kSampleThreads = block_threads(512);

/// The largest logit of a thread's part of a row: a NaN where one is not finite.
template <typename T>
DMT_INLINE Largest finite_largest_thread(const T* logits_V, int64_t vocabulary, ThreadPlace place) {
  Largest seen;
  for (int64_t v = place.thread; v < vocabulary; v += place.threads) {
    const float x = to_float(logits_V[v]);
    seen = Larger{}(seen, {std::isfinite(x) ? x : NAN, static_cast<int32_t>(v)});
  }
  return seen;
}

/// Writes a thread's part of the shares. @return their sum
template <typename T>
DMT_INLINE uint64_t shares_thread(uint64_t* shares_V, const T* logits_V, int64_t vocabulary, float largest,
                                  double temperature, ThreadPlace place) {
  uint64_t sum = 0;
  for (int64_t v = place.thread; v < vocabulary; v += place.threads) {
    const uint64_t share = kernels::share_of(to_float(logits_V[v]), largest, temperature);
    shares_V[v] = share;
    sum += share;
  }
  return sum;
}

/// Sum of a thread's part of the shares that are at least so large.
DMT_INLINE uint64_t held_thread(const uint64_t* shares_V, int64_t vocabulary, uint64_t at_least,
                                ThreadPlace place) {
  uint64_t sum = 0;
  for (int64_t v = place.thread; v < vocabulary; v += place.threads)
    sum += shares_V[v] >= at_least ? shares_V[v] : 0;
  return sum;
}

/// Neighbouring tokens that a thread counts and searches.
struct TokenRange {
  int64_t begin, end;
};
DMT_INLINE TokenRange range_of(int64_t vocabulary, ThreadPlace place) {
  return {vocabulary * place.thread / place.threads, vocabulary * (place.thread + 1) / place.threads};
}

}  // namespace dmt::cuda
