#include "kernels/cross_entropy.h"

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::cross_entropy_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// One row's loss, and its softmax.
double loss_reference(const std::vector<double>& logits, size_t label,
                      std::vector<double>* softmax = nullptr) {
  const double max = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (const double logit : logits) sum += std::exp(logit - max);
  if (softmax != nullptr) {
    softmax->clear();
    for (const double logit : logits) softmax->push_back(std::exp(logit - max) / sum);
  }
  return std::log(sum) + max - logits[label];
}

template <typename TData>
struct Rows {
  Rows(int64_t rows, int64_t vocab, float deviation)
      : L(rows),
        V(vocab),
        logits(random_normal<TData>(L * V, 1, deviation)),
        labels(random_integers(L, 2, static_cast<int32_t>(V))) {}

  std::vector<float> forward() const {
    std::vector<float> loss = poisoned<float>(L);
    cross_entropy_forward(loss.data(), logits.data(), labels.data(), L, V);
    return loss;
  }
  std::vector<float> forward_backward(float scale) {
    std::vector<float> loss = poisoned<float>(L);
    cross_entropy_forward_backward(loss.data(), logits.data(), labels.data(), scale, L, V);
    return loss;
  }
  std::vector<double> row(int64_t l) const {
    return doubles(std::vector<TData>(logits.begin() + l * V, logits.begin() + (l + 1) * V));
  }
  int64_t L, V;
  std::vector<TData> logits;
  std::vector<int32_t> labels;
};

struct Shape {
  int64_t L, V;
  float deviation;
};
// 4097 is one more than what is summed in float32 before going to double.
const Shape kShapes[] = {{1, 1, 1.0f},    {1, 2, 1.0f},    {5, 123, 1.0f},
                         {5, 123, 30.0f}, {3, 4097, 2.0f}, {2, 10000, 5.0f}};

template <typename TData>
class CrossEntropy : public testing::Test {};
TYPED_TEST_SUITE(CrossEntropy, ElementTypes, ElementNames);

TYPED_TEST(CrossEntropy, LossAndGradientMatchTheReference) {
  constexpr float kScale = 0.37f;
  for (const auto [L, V, deviation] : kShapes) {
    SCOPED_TRACE(testing::Message() << "L = " << L << ", V = " << V << ", deviation " << deviation);
    Rows<TypeParam> rows(L, V, deviation);
    std::vector<double> losses, gradient;
    for (int64_t l = 0; l < L; ++l) {
      const auto label = static_cast<size_t>(rows.labels[static_cast<size_t>(l)]);
      std::vector<double> row_gradient;
      losses.push_back(loss_reference(rows.row(l), label, &row_gradient));
      row_gradient[label] -= 1.0;
      for (const double g : row_gradient) gradient.push_back(g * static_cast<double>(kScale));
    }
    const std::vector<float> forward = rows.forward();
    // A float32 sum of up to 4096 terms, sixteen side by side.
    EXPECT_TRUE(close(forward, losses, {5e-6, 1e-6}));
    EXPECT_TRUE(identical(rows.forward_backward(kScale), forward));
    // Differences of up to 40 are rounded to float32 before the exponential, which comes on top of the sum's
    // error; fast_exp gives e^-87 for all that is smaller.
    EXPECT_TRUE(close(doubles(rows.logits), gradient, {1e-37, 1e-5 + kEpsilon<TypeParam>}));
  }
}

TYPED_TEST(CrossEntropy, TheGradientOfARowSumsToZero) {
  for (const auto [L, V, deviation] : kShapes) {
    Rows<TypeParam> rows(L, V, deviation);
    rows.forward_backward(1.0f);
    for (int64_t l = 0; l < L; ++l) {
      double sum = 0.0;
      for (const double g : rows.row(l)) sum += g;
      // The entries' magnitudes add up to at most 2, each off by half a rounding unit and the sum's error.
      EXPECT_NEAR(sum, 0.0, 5e-6 + 2 * kEpsilon<TypeParam>) << "V = " << V << ", row " << l;
    }
  }
}

TYPED_TEST(CrossEntropy, HugeLogitsGiveFiniteLosses) {
  Rows<TypeParam> rows(2, 5, 1.0f);
  rows.logits = rounded<TypeParam>({0, 1e30f, 0, 0, 0, /**/ 0, -1e30f, 0, 0, 0});
  rows.labels = {1, 0};
  EXPECT_TRUE(close(rows.forward(), std::vector<double>{0.0, std::log(4.0)}, {1e-6, 0}));
  rows.labels = {0, 1};
  EXPECT_TRUE(close(rows.forward_backward(1.0f), std::vector<double>{1e30, 1e30}, {0, kEpsilon<TypeParam>}));
  EXPECT_TRUE(close(doubles(rows.logits), std::vector<double>{-1, 1, 0, 0, 0, .25, -1, .25, .25, .25},
                    {1e-37, 1e-6 + kEpsilon<TypeParam>}));
}

TYPED_TEST(CrossEntropy, ForbiddenTokensHaveNoShare) {
  Rows<TypeParam> rows(1, 19, 1.0f);
  rows.logits = rounded<TypeParam>(std::vector<float>(19, -kInfinity));
  store(rows.logits[3], 1.0f);
  store(rows.logits[17], 1.0f);
  rows.labels = {17};
  EXPECT_TRUE(close(rows.forward_backward(1.0f), std::vector<double>{std::log(2.0)}, {1e-6, 0}));
  std::vector<double> expected(19, 0.0);
  expected[3] = 0.5;
  expected[17] = -0.5;
  EXPECT_TRUE(close(doubles(rows.logits), expected, {1e-37, 1e-6}));
  Rows<TypeParam> forbidden(1, 2, 1.0f);
  forbidden.logits = rounded<TypeParam>({0.0f, -kInfinity});
  forbidden.labels = {1};
  EXPECT_EQ(forbidden.forward()[0], kInfinity);
}

TYPED_TEST(CrossEntropy, ANanOrPositiveInfinityAnywhereGivesALossThatIsNotFinite) {
  for (const int64_t V : {1, 5, 37, 5000}) {
    for (const int64_t at : {int64_t{0}, V / 2, V - 1}) {
      for (const float bad : {kNan, kInfinity}) {
        Rows<TypeParam> rows(1, V, 1.0f);
        store(rows.logits[static_cast<size_t>(at)], bad);
        for (const int32_t label : {0, static_cast<int32_t>(V - 1)}) {
          rows.labels = {label};
          EXPECT_TRUE(std::isnan(rows.forward()[0]))
              << bad << " at " << at << " of " << V << ", label " << label;
          auto copy = rows;
          EXPECT_TRUE(std::isnan(copy.forward_backward(1.0f)[0])) << bad << " at " << at << " of " << V;
        }
      }
    }
  }
}

TYPED_TEST(CrossEntropy, ARowsLossDoesNotDependOnOtherRowsOrThreads) {
  const auto run = [](int threads) {
    const ThreadCountScope scope(threads);
    Rows<TypeParam> rows(33, 1001, 3.0f);
    const std::vector<float> loss = rows.forward_backward(0.5f);
    auto all = doubles(rows.logits);
    all.insert(all.end(), loss.begin(), loss.end());
    return all;
  };
  EXPECT_TRUE(identical(run(3), run(1)));
  Rows<TypeParam> rows(3, 123, 1.0f), with_nan = rows;
  for (int64_t v = 0; v < 123; ++v) store(with_nan.logits[static_cast<size_t>(123 + v)], kNan);
  EXPECT_EQ(with_nan.forward()[0], rows.forward()[0]);
  EXPECT_EQ(with_nan.forward()[2], rows.forward()[2]);
}

TEST(CrossEntropyGradient, IsTheDerivativeOfTheLoss) {
  Rows<float> rows(1, 11, 2.0f);
  const std::vector<double> logits = rows.row(0);
  rows.forward_backward(1.0f);
  const auto f = [&](const std::vector<double>& at) {
    return loss_reference(at, static_cast<size_t>(rows.labels[0]));
  };
  for (size_t v = 0; v < logits.size(); ++v)
    EXPECT_NEAR(rows.logits[v], numeric_derivative(f, logits, v), 1e-6) << v;
}

}  // namespace
}  // namespace dmt::kernels::cross_entropy_test
