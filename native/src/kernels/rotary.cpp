#include "kernels/rotary.h"

#include <cmath>
#include <numbers>

#include "base/parallel.h"

namespace dmt::kernels {
namespace {

/// transformers: modeling_rope_utils.py, _compute_llama3_parameters.
double llama3_frequency(double frequency, const ModelConfig& model) {
  const double old_length = model.rope_original_max_position_embeddings;
  const double wavelength = 2.0 * std::numbers::pi / frequency;
  if (wavelength < old_length / model.rope_high_freq_factor) return frequency;
  if (wavelength > old_length / model.rope_low_freq_factor) return frequency / model.rope_factor;
  const double smooth = (old_length / wavelength - model.rope_low_freq_factor) /
                        (model.rope_high_freq_factor - model.rope_low_freq_factor);
  return (1.0 - smooth) * frequency / model.rope_factor + smooth * frequency;
}

template <typename TData>
DMT_INLINE void turn_head(TData* x_D, const float* cos_H, const float* sin_H, float sign, int64_t half) {
#pragma omp simd
  for (int64_t i = 0; i < half; ++i) {
    const float first = to_float(x_D[i]);
    const float second = to_float(x_D[i + half]);
    const float sine = sign * sin_H[i];
    store(x_D[i], first * cos_H[i] - second * sine);
    store(x_D[i + half], second * cos_H[i] + first * sine);
  }
}

DMT_MULTIVERSION void turn(float* x, const float* cos, const float* sin, float sign, int64_t half) {
  turn_head(x, cos, sin, sign, half);
}
DMT_MULTIVERSION void turn(Bf16* x, const float* cos, const float* sin, float sign, int64_t half) {
  turn_head(x, cos, sin, sign, half);
}

}  // namespace

RotaryTable::RotaryTable(const ModelConfig& model) {
  const int64_t half = model.head_dim / 2;
  for (int64_t i = 0; i < half; ++i) {
    double frequency =
        1.0 / std::pow(model.rope_theta, 2.0 * static_cast<double>(i) / static_cast<double>(model.head_dim));
    if (model.rope_scaling == RopeScaling::kLinear) frequency /= model.rope_factor;
    if (model.rope_scaling == RopeScaling::kLlama3) frequency = llama3_frequency(frequency, model);
    inverse_frequency_.push_back(static_cast<float>(frequency));
  }
}

void RotaryTable::reserve(int64_t positions) {
  const auto half = static_cast<int64_t>(inverse_frequency_.size());
  int64_t known = half == 0 ? positions : static_cast<int64_t>(cos_.size()) / half;
  if (known >= positions) return;
  cos_.reserve(static_cast<size_t>(positions * half));
  sin_.reserve(static_cast<size_t>(positions * half));
  for (; known < positions; ++known) {
    for (const float frequency : inverse_frequency_) {
      const float angle = static_cast<float>(known) * frequency;  // float32, as transformers multiplies
      cos_.push_back(std::cos(angle));
      sin_.push_back(std::sin(angle));
    }
  }
}

template <typename TData>
void rotary(TData* qkv_TE, int64_t row_stride, int64_t turned_heads, int64_t head_dim,
            const int32_t* positions_T, const RotaryTable& table, int64_t T, RotaryDirection direction) {
  const int64_t half = head_dim / 2;
  const float sign = direction == RotaryDirection::kForward ? 1.0f : -1.0f;
  parallel_for(T, rows_per_thread(turned_heads * head_dim), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const float* cos_H = table.cos_PD() + positions_T[t] * half;
      const float* sin_H = table.sin_PD() + positions_T[t] * half;
      for (int64_t h = 0; h < turned_heads; ++h) {
        turn(qkv_TE + t * row_stride + h * head_dim, cos_H, sin_H, sign, half);
      }
    }
  });
}

template void rotary(float*, int64_t, int64_t, int64_t, const int32_t*, const RotaryTable&, int64_t,
                     RotaryDirection);
template void rotary(Bf16*, int64_t, int64_t, int64_t, const int32_t*, const RotaryTable&, int64_t,
                     RotaryDirection);

}  // namespace dmt::kernels
