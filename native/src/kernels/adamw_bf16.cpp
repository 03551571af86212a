#include "kernels/adamw_bf16.h"

#include "base/parallel.h"

namespace dmt::kernels {
namespace {

constexpr int64_t kGrain = 1 << 14;

template <bool kSplit, typename TGradient>
DMT_INLINE void adamw_body(Bf16* weights, uint16_t* remainder, Bf16* m, Bf16* v, const TGradient* gradient,
                           int64_t count, const AdamWStep& s, uint64_t key, uint64_t first_index) {
  const AdamWFactors factors(s);
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t random = random_bits(key, first_index + static_cast<uint64_t>(i));
    float weight = kSplit ? joined(weights[i], remainder[i]) : to_float(weights[i]);
    float new_m = to_float(m[i]), new_v = to_float(v[i]);
    weight = adamw_element(weight, new_m, new_v, to_float(gradient[i]), s, factors);
    store_moments(m[i], v[i], new_m, new_v, random);
    if constexpr (kSplit) {
      split(weight, weights[i], remainder[i]);
    } else {
      store_stochastic(weights[i], weight, weight_bits(random));
    }
  }
}
DMT_MULTIVERSION void adamw_range(Bf16* weights, Bf16* m, Bf16* v, const float* g, int64_t count,
                                  const AdamWStep& step, uint64_t key, uint64_t first_index) {
  adamw_body<false>(weights, nullptr, m, v, g, count, step, key, first_index);
}
DMT_MULTIVERSION void adamw_range(Bf16* weights, Bf16* m, Bf16* v, const Bf16* g, int64_t count,
                                  const AdamWStep& step, uint64_t key, uint64_t first_index) {
  adamw_body<false>(weights, nullptr, m, v, g, count, step, key, first_index);
}
DMT_MULTIVERSION void adamw_range(Bf16* weights, uint16_t* remainder, Bf16* m, Bf16* v, const float* g,
                                  int64_t count, const AdamWStep& step, uint64_t key, uint64_t first_index) {
  adamw_body<true>(weights, remainder, m, v, g, count, step, key, first_index);
}
DMT_MULTIVERSION void adamw_range(Bf16* weights, uint16_t* remainder, Bf16* m, Bf16* v, const Bf16* g,
                                  int64_t count, const AdamWStep& step, uint64_t key, uint64_t first_index) {
  adamw_body<true>(weights, remainder, m, v, g, count, step, key, first_index);
}

}  // namespace

template <typename TGradient>
void adamw(const Bf16States& states, const TGradient* gradient, int64_t count, const AdamWStep& step,
           uint64_t key, int64_t first_index) {
  parallel_for(count, kGrain, [&](int64_t b, int64_t e) {
    const auto index = static_cast<uint64_t>(first_index + b);
    if (states.remainder == nullptr) {
      adamw_range(states.weights + b, states.first_moment + b, states.second_moment + b, gradient + b, e - b,
                  step, key, index);
    } else {
      adamw_range(states.weights + b, states.remainder + b, states.first_moment + b, states.second_moment + b,
                  gradient + b, e - b, step, key, index);
    }
  });
}
template void adamw(const Bf16States&, const float*, int64_t, const AdamWStep&, uint64_t, int64_t);
template void adamw(const Bf16States&, const Bf16*, int64_t, const AdamWStep&, uint64_t, int64_t);

}  // namespace dmt::kernels
