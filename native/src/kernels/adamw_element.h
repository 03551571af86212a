// AdamW's arithmetic for one element, for every way to keep weights and moments. Host and device.
#pragma once

#include <cmath>

#include "kernels/stochastic_rounding.h"

namespace dmt::kernels {

/// One AdamW step of all elements of a shard (Loshchilov and Hutter, arXiv 1711.05101, Algorithm 2, as
/// torch.optim.AdamW orders it: decay first, epsilon outside the root).
struct AdamWStep {
  float learning_rate;
  float beta1, beta2, epsilon, weight_decay;
  float one_minus_beta1, one_minus_beta2;  // rounded once, not the difference of rounded values
  float bias_correction1;                  // 1 - beta1^step
  float bias_correction2;                  // 1 - beta2^step
  float gradient_scale;                    // from clipping
};

/// What is the same for all elements of a step.
struct AdamWFactors {
  DMT_INLINE explicit AdamWFactors(const AdamWStep& step)
      : decay(1.0f - step.learning_rate * step.weight_decay),
        step_size(step.learning_rate / step.bias_correction1),
        inverse_root(1.0f / std::sqrt(step.bias_correction2)) {}
  float decay, step_size, inverse_root;
};

/// The new weight; m and v become the new moments.
DMT_INLINE float adamw_element(float weight, float& m, float& v, float gradient, const AdamWStep& s,
                               const AdamWFactors& f) {
  const float g = gradient * s.gradient_scale;
  m = s.beta1 * m + s.one_minus_beta1 * g;
  v = s.beta2 * v + s.one_minus_beta2 * g * g;
  return weight * f.decay - f.step_size * m / (std::sqrt(v) * f.inverse_root + s.epsilon);
}

DMT_INLINE void store_moment(float& out, float x, uint32_t) {
  out = x;
}
DMT_INLINE void store_moment(Bf16& out, float x, uint32_t random) {
  store_stochastic(out, x, random);
}
template <typename TMoment>
DMT_INLINE void store_moments(TMoment& m, TMoment& v, float new_m, float new_v, RandomBits random) {
  store_moment(m, new_m, random.of_first_moment());
  store_moment(v, new_v, random.of_second_moment());
}

}  // namespace dmt::kernels
