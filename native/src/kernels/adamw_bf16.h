// AdamW with weights in bfloat16.
#pragma once

#include <cstdint>

#include "kernels/adamw_element.h"

namespace dmt::kernels {

/// What a shard keeps, [count] each. @tparam TMoment float, or Bf16, rounded stochastically (see [Note:
/// stochastic rounding])
template <typename TMoment>
struct Bf16Shard {
  Bf16* weights;
  /// What the weights lack of float32 (see split()), or null, with moments in Bf16 only: they are then
  /// rounded stochastically.
  uint16_t* remainder;
  TMoment* first_moment;
  TMoment* second_moment;
};

/// One AdamW step. Every bit is a function of the arguments and of the element's index alone.
/// @param gradient is left as it is
/// @param key random_key() of the unit and the step
/// @param first_index of element 0 in its unit, so that random bits do not depend on how units are cut
template <typename TMoment, typename TGradient>
void adamw(const Bf16Shard<TMoment>& shard, const TGradient* gradient, int64_t count, const AdamWStep& step,
           uint64_t key, int64_t first_index);

}  // namespace dmt::kernels
