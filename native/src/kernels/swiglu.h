#pragma once

#include <cstdint>

#include "kernels/scalar.h"

namespace dmt::kernels {

// T: tokens, F: intermediate size. gate_up_TG: [T, 2F], the gate's half first.

/// out = silu(gate) * up.
template <typename TData>
void swiglu_forward(TData* out_TF, const TData* gate_up_TG, int64_t T, int64_t F);

/// Gradient of gate and up, written over them: gate_up becomes dgate_up.
template <typename TData>
void swiglu_backward(TData* gate_up_TG, const TData* dout_TF, int64_t T, int64_t F);

}  // namespace dmt::kernels
