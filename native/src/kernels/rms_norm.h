#pragma once

#include <cstdint>

#include "kernels/scalar.h"

namespace dmt::kernels {

// T: tokens, C: hidden size. TData: float or Bf16; sums are float32 for both.

/// out = x * rstd * weight, rstd = 1 / sqrt(mean(x^2) + eps) over each row.
template <typename TData>
void rms_norm_forward(TData* out_TC, float* rstd_T, const TData* x_TC, const TData* weight_C, int64_t T,
                      int64_t C, float eps);

/// dx += gradient through the norm (added: the residual's gradient is already there); dweight += its share.
template <typename TData>
void rms_norm_backward(TData* dx_TC, float* dweight_C, const TData* dout_TC, const TData* x_TC,
                       const float* rstd_T, const TData* weight_C, int64_t T, int64_t C);

}  // namespace dmt::kernels
