#include "kernels/adamw_bf16.h"

#include <type_traits>

#include "base/parallel.h"

namespace dmt::kernels {
namespace {

constexpr int64_t kGrain = 1 << 14;

/// What is the same for all elements.
struct Bf16Step {
  const AdamWStep& step;
  uint64_t key;
};

template <bool kSplit, typename TMoment, typename TGradient>
DMT_INLINE void adamw_body(const Bf16Shard<TMoment>& shard, const TGradient* gradient, int64_t count,
                           const Bf16Step& s, uint64_t first_index) {
  const AdamWFactors factors(s.step);
  Bf16* weights = shard.weights;
  uint16_t* remainder = shard.remainder;
  TMoment *m = shard.first_moment, *v = shard.second_moment;
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    const RandomBits random = random_bits(s.key, first_index + static_cast<uint64_t>(i));
    float weight = kSplit ? joined(weights[i], remainder[i]) : to_float(weights[i]);
    float new_m = to_float(m[i]), new_v = to_float(v[i]);
    weight = adamw_element(weight, new_m, new_v, to_float(gradient[i]), s.step, factors);
    store_moments(m[i], v[i], new_m, new_v, random);
    if constexpr (kSplit) {
      split(weight, weights[i], remainder[i]);
    } else {
      store_stochastic(weights[i], weight, random.of_weight());
    }
  }
}
DMT_MULTIVERSION void split_range(const Bf16Shard<float>& shard, const float* g, int64_t count,
                                  const Bf16Step& step, uint64_t first_index) {
  adamw_body<true>(shard, g, count, step, first_index);
}
DMT_MULTIVERSION void split_range(const Bf16Shard<float>& shard, const Bf16* g, int64_t count,
                                  const Bf16Step& step, uint64_t first_index) {
  adamw_body<true>(shard, g, count, step, first_index);
}
DMT_MULTIVERSION void split_range(const Bf16Shard<Bf16>& shard, const float* g, int64_t count,
                                  const Bf16Step& step, uint64_t first_index) {
  adamw_body<true>(shard, g, count, step, first_index);
}
DMT_MULTIVERSION void split_range(const Bf16Shard<Bf16>& shard, const Bf16* g, int64_t count,
                                  const Bf16Step& step, uint64_t first_index) {
  adamw_body<true>(shard, g, count, step, first_index);
}
DMT_MULTIVERSION void rounded_range(const Bf16Shard<Bf16>& shard, const float* g, int64_t count,
                                    const Bf16Step& step, uint64_t first_index) {
  adamw_body<false>(shard, g, count, step, first_index);
}
DMT_MULTIVERSION void rounded_range(const Bf16Shard<Bf16>& shard, const Bf16* g, int64_t count,
                                    const Bf16Step& step, uint64_t first_index) {
  adamw_body<false>(shard, g, count, step, first_index);
}

}  // namespace

template <typename TMoment, typename TGradient>
void adamw(const Bf16Shard<TMoment>& shard, const TGradient* gradient, int64_t count, const AdamWStep& step,
           uint64_t key, int64_t first_index) {
  parallel_for(count, kGrain, [&](int64_t b, int64_t e) {
    const bool splits = shard.remainder != nullptr;
    const Bf16Shard<TMoment> part = {shard.weights + b, splits ? shard.remainder + b : nullptr,
                                     shard.first_moment + b, shard.second_moment + b};
    const auto index = static_cast<uint64_t>(first_index + b);
    if constexpr (std::is_same_v<TMoment, Bf16>) {
      if (!splits) {
        rounded_range(part, gradient + b, e - b, {step, key}, index);
        return;
      }
    }
    split_range(part, gradient + b, e - b, {step, key}, index);
  });
}
template void adamw(const Bf16Shard<float>&, const float*, int64_t, const AdamWStep&, uint64_t, int64_t);
template void adamw(const Bf16Shard<float>&, const Bf16*, int64_t, const AdamWStep&, uint64_t, int64_t);
template void adamw(const Bf16Shard<Bf16>&, const float*, int64_t, const AdamWStep&, uint64_t, int64_t);
template void adamw(const Bf16Shard<Bf16>&, const Bf16*, int64_t, const AdamWStep&, uint64_t, int64_t);

}  // namespace dmt::kernels
