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
DMT_INLINE void load_lanes(Lanes& out, const float* x) {
  std::memcpy(&out, x, sizeof(out));
}
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

/// One level of summing lanes: the two halves of each of a's and b's groups of kGroup lanes are added, a's
/// results before b's. The order of additions within a sum does not depend on its neighbours.
template <int kGroup>
DMT_INLINE void add_halves(Lanes& out, const Lanes& a, const Lanes& b) {
  if constexpr (kGroup == 16) {
    out = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
          __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  } else if constexpr (kGroup == 8) {
    out = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
          __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  } else if constexpr (kGroup == 4) {
    out = __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) +
          __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
  } else {
    out = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) +
          __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  }
}

/// Leaves in vectors[0] the lane sums of kCount (1, 4 or 16) vectors, in their order, repeated to the end.
template <int kCount, int kGroup = kLanes>
DMT_INLINE void sum_lanes(Lanes* vectors) {
  constexpr int kPairs = kCount / 2;
  for (int i = 0; i < kPairs; ++i) add_halves<kGroup>(vectors[i], vectors[2 * i], vectors[2 * i + 1]);
  if constexpr (kPairs == 0) add_halves<kGroup>(vectors[0], vectors[0], vectors[0]);
  if constexpr (kGroup > 2) sum_lanes<(kPairs > 0 ? kPairs : 1), kGroup / 2>(vectors);
}

/// Writes the products of a tile, on top of the residual where there is one.
template <int kM, int kN>
DMT_INLINE void add_to_residual(float* out, int64_t out_stride, const float* products,
                                const float* residual) {
  for (int m = 0; m < kM; ++m) {
    for (int n = 0; n < kN; ++n) {
      const float base = residual != nullptr ? residual[m * out_stride + n] : 0.0f;
      out[m * out_stride + n] = base + products[m * kN + n];
    }
  }
}

/// A tile of kM x kN outputs. The order of additions of each is the same for every tile size.
/// @param kPrefetch whether this is the first tile to see these weights: it asks for the next kN rows, since
///     decoding moves at the speed of memory and rows are too short for the hardware to see a stream
template <int kM, int kN, bool kPrefetch, typename TWeight>
DMT_INLINE void product_tile(float* out, int64_t out_stride, const float* x, const TWeight* weight,
                             const float* residual, int64_t K) {
  Lanes sums[kM * kN] = {};
  int64_t k = 0;
  for (; k + kLanes <= K; k += kLanes) {
    Lanes w[kN];
    for (int n = 0; n < kN; ++n) load_lanes(w[n], weight + n * K + k);
    if constexpr (kPrefetch) {
      for (int n = 0; n < kN; ++n) __builtin_prefetch(weight + (kN + n) * K + k);
    }
    for (int m = 0; m < kM; ++m) {
      Lanes a;
      load_lanes(a, x + m * K + k);
      for (int n = 0; n < kN; ++n) sums[m * kN + n] += a * w[n];
    }
  }
  if (k < K) {
    for (int m = 0; m < kM; ++m) {
      Lanes a;
      load_tail(a, x + m * K + k, K - k);
      for (int n = 0; n < kN; ++n) {
        Lanes w;
        load_tail(w, weight + n * K + k, K - k);
        sums[m * kN + n] += a * w;
      }
    }
  }
  sum_lanes<kM * kN>(sums);
  float products[kLanes];
  std::memcpy(products, &sums[0], sizeof(products));
  add_to_residual<kM, kN>(out, out_stride, products, residual);
}

constexpr int64_t kHalfLanes = kLanes / 2;
typedef float Octet __attribute__((vector_size(kHalfLanes * sizeof(float))));
typedef float Quartet __attribute__((vector_size(4 * sizeof(float))));
typedef uint16_t HalfOctet __attribute__((vector_size(kHalfLanes * sizeof(uint16_t))));
typedef uint32_t WordOctet __attribute__((vector_size(kHalfLanes * sizeof(uint32_t))));

DMT_INLINE void load_octet(Octet& out, const float* x) {
  std::memcpy(&out, x, sizeof(out));
}
DMT_INLINE void load_octet(Octet& out, const Bf16* x) {
  HalfOctet half;
  std::memcpy(&half, x, sizeof(half));
  const WordOctet words = __builtin_convertvector(half, WordOctet) << 16;
  std::memcpy(&out, &words, sizeof(out));
}

/// The sums of sum_lanes for kCount vectors, up to 4, each given as two halves, by the same additions.
template <int kCount>
DMT_INLINE void sum_octets(float* products, const Octet* low, const Octet* high) {
  Quartet quarters[4] = {};
  for (int i = 0; i < kCount; ++i) {
    const Octet eights = low[i] + high[i];
    quarters[i] = __builtin_shufflevector(eights, eights, 0, 1, 2, 3) +
                  __builtin_shufflevector(eights, eights, 4, 5, 6, 7);
  }
  Quartet pairs[2];
  for (int i = 0; i < 2; ++i) {
    pairs[i] = __builtin_shufflevector(quarters[2 * i], quarters[2 * i + 1], 0, 1, 4, 5) +
               __builtin_shufflevector(quarters[2 * i], quarters[2 * i + 1], 2, 3, 6, 7);
  }
  const Quartet sums = __builtin_shufflevector(pairs[0], pairs[1], 0, 2, 4, 6) +
                       __builtin_shufflevector(pairs[0], pairs[1], 1, 3, 5, 7);
  std::memcpy(products, &sums, kCount * sizeof(float));
}

/// What product_tile computes, for registers of 8 lanes.
template <int kM, int kN, bool kPrefetch, typename TWeight>
DMT_INLINE void narrow_product_tile(float* out, int64_t out_stride, const float* x, const TWeight* weight,
                                    const float* residual, int64_t K) {
  Octet low[kM * kN] = {};
  Octet high[kM * kN] = {};
  const auto add = [&](const float* a_K, int64_t a_stride, const TWeight* w_K, int64_t w_stride) {
    Octet w_low[kN], w_high[kN];
    for (int n = 0; n < kN; ++n) {
      load_octet(w_low[n], w_K + n * w_stride);
      load_octet(w_high[n], w_K + n * w_stride + kHalfLanes);
    }
    for (int m = 0; m < kM; ++m) {
      Octet a_low, a_high;
      load_octet(a_low, a_K + m * a_stride);
      load_octet(a_high, a_K + m * a_stride + kHalfLanes);
      for (int n = 0; n < kN; ++n) {
        low[m * kN + n] += a_low * w_low[n];
        high[m * kN + n] += a_high * w_high[n];
      }
    }
  };
  int64_t k = 0;
  for (; k + kLanes <= K; k += kLanes) {
    if constexpr (kPrefetch) {
      for (int n = 0; n < kN; ++n) __builtin_prefetch(weight + (kN + n) * K + k);
    }
    add(x + k, K, weight + k, K);
  }
  if (k < K) {
    float a[kM * kLanes] = {};
    TWeight w[kN * kLanes] = {};
    const auto count = static_cast<size_t>(K - k);
    for (int m = 0; m < kM; ++m) std::memcpy(a + m * kLanes, x + m * K + k, count * sizeof(float));
    for (int n = 0; n < kN; ++n) std::memcpy(w + n * kLanes, weight + n * K + k, count * sizeof(TWeight));
    add(a, kLanes, w, kLanes);
  }
  float products[kM * kN];
  sum_octets<kM * kN>(products, low, high);
  add_to_residual<kM, kN>(out, out_stride, products, residual);
}

// Sums of a tile of 4 x 4 fill half of AVX-512's registers; in AVX2's, which hold a quarter of that, they
// would live in memory, and so would vectors of 16 lanes: there a sum is two vectors of 8. Its bits are the
// same.
constexpr int kWideTile = 4, kNarrowTile = 2;

bool has_wide_registers() {
  static const bool wide = __builtin_cpu_supports("avx512f");
  return wide;
}

template <int kM, int kN, bool kPrefetch, bool kWide, typename TWeight>
DMT_INLINE void tile(float* out, int64_t out_stride, const float* x, const TWeight* weight,
                     const float* residual, int64_t K) {
  if constexpr (kWide) {
    product_tile<kM, kN, kPrefetch>(out, out_stride, x, weight, residual, K);
  } else {
    narrow_product_tile<kM, kN, kPrefetch>(out, out_stride, x, weight, residual, K);
  }
}

template <int kTileM, int kN, bool kWide, typename TWeight>
DMT_INLINE void product_columns(float* out, const float* x, const TWeight* weight, const float* residual,
                                int64_t M, int64_t N, int64_t K) {
  const auto residual_row = [&](int64_t m) { return residual ? residual + m * N : nullptr; };
  int64_t m = 0;
  if (M >= kTileM) {
    tile<kTileM, kN, true, kWide>(out, N, x, weight, residual, K);
    m = kTileM;
  } else {
    tile<1, kN, true, kWide>(out, N, x, weight, residual, K);
    m = 1;
  }
  for (; m + kTileM <= M; m += kTileM) {
    tile<kTileM, kN, false, kWide>(out + m * N, N, x + m * K, weight, residual_row(m), K);
  }
  for (; m < M; ++m) tile<1, kN, false, kWide>(out + m * N, N, x + m * K, weight, residual_row(m), K);
}

template <int kTile, bool kWide, typename TWeight>
DMT_INLINE void products_tiled(float* out, const float* x, const TWeight* weight, const float* residual,
                               int64_t M, int64_t N, int64_t K, int64_t begin, int64_t end) {
  int64_t n = begin;
  for (; n + kTile <= end; n += kTile) {
    product_columns<kTile, kTile, kWide>(out + n, x, weight + n * K, residual ? residual + n : nullptr, M, N,
                                         K);
  }
  for (; n < end; ++n) {
    product_columns<kTile, 1, kWide>(out + n, x, weight + n * K, residual ? residual + n : nullptr, M, N, K);
  }
}

template <typename TWeight>
DMT_INLINE void products_body(float* out, const float* x, const TWeight* weight, const float* residual,
                              int64_t M, int64_t N, int64_t K, int64_t begin, int64_t end) {
  if (has_wide_registers()) {
    products_tiled<kWideTile, true>(out, x, weight, residual, M, N, K, begin, end);
  } else {
    products_tiled<kNarrowTile, false>(out, x, weight, residual, M, N, K, begin, end);
  }
}

DMT_MULTIVERSION void products(float* out, const float* x, const float* weight, const float* residual,
                               int64_t M, int64_t N, int64_t K, int64_t begin, int64_t end) {
  products_body(out, x, weight, residual, M, N, K, begin, end);
}
DMT_MULTIVERSION void products(float* out, const float* x, const Bf16* weight, const float* residual,
                               int64_t M, int64_t N, int64_t K, int64_t begin, int64_t end) {
  products_body(out, x, weight, residual, M, N, K, begin, end);
}

template <typename TCache>
DMT_INLINE void attention_body(float* out_D, const float* query_D, const TCache* keys_DN,
                               const TCache* values_ND, int64_t capacity, int64_t length, int64_t D,
                               float* scores_N) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(D));
  for (int64_t n = 0; n < length; ++n) scores_N[n] = 0.0f;
  for (int64_t d = 0; d < D; ++d) {
    const float query = query_D[d] * scale;
#pragma omp simd
    for (int64_t n = 0; n < length; ++n) scores_N[n] += query * to_float(keys_DN[d * capacity + n]);
  }
  float max = scores_N[0];
  for (int64_t n = 1; n < length; ++n) max = scores_N[n] > max ? scores_N[n] : max;
#pragma omp simd
  for (int64_t n = 0; n < length; ++n) scores_N[n] = fast_exp(scores_N[n] - max);
  float sum = 0.0f;
  for (int64_t d = 0; d < D; ++d) out_D[d] = 0.0f;
  for (int64_t n = 0; n < length; ++n) {
    const float p = scores_N[n];
    sum += p;
#pragma omp simd
    for (int64_t d = 0; d < D; ++d) out_D[d] += p * to_float(values_ND[n * D + d]);
  }
  const float inverse = 1.0f / sum;
  for (int64_t d = 0; d < D; ++d) out_D[d] *= inverse;
}

DMT_MULTIVERSION void attention(float* out, const float* query, const float* keys, const float* values,
                                int64_t capacity, int64_t length, int64_t D, float* scores) {
  attention_body(out, query, keys, values, capacity, length, D, scores);
}
DMT_MULTIVERSION void attention(float* out, const float* query, const Bf16* keys, const Bf16* values,
                                int64_t capacity, int64_t length, int64_t D, float* scores) {
  attention_body(out, query, keys, values, capacity, length, D, scores);
}

}  // namespace

template <typename TWeight>
void row_products(float* out_MN, const float* x_MK, const TWeight* weight_NK, const float* residual_MN,
                  int64_t M, int64_t N, int64_t K) {
  // Parts are whole tiles: how a column is computed must not depend on where a thread's part begins.
  const int64_t tiles = (N + kWideTile - 1) / kWideTile;
  constexpr int64_t kWorthAThread = 1 << 16;  // multiplications
  parallel_for(tiles, kWorthAThread / (kWideTile * K * M) + 1, [&](int64_t begin, int64_t end) {
    products(out_MN, x_MK, weight_NK, residual_MN, M, N, K, begin * kWideTile, std::min(N, end * kWideTile));
  });
}

template <typename TWeight>
void column_products(float* out_MN, const float* x_MK, const TWeight* weight, const float* residual_MN,
                     int64_t M, int64_t N, int64_t K, int64_t columns) {
  products(out_MN, x_MK, weight, residual_MN, M, N, K, 0, columns);
}

template <typename TCache>
void decode_attention_head(float* out_D, const float* query_D, const CacheView<TCache>& cache,
                           int64_t kv_head, int64_t head_dim, float* scores) {
  const int64_t offset = kv_head * cache.capacity * head_dim;
  attention(out_D, query_D, cache.keys + offset, cache.values + offset, cache.capacity, cache.length,
            head_dim, scores);
}

template void row_products(float*, const float*, const float*, const float*, int64_t, int64_t, int64_t);
template void row_products(float*, const float*, const Bf16*, const float*, int64_t, int64_t, int64_t);
template void column_products(float*, const float*, const float*, const float*, int64_t, int64_t, int64_t,
                              int64_t);
template void decode_attention_head(float*, const float*, const CacheView<float>&, int64_t, int64_t, float*);
template void decode_attention_head(float*, const float*, const CacheView<Bf16>&, int64_t, int64_t, float*);

}  // namespace dmt::kernels
