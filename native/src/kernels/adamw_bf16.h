// AdamW with optimizer states of two bytes.
#pragma once

#include <cstdint>

#include "kernels/adamw_element.h"

namespace dmt::kernels {

/// What a shard keeps, [count] each: 6 bytes per parameter without a remainder, 8 with it.
struct Bf16States {
  Bf16* weights;
  /// What the weights lack of float32 (see split()), or null: the weights are then rounded stochastically.
  uint16_t* remainder;
  Bf16* first_moment;  // both are rounded stochastically, see [Note: stochastic rounding]
  Bf16* second_moment;
};

/// One AdamW step. Every bit is a function of the arguments and of the element's index alone.
/// @param gradient is left as it is
/// @param key random_key() of the unit and the step
/// @param first_index of element 0 in its unit, so that random bits do not depend on how units are cut
template <typename TGradient>
void adamw(const Bf16States& states, const TGradient* gradient, int64_t count, const AdamWStep& step,
           uint64_t key, int64_t first_index);

}  // namespace dmt::kernels
