#include "kernels/decode.h"

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::decode_test {
namespace {

template <typename TWeight>
class RowProducts : public testing::Test {
 protected:
  static std::vector<float> products(const std::vector<float>& x, const std::vector<TWeight>& weight,
                                     const float* residual, int64_t M, int64_t N, int64_t K) {
    std::vector<float> out = poisoned<float>(M * N);
    row_products(out.data(), x.data(), weight.data(), residual, M, N, K);
    return out;
  }
};
TYPED_TEST_SUITE(RowProducts, ElementTypes, ElementNames);

// Around the tile of 4 x 4 outputs and the 16 lanes of a sum.
const int64_t kColumns[] = {1, 3, 4, 5, 17};
const int64_t kInner[] = {1, 2, 15, 16, 17, 33, 100};

TYPED_TEST(RowProducts, MatchTheReference) {
  for (const int64_t M : {1, 2, 3, 4, 5, 9}) {
    for (const int64_t N : kColumns) {
      for (const int64_t K : kInner) {
        const auto x = random_normal<float>(M * K, 1), residual = random_normal<float>(M * N, 3);
        const auto weight = random_normal<TypeParam>(N * K, 2);
        std::vector<double> expected, added;
        for (int64_t m = 0; m < M; ++m) {
          for (int64_t n = 0; n < N; ++n) {
            double sum = 0.0;
            for (int64_t k = 0; k < K; ++k) {
              sum += static_cast<double>(x[static_cast<size_t>(m * K + k)]) *
                     static_cast<double>(to_float(weight[static_cast<size_t>(n * K + k)]));
            }
            expected.push_back(sum);
            added.push_back(sum + static_cast<double>(residual[static_cast<size_t>(m * N + n)]));
          }
        }
        SCOPED_TRACE(testing::Message() << "M = " << M << ", N = " << N << ", K = " << K);
        const Tolerance tolerance{static_cast<double>(K + 1) * 0x1p-23, 1e-6};  // K float32 terms of size 1
        EXPECT_TRUE(close(this->products(x, weight, nullptr, M, N, K), expected, tolerance));
        EXPECT_TRUE(close(this->products(x, weight, residual.data(), M, N, K), added, tolerance));
        std::vector<float> in_place = residual;
        row_products(in_place.data(), x.data(), weight.data(), in_place.data(), M, N, K);
        EXPECT_TRUE(identical(in_place, this->products(x, weight, residual.data(), M, N, K)));
      }
    }
  }
}

TYPED_TEST(RowProducts, ARowsBitsDoNotDependOnHowManyRowsThereAre) {
  constexpr int64_t kRows = 19;
  for (const int64_t N : kColumns) {
    for (const int64_t K : kInner) {
      const auto weight = random_normal<TypeParam>(N * K, 2);
      const auto x = random_normal<float>(kRows * K, 1), residual = random_normal<float>(kRows * N, 3);
      std::vector<float> alone;
      for (int64_t m = 0; m < kRows; ++m) {
        const std::vector<float> row(x.begin() + m * K, x.begin() + (m + 1) * K);
        const auto out = this->products(row, weight, residual.data() + m * N, 1, N, K);
        alone.insert(alone.end(), out.begin(), out.end());
      }
      for (int64_t M = 1; M <= kRows; ++M) {
        EXPECT_TRUE(identical(this->products(x, weight, residual.data(), M, N, K),
                              std::vector<float>(alone.begin(), alone.begin() + M * N)))
            << "M = " << M << ", N = " << N << ", K = " << K;
      }
    }
  }
}

TYPED_TEST(RowProducts, TheBitsDoNotDependOnTheNumberOfThreads) {
  constexpr int64_t N = 1003, K = 251;
  const auto weight = random_normal<TypeParam>(N * K, 2);
  for (const int64_t M : {1, 3, 4, 7}) {
    const auto x = random_normal<float>(M * K, 1);
    const auto run = [&](int threads) {
      const ThreadCountScope scope(threads);
      return this->products(x, weight, nullptr, M, N, K);
    };
    const auto one = run(1);
    for (const int threads : {2, 3, 5})
      EXPECT_TRUE(identical(run(threads), one)) << threads << " threads, M = " << M;
  }
}

TYPED_TEST(RowProducts, AColumnsBitsDoNotDependOnItsPlace) {
  // The same weights in every column must give the same sum in every column.
  constexpr int64_t N = 23, K = 37;
  const auto column = random_normal<TypeParam>(K, 2);
  std::vector<TypeParam> weight;
  for (int64_t n = 0; n < N; ++n) weight.insert(weight.end(), column.begin(), column.end());
  for (const int64_t M : {1, 4, 5}) {
    std::vector<float> x;
    const auto row = random_normal<float>(K, 1);
    for (int64_t m = 0; m < M; ++m) x.insert(x.end(), row.begin(), row.end());
    const auto out = this->products(x, weight, nullptr, M, N, K);
    EXPECT_TRUE(identical(out, std::vector<float>(out.size(), out[0]))) << M;
  }
}

template <typename TCache>
class DecodeAttention : public testing::Test {
 protected:
  static constexpr int64_t kKvHeads = 3, kHeadDim = 10;

  /// Attention over a cache with NaN behind the filled positions.
  static std::vector<float> attend(const std::vector<float>& query, const std::vector<TCache>& keys_NHD,
                                   const std::vector<TCache>& values_NHD, int64_t length, int64_t capacity,
                                   int64_t head) {
    auto keys = poisoned<TCache>(kKvHeads * kHeadDim * capacity), values = keys;
    for (int64_t n = 0; n < length; ++n) {
      for (int64_t h = 0; h < kKvHeads; ++h) {
        for (int64_t d = 0; d < kHeadDim; ++d) {
          const auto from = static_cast<size_t>((n * kKvHeads + h) * kHeadDim + d);
          keys[static_cast<size_t>((h * kHeadDim + d) * capacity + n)] = keys_NHD[from];
          values[static_cast<size_t>((h * capacity + n) * kHeadDim + d)] = values_NHD[from];
        }
      }
    }
    std::vector<float> out = poisoned<float>(kHeadDim), scores = poisoned<float>(length);
    const CacheView<TCache> view{keys.data(), values.data(), capacity, length};
    decode_attention_head(out.data(), query.data(), view, head, kHeadDim, scores.data());
    return out;
  }
};
TYPED_TEST_SUITE(DecodeAttention, ElementTypes, ElementNames);

TYPED_TEST(DecodeAttention, MatchesTheReferenceAndReadsNothingBehindTheLength) {
  constexpr int64_t D = TestFixture::kHeadDim, kHeads = TestFixture::kKvHeads;
  for (const int64_t length : {1, 2, 15, 16, 17, 65, 130}) {
    const auto query = random_normal<float>(D, 1, 2.0f);
    const auto keys = random_normal<TypeParam>(length * kHeads * D, 2),
               values = random_normal<TypeParam>(length * kHeads * D, 3);
    for (int64_t head = 0; head < kHeads; ++head) {
      std::vector<double> weights, expected(D, 0.0);
      double sum = 0.0;
      for (int64_t n = 0; n < length; ++n) {
        double score = 0.0;
        for (int64_t d = 0; d < D; ++d) {
          score += static_cast<double>(query[static_cast<size_t>(d)]) *
                   static_cast<double>(to_float(keys[static_cast<size_t>((n * kHeads + head) * D + d)]));
        }
        weights.push_back(std::exp(score / std::sqrt(static_cast<double>(D))));
        sum += weights.back();
      }
      for (int64_t n = 0; n < length; ++n) {
        for (int64_t d = 0; d < D; ++d) {
          expected[static_cast<size_t>(d)] +=
              weights[static_cast<size_t>(n)] / sum *
              static_cast<double>(to_float(values[static_cast<size_t>((n * kHeads + head) * D + d)]));
        }
      }
      // Activations are float32 with either cache; scores of size 6 are off by some 1e-6.
      EXPECT_TRUE(close(this->attend(query, keys, values, length, length + 5, head), expected, {5e-6, 5e-6}))
          << "length " << length << ", head " << head;
    }
  }
}

TYPED_TEST(DecodeAttention, TheBitsDoNotDependOnTheCapacity) {
  constexpr int64_t D = TestFixture::kHeadDim, kHeads = TestFixture::kKvHeads;
  for (const int64_t length : {1, 7, 33, 65}) {
    const auto query = random_normal<float>(D, 1);
    const auto keys = random_normal<TypeParam>(length * kHeads * D, 2),
               values = random_normal<TypeParam>(length * kHeads * D, 3);
    const auto exact = this->attend(query, keys, values, length, length, 1);
    for (const int64_t spare : {1, 3, 64}) {
      EXPECT_TRUE(identical(this->attend(query, keys, values, length, length + spare, 1), exact)) << length;
    }
  }
}

}  // namespace
}  // namespace dmt::kernels::decode_test
