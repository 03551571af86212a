#pragma once

#include <cstdint>

#include "kernels/scalar.h"

namespace dmt::kernels {

// L: label positions, V: vocabulary.

/// loss = log(sum(exp(logits))) - logits[label] per row, in float32.
template <typename TData>
void cross_entropy_forward(float* loss_L, const TData* logits_LV, const int32_t* labels_L, int64_t L,
                           int64_t V);

/// The same, and the logits become their gradient: (softmax - onehot) * scale.
template <typename TData>
void cross_entropy_forward_backward(float* loss_L, TData* logits_LV, const int32_t* labels_L, float scale,
                                    int64_t L, int64_t V);

}  // namespace dmt::kernels
