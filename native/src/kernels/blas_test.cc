#include "kernels/blas.h"

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::blas_test {
namespace {

struct Shape {
  int64_t M, N, K;
};
// The last two are large enough to be cut into parts, one along M and one along N.
const Shape kShapes[] = {{1, 1, 1},    {1, 5, 3},    {5, 1, 7},       {1, 1, 123},    {3, 4, 5},
                         {33, 65, 17}, {130, 70, 5}, {231, 103, 129}, {103, 231, 129}};

/// A [rows, columns] matrix, stored transposed or not, with room to the right of each stored row.
struct Operand {
  Operand(int64_t rows, int64_t columns, Transpose order, uint64_t seed)
      : transpose(order), stride((order == Transpose::kNo ? columns : rows) + 3) {
    data = random_normal<float>((order == Transpose::kNo ? rows : columns) * stride, seed);
  }
  MatrixView view() const { return {data.data(), stride, transpose}; }
  double at(int64_t row, int64_t column) const {
    return data[static_cast<size_t>(transpose == Transpose::kNo ? row * stride + column
                                                                : column * stride + row)];
  }
  Transpose transpose;
  int64_t stride;
  std::vector<float> data;
};

using Gemm = void (*)(float*, int64_t, MatrixView, MatrixView, int64_t, int64_t, int64_t, float);

void expect_product(Gemm product, Shape s, Transpose order_a, Transpose order_b, float beta) {
  const Operand a(s.M, s.K, order_a, 1), b(s.K, s.N, order_b, 2);
  const int64_t stride = s.N + 2;
  // With beta = 0 what was in the output must not matter; the gap between rows stays as it is.
  std::vector<float> out =
      beta == 0.0f ? poisoned<float>(s.M * stride) : random_normal<float>(s.M * stride, 3);
  for (int64_t m = 0; m < s.M; ++m) {
    out[static_cast<size_t>(m * stride + s.N)] = out[static_cast<size_t>(m * stride + s.N + 1)] = 77.0f;
  }
  std::vector<double> expected(out.begin(), out.end());
  for (int64_t m = 0; m < s.M; ++m) {
    for (int64_t n = 0; n < s.N; ++n) {
      double& sum = expected[static_cast<size_t>(m * stride + n)];
      sum = beta == 0.0f ? 0.0 : sum * static_cast<double>(beta);
      for (int64_t k = 0; k < s.K; ++k) sum += a.at(m, k) * b.at(k, n);
    }
  }
  product(out.data(), stride, a.view(), b.view(), s.M, s.N, s.K, beta);
  // K products of size 1, whose roundings add up like a random walk at worst far below K of them.
  EXPECT_TRUE(close(out, expected, {static_cast<double>(s.K + 1) * 0x1p-22, 1e-6}))
      << "M = " << s.M << ", N = " << s.N << ", K = " << s.K << ", beta " << beta << ", transposes "
      << (order_a == Transpose::kYes) << (order_b == Transpose::kYes);
}

void expect_products(Gemm product) {
  for (const Shape shape : kShapes) {
    for (const Transpose a : {Transpose::kNo, Transpose::kYes}) {
      for (const Transpose b : {Transpose::kNo, Transpose::kYes}) {
        for (const float beta : {0.0f, 1.0f}) expect_product(product, shape, a, b, beta);
      }
    }
  }
}

TEST(Gemm, OnOneThreadMatchesTheReference) {
  expect_products(&gemm_on_this_thread);
}

TEST(Gemm, OnAllThreadsMatchesTheReference) {
  for (const int threads : {1, 2, 3}) {
    const ThreadCountScope scope(threads);
    expect_products(&gemm);
  }
}

}  // namespace
}  // namespace dmt::kernels::blas_test
