// Row-major views of the one BLAS routine that is used.
#pragma once

#include <cstdint>

namespace dmt::kernels {

enum class Transpose { kNo, kYes };

/// A matrix operand as it lies in memory: row-major, `stride` elements from row to row.
struct MatrixView {
  const float* data;
  int64_t stride;
  Transpose transpose = Transpose::kNo;
};

/// out[M, N] = a[M, K] * b[K, N] + beta * out, on the calling thread alone (see [Note: one thread pool]).
void gemm_on_this_thread(float* out, int64_t out_stride, MatrixView a, MatrixView b, int64_t M, int64_t N,
                         int64_t K, float beta);

/// The same on all threads: the larger of M and N is cut into one part per thread.
void gemm(float* out, int64_t out_stride, MatrixView a, MatrixView b, int64_t M, int64_t N, int64_t K,
          float beta);

}  // namespace dmt::kernels
