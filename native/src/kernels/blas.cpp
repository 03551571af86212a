#include "kernels/blas.h"

#include "base/parallel.h"

// Fortran BLAS, column-major. OpenBLAS exports it beside the presets' libtorch, a stock PyTorch from
// libtorch_cpu itself (MKL).
extern "C" void sgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
                       const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                       const float* beta, float* c, const int* ldc);

namespace dmt::kernels {
namespace {

/// Rows (or columns) of an output that are worth a thread, from the multiplications that one takes.
int64_t grain(int64_t multiplications) {
  constexpr int64_t kWorthAThread = 1 << 19;
  return kWorthAThread / (multiplications > 0 ? multiplications : 1) + 1;
}

MatrixView from_row(MatrixView view, int64_t row) {
  view.data += view.transpose == Transpose::kNo ? row * view.stride : row;
  return view;
}

MatrixView from_column(MatrixView view, int64_t column) {
  view.data += view.transpose == Transpose::kNo ? column : column * view.stride;
  return view;
}

}  // namespace

void gemm_on_this_thread(float* out, int64_t out_stride, MatrixView a, MatrixView b, int64_t M, int64_t N,
                         int64_t K, float beta) {
  // A row-major product is the column-major product of the transposes: out^T = b^T a^T.
  const char* trans_b = b.transpose == Transpose::kNo ? "N" : "T";
  const char* trans_a = a.transpose == Transpose::kNo ? "N" : "T";
  const int m = static_cast<int>(N), n = static_cast<int>(M), k = static_cast<int>(K);
  const int ldb = static_cast<int>(b.stride), lda = static_cast<int>(a.stride);
  const int ldc = static_cast<int>(out_stride);
  const float one = 1.0f;
  sgemm_(trans_b, trans_a, &m, &n, &k, &one, b.data, &ldb, a.data, &lda, &beta, out, &ldc);
}

void gemm(float* out, int64_t out_stride, MatrixView a, MatrixView b, int64_t M, int64_t N, int64_t K,
          float beta) {
  if (M == 0 || N == 0) return;
  if (M >= N) {
    parallel_for(M, grain(N * K), [&](int64_t begin, int64_t end) {
      gemm_on_this_thread(out + begin * out_stride, out_stride, from_row(a, begin), b, end - begin, N, K,
                          beta);
    });
  } else {
    parallel_for(N, grain(M * K), [&](int64_t begin, int64_t end) {
      gemm_on_this_thread(out + begin, out_stride, a, from_column(b, begin), M, end - begin, K, beta);
    });
  }
}

}  // namespace dmt::kernels
