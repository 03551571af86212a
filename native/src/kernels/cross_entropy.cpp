#include "kernels/cross_entropy.h"

#include <cmath>

#include "base/parallel.h"
#include "kernels/simd_max.h"

namespace dmt::kernels {
namespace {

template <typename TData>
DMT_INLINE float max_of(const TData* x_V, int64_t V) {
  float largest = to_float(x_V[0]);
  DMT_SIMD_MAX(largest)
  for (int64_t v = 0; v < V; ++v) {
    const float x = to_float(x_V[v]);
    largest = x > largest ? x : largest;
  }
  return largest;
}

/// In parts of 4096, added up in double: the sum's error stays at that of one part.
template <typename TData>
DMT_INLINE double sum_of_exp(const TData* x_V, float shift, int64_t V) {
  double total = 0.0;
  for (int64_t begin = 0; begin < V; begin += 4096) {
    const int64_t end = begin + 4096 < V ? begin + 4096 : V;
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (int64_t v = begin; v < end; ++v) sum += fast_exp(to_float(x_V[v]) - shift);
    total += static_cast<double>(sum);
  }
  return total;
}

template <typename TData>
DMT_INLINE void to_gradient(TData* x_V, float shift, float factor, int64_t V) {
#pragma omp simd
  for (int64_t v = 0; v < V; ++v) store(x_V[v], fast_exp(to_float(x_V[v]) - shift) * factor);
}

DMT_MULTIVERSION float row_max(const float* x, int64_t V) {
  return max_of(x, V);
}
DMT_MULTIVERSION float row_max(const Bf16* x, int64_t V) {
  return max_of(x, V);
}
DMT_MULTIVERSION double row_sum_of_exp(const float* x, float m, int64_t V) {
  return sum_of_exp(x, m, V);
}
DMT_MULTIVERSION double row_sum_of_exp(const Bf16* x, float m, int64_t V) {
  return sum_of_exp(x, m, V);
}
DMT_MULTIVERSION void row_gradient(float* x, float m, float f, int64_t V) {
  to_gradient(x, m, f, V);
}
DMT_MULTIVERSION void row_gradient(Bf16* x, float m, float f, int64_t V) {
  to_gradient(x, m, f, V);
}

struct RowStatistics {
  float max;
  double sum_of_exp;
};

template <typename TData>
RowStatistics row_statistics(float& loss, const TData* logits_V, int32_t label, int64_t V) {
  const float max = row_max(logits_V, V);
  const double sum = row_sum_of_exp(logits_V, max, V);
  loss = static_cast<float>(std::log(sum) + static_cast<double>(max) -
                            static_cast<double>(to_float(logits_V[label])));
  return {max, sum};
}

}  // namespace

template <typename TData>
void cross_entropy_forward(float* loss_L, const TData* logits_LV, const int32_t* labels_L, int64_t L,
                           int64_t V) {
  parallel_for(L, rows_per_thread(V), [&](int64_t begin, int64_t end) {
    for (int64_t l = begin; l < end; ++l) row_statistics(loss_L[l], logits_LV + l * V, labels_L[l], V);
  });
}

template <typename TData>
void cross_entropy_forward_backward(float* loss_L, TData* logits_LV, const int32_t* labels_L, float scale,
                                    int64_t L, int64_t V) {
  parallel_for(L, rows_per_thread(V), [&](int64_t begin, int64_t end) {
    for (int64_t l = begin; l < end; ++l) {
      TData* row_V = logits_LV + l * V;
      const float label_logit = to_float(row_V[labels_L[l]]);
      const RowStatistics row = row_statistics(loss_L[l], row_V, labels_L[l], V);
      const auto factor = static_cast<float>(static_cast<double>(scale) / row.sum_of_exp);
      row_gradient(row_V, row.max, factor, V);
      // The label's own entry is computed apart: p - 1 from a rounded p would lose the small differences.
      const double p =
          std::exp(static_cast<double>(label_logit) - static_cast<double>(row.max)) / row.sum_of_exp;
      store(row_V[labels_L[l]], static_cast<float>((p - 1.0) * static_cast<double>(scale)));
    }
  });
}

#define DMT_INSTANTIATE(TData)                                                                 \
  template void cross_entropy_forward(float*, const TData*, const int32_t*, int64_t, int64_t); \
  template void cross_entropy_forward_backward(float*, TData*, const int32_t*, float, int64_t, int64_t);
DMT_INSTANTIATE(float)
DMT_INSTANTIATE(Bf16)
#undef DMT_INSTANTIATE

}  // namespace dmt::kernels
