#include "kernels/rms_norm.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel.h"

namespace dmt::kernels {
namespace {

// Rows whose weight gradients are summed before they are added up: a fixed number, so that the bits do not
// depend on the number of threads.
constexpr int64_t kRowsPerPartial = 128;

template <typename TData>
DMT_INLINE float sum_of_squares(const TData* x_C, int64_t C) {
  float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (int64_t c = 0; c < C; ++c) sum += to_float(x_C[c]) * to_float(x_C[c]);
  return sum;
}

template <typename TData>
DMT_INLINE void scale_row(TData* out_C, const TData* x_C, const TData* weight_C, float rstd, int64_t C) {
#pragma omp simd
  for (int64_t c = 0; c < C; ++c) store(out_C[c], to_float(x_C[c]) * rstd * to_float(weight_C[c]));
}

template <typename TData>
DMT_INLINE void backward_row(TData* dx_C, float* dweight_C, const TData* dout_C, const TData* x_C,
                             const TData* weight_C, float rstd, int64_t C) {
  float dot = 0.0f;
#pragma omp simd reduction(+ : dot)
  for (int64_t c = 0; c < C; ++c) dot += to_float(dout_C[c]) * to_float(weight_C[c]) * to_float(x_C[c]);
  const float mean = dot * rstd * rstd * rstd / static_cast<float>(C);
#pragma omp simd
  for (int64_t c = 0; c < C; ++c) {
    const float x = to_float(x_C[c]);
    const float dout = to_float(dout_C[c]);
    dweight_C[c] += dout * x * rstd;
    store(dx_C[c], to_float(dx_C[c]) + dout * to_float(weight_C[c]) * rstd - x * mean);
  }
}

DMT_MULTIVERSION float row_sum_of_squares(const float* x, int64_t C) {
  return sum_of_squares(x, C);
}
DMT_MULTIVERSION float row_sum_of_squares(const Bf16* x, int64_t C) {
  return sum_of_squares(x, C);
}
DMT_MULTIVERSION void row_scale(float* out, const float* x, const float* w, float rstd, int64_t C) {
  scale_row(out, x, w, rstd, C);
}
DMT_MULTIVERSION void row_scale(Bf16* out, const Bf16* x, const Bf16* w, float rstd, int64_t C) {
  scale_row(out, x, w, rstd, C);
}
DMT_MULTIVERSION void row_backward(float* dx, float* dw, const float* dout, const float* x, const float* w,
                                   float rstd, int64_t C) {
  backward_row(dx, dw, dout, x, w, rstd, C);
}
DMT_MULTIVERSION void row_backward(Bf16* dx, float* dw, const Bf16* dout, const Bf16* x, const Bf16* w,
                                   float rstd, int64_t C) {
  backward_row(dx, dw, dout, x, w, rstd, C);
}

}  // namespace

template <typename TData>
void rms_norm_forward(TData* out_TC, float* rstd_T, const TData* x_TC, const TData* weight_C, int64_t T,
                      int64_t C, float eps) {
  parallel_for(T, rows_per_thread(C), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      rstd_T[t] = 1.0f / std::sqrt(row_sum_of_squares(x_TC + t * C, C) / static_cast<float>(C) + eps);
      row_scale(out_TC + t * C, x_TC + t * C, weight_C, rstd_T[t], C);
    }
  });
}

template <typename TData>
void rms_norm_backward(TData* dx_TC, float* dweight_C, const TData* dout_TC, const TData* x_TC,
                       const float* rstd_T, const TData* weight_C, int64_t T, int64_t C) {
  const int64_t partials = (T + kRowsPerPartial - 1) / kRowsPerPartial;
  std::vector<float> partial_PC(static_cast<size_t>(partials * C), 0.0f);
  parallel_tasks(partials, kRowsPerPartial * C, [&](int64_t p) {
    const int64_t end = std::min(T, (p + 1) * kRowsPerPartial);
    for (int64_t t = p * kRowsPerPartial; t < end; ++t) {
      row_backward(dx_TC + t * C, partial_PC.data() + p * C, dout_TC + t * C, x_TC + t * C, weight_C,
                   rstd_T[t], C);
    }
  });
  for (int64_t p = 0; p < partials; ++p) {
    for (int64_t c = 0; c < C; ++c) dweight_C[c] += partial_PC[static_cast<size_t>(p * C + c)];
  }
}

#define DMT_INSTANTIATE(TData)                                                                            \
  template void rms_norm_forward(TData*, float*, const TData*, const TData*, int64_t, int64_t, float);    \
  template void rms_norm_backward(TData*, float*, const TData*, const TData*, const float*, const TData*, \
                                  int64_t, int64_t);
DMT_INSTANTIATE(float)
DMT_INSTANTIATE(Bf16)
#undef DMT_INSTANTIATE

}  // namespace dmt::kernels
