// The largest logit of a row; host and device.
#pragma once

#include <cmath>

#include "cuda/pack.h"

namespace dmt::cuda {

/// The largest value seen and where, or a NaN if one was seen.
struct Largest {
  float value = -INFINITY;
  int32_t index = 0x7FFFFFFF;
};

struct Larger {
  DMT_INLINE Largest operator()(const Largest& a, const Largest& b) const {
    if (std::isnan(a.value)) return a;
    const bool b_wins = std::isnan(b.value) || b.value > a.value || (b.value == a.value && b.index < a.index);
    return b_wins ? b : a;
  }
};

DMT_INLINE int32_t token_of(const Largest& row) {
  return std::isnan(row.value) ? -1 : row.index;
}

}  // namespace dmt::cuda
