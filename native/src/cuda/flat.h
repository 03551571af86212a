// Passes over flat buffers, element by element or a pack at a time; host and device. Each struct is one pass:
// at<kLanes>(i) does the elements [i, i + kLanes).
#pragma once

#include <cmath>

#include "cuda/dmt_cuda.h"
#include "cuda/pack.h"

namespace dmt::cuda {

/// Lanes of a pack: 16 bytes of bfloat16, twice as much of float32.
constexpr int kFlatLanes = 8;

/// A thread's share of a pass: packs in turn, then what no pack holds.
template <int kLanes, typename TPass>
DMT_INLINE void flat_thread(const TPass& pass, int64_t count, int64_t thread, int64_t threads) {
  const int64_t packs = count / kLanes;
  for (int64_t p = thread; p < packs; p += threads) pass.template at<kLanes>(p * kLanes);
  if constexpr (kLanes > 1) {
    for (int64_t i = packs * kLanes + thread; i < count; i += threads) pass.template at<1>(i);
  }
}

template <typename TOut, typename TIn>
struct CastPass {
  TOut* out;
  const TIn* x;

  template <int kLanes>
  DMT_INLINE void at(int64_t i) const {
    const Pack<TIn, kLanes> from = load_pack<kLanes>(x + i);
    Pack<TOut, kLanes> to;
    for (int lane = 0; lane < kLanes; ++lane) store(to.lane[lane], to_float(from.lane[lane]));
    store_pack<kLanes>(out + i, to);
  }
};

template <typename TSum, typename TIn>
struct AddPartsPass {
  TSum* sum;
  const TIn* x;
  int64_t parts, count;

  template <int kLanes>
  DMT_INLINE void at(int64_t i) const {
    float added[kLanes] = {};
    for (int64_t part = 0; part < parts; ++part) {
      const Pack<TIn, kLanes> from = load_pack<kLanes>(x + part * count + i);
      for (int lane = 0; lane < kLanes; ++lane) added[lane] += to_float(from.lane[lane]);
    }
    Pack<TSum, kLanes> to = load_pack<kLanes>(sum + i);
    for (int lane = 0; lane < kLanes; ++lane) store(to.lane[lane], to_float(to.lane[lane]) + added[lane]);
    store_pack<kLanes>(sum + i, to);
  }
};

/// Threads that share a sum of squares: a fixed number, and with it the order of additions.
#if defined(DMT_EMULATED_DEVICE)
constexpr int kSumBlocks = 5;  // threads stride on small data, too
#else
constexpr int kSumBlocks = 1024;
#endif
constexpr int kSumThreads = block_threads(256);

template <int kLanes, typename T>
DMT_INLINE double square_share(const T* x, int64_t count, int64_t thread, int64_t threads) {
  double sum = 0.0;
  const int64_t packs = count / kLanes;
  for (int64_t p = thread; p < packs; p += threads) {
    const Pack<T, kLanes> pack = load_pack<kLanes>(x + p * kLanes);
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto value = static_cast<double>(to_float(pack.lane[lane]));
      sum += value * value;
    }
  }
  for (int64_t i = packs * kLanes + thread; i < count; i += threads) {
    const auto value = static_cast<double>(to_float(x[i]));
    sum += value * value;
  }
  return sum;
}

}  // namespace dmt::cuda
