#include "kernels/dropout.h"

#include "base/parallel.h"

namespace dmt::kernels {
namespace {

template <typename TData>
DMT_INLINE void drop_row(TData* out_K, const TData* x_K, uint64_t key, uint32_t threshold, float scale,
                         int64_t K) {
#pragma omp simd
  for (int64_t k = 0; k < K; ++k) store(out_K[k], dropped_out(to_float(x_K[k]), key, k, threshold, scale));
}

DMT_MULTIVERSION void drop(float* out, const float* x, uint64_t key, uint32_t threshold, float scale,
                           int64_t K) {
  drop_row(out, x, key, threshold, scale, K);
}
DMT_MULTIVERSION void drop(Bf16* out, const Bf16* x, uint64_t key, uint32_t threshold, float scale,
                           int64_t K) {
  drop_row(out, x, key, threshold, scale, K);
}

}  // namespace

template <typename TData>
void dropout(TData* out_TK, const TData* x_TK, const int32_t* token_keys_T, uint64_t key, double share,
             int64_t T, int64_t K) {
  const uint32_t threshold = dropout_threshold(share);
  const auto scale = static_cast<float>(1.0 / (1.0 - share));
  parallel_for(T, rows_per_thread(K), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t)
      drop(out_TK + t * K, x_TK + t * K, dropout_key(key, token_keys_T[t]), threshold, scale, K);
  });
}

template void dropout(float*, const float*, const int32_t*, uint64_t, double, int64_t, int64_t);
template void dropout(Bf16*, const Bf16*, const int32_t*, uint64_t, double, int64_t, int64_t);

}  // namespace dmt::kernels
