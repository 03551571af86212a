#include "kernels/embedding.h"

#include <cstring>

#include "base/parallel.h"

namespace dmt::kernels {
namespace {

template <typename TTable, typename TData>
DMT_INLINE void add_to_row(TTable* out_C, const TData* x_C, int64_t C) {
#pragma omp simd
  for (int64_t c = 0; c < C; ++c) store(out_C[c], to_float(out_C[c]) + to_float(x_C[c]));
}

DMT_MULTIVERSION void add_row(float* out, const float* x, int64_t C) {
  add_to_row(out, x, C);
}
DMT_MULTIVERSION void add_row(float* out, const Bf16* x, int64_t C) {
  add_to_row(out, x, C);
}
DMT_MULTIVERSION void add_row(Bf16* out, const Bf16* x, int64_t C) {
  add_to_row(out, x, C);
}

}  // namespace

template <typename TData>
void gather_rows(TData* out_NC, const TData* table_VC, const int32_t* rows_N, int64_t N, int64_t C) {
  parallel_for(N, rows_per_thread(C), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      std::memcpy(out_NC + n * C, table_VC + rows_N[n] * C, static_cast<size_t>(C) * sizeof(TData));
    }
  });
}

template <typename TTable, typename TData>
void scatter_add_rows(TTable* table_VC, const TData* x_NC, const int32_t* rows_N, int64_t N, int64_t C) {
  // Every worker reads all indices and adds those rows that are its own.
  const int64_t workers = N * C < rows_per_thread(1) ? 1 : current_threads();
  parallel_for(workers, 1, [&](int64_t begin, int64_t end) {
    for (int64_t worker = begin; worker < end; ++worker) {
      for (int64_t n = 0; n < N; ++n) {
        if (rows_N[n] % workers == worker) add_row(table_VC + rows_N[n] * C, x_NC + n * C, C);
      }
    }
  });
}

template void gather_rows(float*, const float*, const int32_t*, int64_t, int64_t);
template void gather_rows(Bf16*, const Bf16*, const int32_t*, int64_t, int64_t);
template void scatter_add_rows(float*, const float*, const int32_t*, int64_t, int64_t);
template void scatter_add_rows(float*, const Bf16*, const int32_t*, int64_t, int64_t);
template void scatter_add_rows(Bf16*, const Bf16*, const int32_t*, int64_t, int64_t);

}  // namespace dmt::kernels
