#include "kernels/decode.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/parallel.h"

namespace dmt::kernels {
namespace {

// Sixteen sums side by side: one AVX-512 register, two of AVX2.
constexpr int64_t kLanes = 16;
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
typedef uint16_t HalfLanes __attribute__((vector_size(kLanes * sizeof(uint16_t))));
typedef uint32_t WordLanes __attribute__((vector_size(kLanes * sizeof(uint32_t))));

// By reference: a 64-byte vector as a return value has another calling convention with and without AVX-512.
DMT_INLINE void load_lanes(Lanes& out, const float* x) { std::memcpy(&out, x, sizeof(out)); }
DMT_INLINE void load_lanes(Lanes& out, const Bf16* x) {
  HalfLanes half;
  std::memcpy(&half, x, sizeof(half));
  const WordLanes words = __builtin_convertvector(half, WordLanes) << 16;
  std::memcpy(&out, &words, sizeof(out));
}

/// The first `count` lanes, zeros behind.
template <typename T>
DMT_INLINE void load_tail(Lanes& out, const T* x, int64_t count) {
  T padded[kLanes] = {};
  std::memcpy(padded, x, static_cast<size_t>(count) * sizeof(T));
  load_lanes(out, padded);
}

DMT_INLINE float sum_lanes(const Lanes& lanes) {
  float x[kLanes];
  std::memcpy(x, &lanes, sizeof(x));
  for (int64_t width = kLanes / 2; width > 0; width /= 2) {
    for (int64_t i = 0; i < width; ++i) x[i] += x[i + width];
  }
  return x[0];
}

/// A tile of kM x kN outputs. The order of additions of each is the same for every tile size.
template <int kM, int kN, typename TWeight>
DMT_INLINE void product_tile(float* out, int64_t out_stride, const float* x, const TWeight* weight,
                             const float* residual, int64_t K) {
  Lanes sums[kM][kN] = {};
  int64_t k = 0;
  for (; k + kLanes <= K; k += kLanes) {
    Lanes w[kN];
    for (int n = 0; n < kN; ++n) load_lanes(w[n], weight + n * K + k);
    for (int m = 0; m < kM; ++m) {
      Lanes a;
      load_lanes(a, x + m * K + k);
      for (int n = 0; n < kN; ++n) sums[m][n] += a * w[n];
    }
  }
  if (k < K) {
    for (int m = 0; m < kM; ++m) {
      Lanes a;
      load_tail(a, x + m * K + k, K - k);
      for (int n = 0; n < kN; ++n) {
        Lanes w;
        load_tail(w, weight + n * K + k, K - k);
        sums[m][n] += a * w;
      }
    }
  }
  for (int m = 0; m < kM; ++m) {
    for (int n = 0; n < kN; ++n) {
      const float base = residual != nullptr ? residual[m * out_stride + n] : 0.0f;
      out[m * out_stride + n] = base + sum_lanes(sums[m][n]);
    }
  }
}

constexpr int kTileM = 4, kTileN = 4;

template <int kN, typename TWeight>
DMT_INLINE void product_columns(float* out, const float* x, const TWeight* weight, const float* residual, int64_t M,
                                int64_t N, int64_t K) {
  int64_t m = 0;
  for (; m + kTileM <= M; m += kTileM) {
    product_tile<kTileM, kN>(out + m * N, N, x + m * K, weight, residual ? residual + m * N : nullptr, K);
  }
  for (; m < M; ++m) {
    product_tile<1, kN>(out + m * N, N, x + m * K, weight, residual ? residual + m * N : nullptr, K);
  }
}

template <typename TWeight>
DMT_INLINE void products_body(float* out, const float* x, const TWeight* weight, const float* residual, int64_t M,
                              int64_t N, int64_t K, int64_t begin, int64_t end) {
  int64_t n = begin;
  for (; n + kTileN <= end; n += kTileN) {
    product_columns<kTileN>(out + n, x, weight + n * K, residual ? residual + n : nullptr, M, N, K);
  }
  for (; n < end; ++n) {
    product_columns<1>(out + n, x, weight + n * K, residual ? residual + n : nullptr, M, N, K);
  }
}

DMT_MULTIVERSION void products(float* out, const float* x, const float* weight, const float* residual, int64_t M,
                               int64_t N, int64_t K, int64_t begin, int64_t end) {
  products_body(out, x, weight, residual, M, N, K, begin, end);
}
DMT_MULTIVERSION void products(float* out, const float* x, const Bf16* weight, const float* residual, int64_t M,
                               int64_t N, int64_t K, int64_t begin, int64_t end) {
  products_body(out, x, weight, residual, M, N, K, begin, end);
}

template <typename TCache>
DMT_INLINE void attention_body(float* out_D, const float* query_D, const TCache* keys_ND, const TCache* values_ND,
                               int64_t length, int64_t D, float* scores) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  float max = -INFINITY;
  for (int64_t n = 0; n < length; ++n) {
    float score = 0.0f;
#pragma omp simd reduction(+ : score)
    for (int64_t d = 0; d < D; ++d) score += query_D[d] * to_float(keys_ND[n * D + d]);
    scores[n] = score * scale;
    max = scores[n] > max ? scores[n] : max;
  }
  float sum = 0.0f;
  for (int64_t d = 0; d < D; ++d) out_D[d] = 0.0f;
  for (int64_t n = 0; n < length; ++n) {
    const float p = fast_exp(scores[n] - max);
    sum += p;
#pragma omp simd
    for (int64_t d = 0; d < D; ++d) out_D[d] += p * to_float(values_ND[n * D + d]);
  }
  const float inverse = 1.0f / sum;
  for (int64_t d = 0; d < D; ++d) out_D[d] *= inverse;
}

DMT_MULTIVERSION void attention(float* out, const float* query, const float* keys, const float* values,
                                int64_t length, int64_t D, float* scores) {
  attention_body(out, query, keys, values, length, D, scores);
}
DMT_MULTIVERSION void attention(float* out, const float* query, const Bf16* keys, const Bf16* values,
                                int64_t length, int64_t D, float* scores) {
  attention_body(out, query, keys, values, length, D, scores);
}

}  // namespace

template <typename TWeight>
void row_products(float* out_MN, const float* x_MK, const TWeight* weight_NK, const float* residual_MN, int64_t M,
                  int64_t N, int64_t K) {
  // Parts are whole tiles: how a column is computed must not depend on where a thread's part begins.
  const int64_t tiles = (N + kTileN - 1) / kTileN;
  parallel_for(tiles, 8, [&](int64_t begin, int64_t end) {
    products(out_MN, x_MK, weight_NK, residual_MN, M, N, K, begin * kTileN, std::min(N, end * kTileN));
  });
}

template <typename TCache>
void decode_attention_head(float* out_D, const float* query_D, const CacheView<TCache>& cache, int64_t kv_head,
                           int64_t head_dim, float* scores) {
  const int64_t offset = kv_head * cache.capacity * head_dim;
  attention(out_D, query_D, cache.keys + offset, cache.values + offset, cache.length, head_dim, scores);
}

template void row_products(float*, const float*, const float*, const float*, int64_t, int64_t, int64_t);
template void row_products(float*, const float*, const Bf16*, const float*, int64_t, int64_t, int64_t);
template void decode_attention_head(float*, const float*, const CacheView<float>&, int64_t, int64_t, float*);
template void decode_attention_head(float*, const float*, const CacheView<Bf16>&, int64_t, int64_t, float*);

}  // namespace dmt::kernels
