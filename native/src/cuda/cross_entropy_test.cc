#include "kernels/cross_entropy.h"

#include "cuda/test_backend.h"

namespace dmt::cuda::cross_entropy_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

template <typename T>
struct Rows {
  Rows(std::vector<T> values, std::vector<int32_t> row_labels)
      : logits(std::move(values)), labels(std::move(row_labels)) {}
  Rows(int64_t rows, int64_t vocabulary, float deviation)
      : logits(random_normal<T>(rows * vocabulary, 1, deviation)),
        labels(random_integers(rows, 2, static_cast<int32_t>(vocabulary))) {}
  int64_t rows() const { return static_cast<int64_t>(labels.size()); }
  int64_t vocabulary() const { return static_cast<int64_t>(logits.size()) / rows(); }

  std::vector<T> logits;
  std::vector<int32_t> labels;
};

/// The losses; logits become their gradients where there is a scale.
template <typename T>
void run(std::vector<float>& losses, Rows<T>& rows, float scale, int64_t offset = 0) {
  const Array<T> logits(rows.logits, offset);
  const Array<int32_t> labels(rows.labels);
  const Array<float> loss(poisoned<float>(rows.rows()));
  const DmtCrossEntropy op = {loss.data(),       logits.data(), labels.data(), rows.rows(),
                              rows.vocabulary(), scale,         kDType<T>,     scale == 0.0f};
  DMT_RUN(cross_entropy, op);
  losses = loss.values();
  rows.logits = logits.values();
}

struct Shape {
  int64_t rows, vocabulary;
  float deviation;
  int64_t offset = 0;
};
// Fewer and more elements than threads; whole packs and not; 32000 is LLaMA's vocabulary.
const Shape kShapes[] = {{1, 1, 1.0f},    {1, 2, 1.0f},    {5, 123, 1.0f},     {5, 123, 30.0f},
                         {3, 4097, 2.0f}, {2, 4096, 5.0f}, {2, 4096, 5.0f, 1}, {2, 32000, 3.0f}};

template <typename T>
class CudaCrossEntropy : public testing::Test {};
TYPED_TEST_SUITE(CudaCrossEntropy, kernels::ElementTypes, kernels::ElementNames);

TYPED_TEST(CudaCrossEntropy, LossAndGradientMatchTheCpu) {
  using T = TypeParam;
  for (const Shape& s : kShapes) {
    SCOPED_TRACE(testing::Message() << s.rows << " x " << s.vocabulary << ", deviation " << s.deviation);
    Rows<T> rows(s.rows, s.vocabulary, s.deviation), expected = rows;
    auto expected_losses = poisoned<float>(s.rows);
    kernels::cross_entropy_forward_backward(expected_losses.data(), expected.logits.data(),
                                            rows.labels.data(), 0.37f, s.rows, s.vocabulary);
    std::vector<float> losses;
    const std::vector<T> before = rows.logits;
    run(losses, rows, 0.0f, s.offset);
    EXPECT_TRUE(identical(rows.logits, before));
    // Float32 sums of up to 32000 terms.
    EXPECT_TRUE(close(losses, expected_losses, {1e-5, 2e-6}));
    std::vector<float> both;
    run(both, rows, 0.37f, s.offset);
    EXPECT_TRUE(identical(both, losses));
    // Next to a probability of 1, the label's entry is a difference of numbers of size 1.
    EXPECT_TRUE(close(doubles(rows.logits), doubles(expected.logits), {3e-7, 2e-5 + kNeighbours<T>}));
  }
}

TYPED_TEST(CudaCrossEntropy, HugeLogitsGiveFiniteLosses) {
  using T = TypeParam;
  Rows<T> rows(rounded<T>({0, 1e30f, 0, 0, 0, /**/ 0, -1e30f, 0, 0, 0}), {1, 0});
  std::vector<float> losses;
  run(losses, rows, 0.0f);
  EXPECT_TRUE(close(losses, std::vector<double>{0.0, std::log(4.0)}, {1e-6, 0}));
  rows.labels = {0, 1};
  run(losses, rows, 1.0f);
  EXPECT_TRUE(close(losses, std::vector<double>{1e30, 1e30}, {0, kEpsilon<T>}));
  EXPECT_TRUE(close(doubles(rows.logits), std::vector<double>{-1, 1, 0, 0, 0, .25, -1, .25, .25, .25},
                    {1e-37, 1e-6 + kEpsilon<T>}));
}

TYPED_TEST(CudaCrossEntropy, ForbiddenTokensHaveNoShare) {
  using T = TypeParam;
  std::vector<float> values(1203, -kInfinity);
  values[3] = values[1200] = 1.0f;
  Rows<T> rows(rounded<T>(values), {1200});
  std::vector<float> losses;
  run(losses, rows, 1.0f);
  EXPECT_TRUE(close(losses, std::vector<double>{std::log(2.0)}, {1e-6, 0}));
  std::vector<double> expected(values.size(), 0.0);
  expected[3] = 0.5;
  expected[1200] = -0.5;
  EXPECT_TRUE(close(doubles(rows.logits), expected, {1e-37, 1e-6}));
  Rows<T> forbidden(rounded<T>({0.0f, -kInfinity}), {1});
  run(losses, forbidden, 0.0f);
  EXPECT_EQ(losses[0], kInfinity);
}

TYPED_TEST(CudaCrossEntropy, ANanOrPositiveInfinityAnywhereGivesALossThatIsNotFinite) {
  using T = TypeParam;
  for (const int64_t vocabulary : {1, 5, 37, 5000}) {
    for (const int64_t at : {int64_t{0}, vocabulary / 2, vocabulary - 1}) {
      for (const float bad : {kNan, kInfinity}) {
        Rows<T> rows(1, vocabulary, 1.0f);
        store(rows.logits[static_cast<size_t>(at)], bad);
        rows.labels = {static_cast<int32_t>(vocabulary - 1)};
        std::vector<float> losses;
        run(losses, rows, 1.0f);
        EXPECT_TRUE(std::isnan(losses[0])) << bad << " at " << at << " of " << vocabulary;
      }
    }
  }
}

TEST(CudaSourceSums, AddsToEverySource) {
  for (const int64_t rows : {1, 31, 1003}) {
    const std::vector<float> losses = random_normal<float>(rows, 1);
    const std::vector<int32_t> sources = random_integers(rows, 2, 4);  // 4 of 5
    std::vector<double> expected = {1, 2, 3, 4, 5};
    std::vector<int64_t> expected_tokens = {10, 20, 30, 40, 50};
    const Array<double> sums(expected);
    const Array<int64_t> tokens(expected_tokens);
    for (size_t i = 0; i < losses.size(); ++i) {
      expected[static_cast<size_t>(sources[i])] += static_cast<double>(losses[i]);
      ++expected_tokens[static_cast<size_t>(sources[i])];
    }
    const Array<float> loss(losses);
    const Array<int32_t> source(sources);
    const DmtSourceSums op = {sums.data(), tokens.data(), loss.data(), source.data(), rows, 5};
    DMT_RUN(source_sums, op);
    EXPECT_TRUE(close(sums.values(), expected, {1e-12, 1e-13}));
    EXPECT_TRUE(identical(tokens.values(), expected_tokens));
  }
}

}  // namespace
}  // namespace dmt::cuda::cross_entropy_test
