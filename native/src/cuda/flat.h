// Passes over flat buffers, element by element or a pack at a time; host and device. Each struct is one pass:
// at<kLanes>(i) does the elements [i, i + kLanes).
#pragma once

#include <cmath>

#include "cuda/dmt_cuda.h"
#include "cuda/pack.h"
#include "kernels/adamw_element.h"

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

/// Where the exact weights are; the numbers are those of dmt_cuda.h.
enum class MasterKind : int32_t { kFloat32 = 0, kSplit = 1, kStochastic = 2 };

template <MasterKind kMaster, typename TMoment, typename TGradient>
struct AdamWPass {
  float* master;
  Bf16* weights;  // may be null with kFloat32
  uint16_t* remainder;
  TMoment* first_moment;
  TMoment* second_moment;
  const TGradient* gradient;
  int64_t first_index;
  uint64_t random_key;
  kernels::AdamWStep step;
  kernels::AdamWFactors factors;

  template <int kLanes>
  DMT_INLINE void at(int64_t i) const {
    Pack<TMoment, kLanes> m = load_pack<kLanes>(first_moment + i), v = load_pack<kLanes>(second_moment + i);
    const Pack<TGradient, kLanes> g = load_pack<kLanes>(gradient + i);
    Pack<float, kLanes> exact;
    Pack<Bf16, kLanes> rounded;
    Pack<uint16_t, kLanes> low;
    if constexpr (kMaster == MasterKind::kFloat32) exact = load_pack<kLanes>(master + i);
    if constexpr (kMaster != MasterKind::kFloat32) rounded = load_pack<kLanes>(weights + i);
    if constexpr (kMaster == MasterKind::kSplit) low = load_pack<kLanes>(remainder + i);
    for (int lane = 0; lane < kLanes; ++lane) {
      float weight;
      if constexpr (kMaster == MasterKind::kFloat32) weight = exact.lane[lane];
      if constexpr (kMaster == MasterKind::kSplit)
        weight = kernels::joined(rounded.lane[lane], low.lane[lane]);
      if constexpr (kMaster == MasterKind::kStochastic) weight = to_float(rounded.lane[lane]);
      float new_m = to_float(m.lane[lane]), new_v = to_float(v.lane[lane]);
      weight = kernels::adamw_element(weight, new_m, new_v, to_float(g.lane[lane]), step, factors);
      const uint64_t random = kernels::random_bits(random_key, static_cast<uint64_t>(first_index + i + lane));
      kernels::store_moments(m.lane[lane], v.lane[lane], new_m, new_v, random);
      if constexpr (kMaster == MasterKind::kFloat32) {
        exact.lane[lane] = weight;
        store(rounded.lane[lane], weight);
      }
      if constexpr (kMaster == MasterKind::kSplit) kernels::split(weight, rounded.lane[lane], low.lane[lane]);
      if constexpr (kMaster == MasterKind::kStochastic)
        kernels::store_stochastic(rounded.lane[lane], weight, kernels::weight_bits(random));
    }
    store_pack<kLanes>(first_moment + i, m);
    store_pack<kLanes>(second_moment + i, v);
    if constexpr (kMaster == MasterKind::kFloat32) store_pack<kLanes>(master + i, exact);
    if constexpr (kMaster == MasterKind::kSplit) store_pack<kLanes>(remainder + i, low);
    if (kMaster != MasterKind::kFloat32 || weights != nullptr) store_pack<kLanes>(weights + i, rounded);
  }
};

template <MasterKind kMaster, typename TMoment, typename TGradient>
AdamWPass<kMaster, TMoment, TGradient> adamw_pass(const DmtAdamW& op) {
  const kernels::AdamWStep step = {
      op.learning_rate,    op.beta1,           op.beta2,           op.epsilon,
      op.weight_decay,     op.one_minus_beta1, op.one_minus_beta2, op.bias_correction1,
      op.bias_correction2, op.gradient_scale};
  return {op.master,
          static_cast<Bf16*>(op.weights),
          op.remainder,
          static_cast<TMoment*>(op.first_moment),
          static_cast<TMoment*>(op.second_moment),
          static_cast<const TGradient*>(op.gradient),
          op.first_index,
          op.random_key,
          step,
          kernels::AdamWFactors(step)};
}

/// Threads that share a sum of squares: a fixed number, and with it the order of additions.
constexpr int kSumBlocks = 1024;
constexpr int kSumThreads = 256;

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

struct Clipping {
  double norm;
  float scale;
};

/// As optim/adamw.h's clip_scale(); a norm that is not finite gives a scale of NaN.
DMT_INLINE Clipping clipping(const double* sums, int64_t sum_count, double max_norm) {
  double sum = 0.0;
  for (int64_t i = 0; i < sum_count; ++i) sum += sums[i];
  const double norm = sqrt(sum);
  if (!(norm < INFINITY)) return {norm, NAN};
  const double scale = max_norm / (norm + 1e-6);
  return {norm, static_cast<float>(max_norm > 0.0 && scale < 1.0 ? scale : 1.0)};
}

}  // namespace dmt::cuda
