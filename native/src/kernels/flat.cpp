#include "kernels/flat.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/parallel.h"

namespace dmt::kernels {
namespace {

constexpr int64_t kGrain = 1 << 14;
constexpr int64_t kSumBlock = 1 << 15;

template <typename TOut, typename TIn>
DMT_INLINE void cast_body(TOut* out, const TIn* x, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) store(out[i], to_float(x[i]));
}
DMT_MULTIVERSION void cast_range(Bf16* out, const float* x, int64_t count) {
  cast_body(out, x, count);
}
DMT_MULTIVERSION void cast_range(float* out, const Bf16* x, int64_t count) {
  cast_body(out, x, count);
}

DMT_MULTIVERSION void add_range(float* sum, const Bf16* x, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) sum[i] += to_float(x[i]);
}

constexpr int64_t kPartBlock = 1 << 10;  // a block of the sum stays in the first-level cache

template <typename TSum, typename TData>
DMT_INLINE void add_parts_body(TSum* sum, const TData* x, int64_t parts, int64_t stride, int64_t count) {
  float block[kPartBlock];
  for (int64_t first = 0; first < count; first += kPartBlock) {
    const int64_t n = std::min(kPartBlock, count - first);
    for (int64_t i = 0; i < n; ++i) block[i] = 0.0f;
    for (int64_t part = 0; part < parts; ++part) {
      const TData* x_part = x + part * stride + first;
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) block[i] += to_float(x_part[i]);
    }
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) store(sum[first + i], to_float(sum[first + i]) + block[i]);
  }
}
DMT_MULTIVERSION void add_parts_range(float* sum, const float* x, int64_t parts, int64_t stride,
                                      int64_t count) {
  add_parts_body(sum, x, parts, stride, count);
}
DMT_MULTIVERSION void add_parts_range(float* sum, const Bf16* x, int64_t parts, int64_t stride,
                                      int64_t count) {
  add_parts_body(sum, x, parts, stride, count);
}
DMT_MULTIVERSION void add_parts_range(Bf16* sum, const float* x, int64_t parts, int64_t stride,
                                      int64_t count) {
  add_parts_body(sum, x, parts, stride, count);
}
DMT_MULTIVERSION void add_parts_range(Bf16* sum, const Bf16* x, int64_t parts, int64_t stride,
                                      int64_t count) {
  add_parts_body(sum, x, parts, stride, count);
}

template <typename TData>
DMT_INLINE double square_body(const TData* x, int64_t count) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(to_float(x[i]));
    sum += value * value;
  }
  return sum;
}
DMT_MULTIVERSION double square_block(const float* x, int64_t count) {
  return square_body(x, count);
}
DMT_MULTIVERSION double square_block(const Bf16* x, int64_t count) {
  return square_body(x, count);
}

DMT_MULTIVERSION bool finite_range(const float* x, int64_t count) {
  uint32_t largest = 0;
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t magnitude = std::bit_cast<uint32_t>(x[i]) & 0x7FFFFFFFu;
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest < 0x7F800000u;
}

DMT_MULTIVERSION void adamw_range(float* weights, float* m, float* v, const float* gradient, int64_t count,
                                  const AdamWStep& s) {
  const AdamWFactors factors(s);
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) {
    float m_new = m[i], v_new = v[i];
    weights[i] = adamw_element(weights[i], m_new, v_new, gradient[i], s, factors);
    m[i] = m_new;
    v[i] = v_new;
  }
}

DMT_MULTIVERSION void split_range(Bf16* high, uint16_t* low, const float* x, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) split(x[i], high[i], low[i]);
}
DMT_MULTIVERSION void join_range(float* out, const Bf16* high, const uint16_t* low, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) out[i] = joined(high[i], low[i]);
}

}  // namespace

void cast(Bf16* out, const float* x, int64_t count) {
  parallel_for(count, kGrain, [&](int64_t b, int64_t e) { cast_range(out + b, x + b, e - b); });
}

void cast(float* out, const Bf16* x, int64_t count) {
  parallel_for(count, kGrain, [&](int64_t b, int64_t e) { cast_range(out + b, x + b, e - b); });
}

void split(Bf16* high, uint16_t* low, const float* x, int64_t count) {
  parallel_for(count, kGrain, [&](int64_t b, int64_t e) { split_range(high + b, low + b, x + b, e - b); });
}

void join(float* out, const Bf16* high, const uint16_t* low, int64_t count) {
  parallel_for(count, kGrain, [&](int64_t b, int64_t e) { join_range(out + b, high + b, low + b, e - b); });
}

void add(float* sum, const Bf16* x, int64_t count) {
  parallel_for(count, kGrain, [&](int64_t b, int64_t e) { add_range(sum + b, x + b, e - b); });
}

template <typename TSum, typename TData>
void add_parts(TSum* sum, const TData* x, int64_t parts, int64_t count) {
  parallel_for(count, kGrain,
               [&](int64_t b, int64_t e) { add_parts_range(sum + b, x + b, parts, count, e - b); });
}
template void add_parts(float*, const float*, int64_t, int64_t);
template void add_parts(float*, const Bf16*, int64_t, int64_t);
template void add_parts(Bf16*, const float*, int64_t, int64_t);
template void add_parts(Bf16*, const Bf16*, int64_t, int64_t);

template <typename TData>
double sum_of_squares(const TData* x, int64_t count) {
  const int64_t blocks = (count + kSumBlock - 1) / kSumBlock;
  std::vector<double> sums(static_cast<size_t>(blocks));
  parallel_for(blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block * kSumBlock;
      sums[static_cast<size_t>(block)] = square_block(x + first, std::min(kSumBlock, count - first));
    }
  });
  double total = 0.0;
  for (const double sum : sums) total += sum;
  return total;
}
template double sum_of_squares(const float*, int64_t);
template double sum_of_squares(const Bf16*, int64_t);

bool all_finite(const float* x, int64_t count) {
  return finite_range(x, count);
}

void fill_normal(float* out, int64_t first, int64_t count, uint64_t seed, float deviation) {
  const uint64_t key = mix(seed);
  parallel_for(count, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      // Box-Muller with two 32-bit uniforms in (0, 1].
      const uint64_t bits = mix(key ^ mix(static_cast<uint64_t>(first + i)));
      const double u1 = (static_cast<double>(bits >> 32) + 1.0) * 0x1p-32;
      const double u2 = (static_cast<double>(bits & 0xFFFFFFFFull) + 1.0) * 0x1p-32;
      const double normal = std::sqrt(-2.0 * std::log(u1)) * std::cos(2.0 * std::numbers::pi * u2);
      out[i] = static_cast<float>(normal) * deviation;
    }
  });
}

void adamw(float* weights, float* first_moment, float* second_moment, const float* gradient, int64_t count,
           const AdamWStep& step) {
  parallel_for(count, kGrain, [&](int64_t b, int64_t e) {
    adamw_range(weights + b, first_moment + b, second_moment + b, gradient + b, e - b, step);
  });
}

}  // namespace dmt::kernels
