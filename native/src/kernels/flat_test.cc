#include "kernels/flat.h"

#include <c10/util/BFloat16.h>

#include <algorithm>

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::flat_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
// Odd sizes and 1 first; the last is cut into parts for threads.
const int64_t kCounts[] = {1, 2, 17, 1003, 100'003};

/// Random values with all that is special among them.
std::vector<float> values_with_specials(int64_t count) {
  const float specials[] = {0.0f,
                            -0.0f,
                            kInfinity,
                            -kInfinity,
                            kNan,
                            kSmallest,
                            -kSmallest,
                            1e-39f,
                            3.4e38f,
                            std::bit_cast<float>(0x3F808000u),
                            std::bit_cast<float>(0x3F818000u)};
  std::vector<float> values = random_normal<float>(count, 1);
  for (size_t i = 0; i < values.size() && i / 3 < std::size(specials); i += 3) values[i] = specials[i / 3];
  return values;
}

TEST(Cast, ToBf16RoundsAsC10Does) {
  for (const int64_t count : kCounts) {
    const std::vector<float> x = values_with_specials(count);
    auto out = poisoned<Bf16>(count);
    cast(out.data(), x.data(), count);
    for (size_t i = 0; i < x.size(); ++i) {
      if (std::isnan(x[i])) {
        ASSERT_TRUE(std::isnan(to_float(out[i]))) << i;
      } else {
        ASSERT_EQ(out[i].bits, c10::BFloat16(x[i]).x) << "[" << i << "] " << x[i];
      }
    }
  }
}

TEST(Cast, ToFloatIsExact) {
  for (const int64_t count : kCounts) {
    const auto x = rounded<Bf16>(values_with_specials(count));
    auto out = poisoned<float>(count);
    cast(out.data(), x.data(), count);
    for (size_t i = 0; i < x.size(); ++i) {
      ASSERT_EQ(std::bit_cast<uint32_t>(out[i]), uint32_t{x[i].bits} << 16)
          << "[" << i << "] " << to_float(x[i]);
    }
  }
}

TEST(Add, AddsEveryElement) {
  for (const int64_t count : kCounts) {
    const auto x = random_normal<Bf16>(count, 1);
    const auto before = random_normal<float>(count, 2);
    auto sum = before, expected = before;
    for (size_t i = 0; i < x.size(); ++i) expected[i] += to_float(x[i]);
    add(sum.data(), x.data(), count);
    EXPECT_TRUE(identical(sum, expected));
  }
}

template <typename TData>
class AddParts : public testing::Test {};
using PartTypes = testing::Types<float, Bf16>;
TYPED_TEST_SUITE(AddParts, PartTypes);

TYPED_TEST(AddParts, AddsThePartsInTheirOrderThenTheSum) {
  for (const int64_t count : {1, 2, 1023, 1024, 1025, 70001}) {
    constexpr int64_t kParts = 3;
    std::vector<TypeParam> x(static_cast<size_t>(kParts * count));
    for (size_t i = 0; i < x.size(); ++i) store(x[i], 1.0f / static_cast<float>(i + 3));
    std::vector<float> sum(static_cast<size_t>(count), 0.5f), expected = sum;
    for (size_t i = 0; i < sum.size(); ++i) {
      float parts = 0.0f;
      for (size_t p = 0; p < kParts; ++p) parts += to_float(x[p * sum.size() + i]);
      expected[i] += parts;
    }
    add_parts(sum.data(), x.data(), kParts, count);
    EXPECT_TRUE(identical(sum, expected)) << count;
  }
}

TEST(SumOfSquares, MatchesTheReference) {
  EXPECT_EQ(sum_of_squares(static_cast<const float*>(nullptr), 0), 0.0);
  for (const int64_t count : kCounts) {
    const auto x = random_normal<float>(count, 1);
    double expected = 0.0;
    for (const double value : doubles(x)) expected += value * value;
    EXPECT_NEAR(sum_of_squares(x.data(), count), expected, 1e-12 * expected);  // squares of floats are exact
  }
}

TEST(SumOfSquares, HasTheSameBitsForEveryNumberOfThreads) {
  const auto x = random_normal<float>(300'001, 1);
  const auto run = [&](int threads) {
    const ThreadCountScope scope(threads);
    return sum_of_squares(x.data(), static_cast<int64_t>(x.size()));
  };
  const double one = run(1);
  for (const int threads : {2, 3, 5}) EXPECT_EQ(run(threads), one) << threads;
}

TEST(SumOfSquares, DoesNotOverflowWhereFloat32Would) {
  const std::vector<float> x(5, 1e30f);
  EXPECT_NEAR(sum_of_squares(x.data(), 5), 5e60, 1e54);
  const std::vector<float> bad = {1.0f, kNan};
  EXPECT_TRUE(std::isnan(sum_of_squares(bad.data(), 2)));
}

TEST(AllFinite, FindsOneBadElementAnywhere) {
  for (const int64_t count : {1, 2, 17, 100}) {
    for (int64_t at = 0; at < count; ++at) {
      for (const float bad : {kNan, -kNan, kInfinity, -kInfinity}) {
        std::vector<float> x(static_cast<size_t>(count), std::numeric_limits<float>::max());
        EXPECT_TRUE(all_finite(x.data(), count));
        x[static_cast<size_t>(at)] = bad;
        EXPECT_FALSE(all_finite(x.data(), count)) << bad << " at " << at << " of " << count;
      }
    }
  }
}

struct AdamWState {
  std::vector<float> weights, m, v;
};

AdamWStep constants(int step, double weight_decay, double gradient_scale) {
  const double beta1 = 0.9, beta2 = 0.95;
  AdamWStep s{};
  s.learning_rate = 1e-2f;
  s.beta1 = static_cast<float>(beta1);
  s.beta2 = static_cast<float>(beta2);
  s.epsilon = 1e-8f;
  s.weight_decay = static_cast<float>(weight_decay);
  s.one_minus_beta1 = static_cast<float>(1.0 - beta1);
  s.one_minus_beta2 = static_cast<float>(1.0 - beta2);
  s.bias_correction1 = static_cast<float>(1.0 - std::pow(beta1, step));
  s.bias_correction2 = static_cast<float>(1.0 - std::pow(beta2, step));
  s.gradient_scale = static_cast<float>(gradient_scale);
  return s;
}

TEST(AdamW, MatchesTheReferenceOverSteps) {
  for (const int64_t count : kCounts) {
    for (const double weight_decay : {0.0, 0.1}) {
      for (const double gradient_scale : {1.0, 0.37}) {
        SCOPED_TRACE(testing::Message()
                     << count << " elements, decay " << weight_decay << ", scale " << gradient_scale);
        const auto n = static_cast<size_t>(count);
        AdamWState actual{random_normal<float>(count, 1), std::vector<float>(n), std::vector<float>(n)};
        std::vector<double> w = doubles(actual.weights), m(n), v(n);
        for (int step = 1; step <= 5; ++step) {
          const auto gradient = random_normal<float>(count, 10 + static_cast<uint64_t>(step));
          auto untouched = gradient;
          adamw(actual.weights.data(), actual.m.data(), actual.v.data(), untouched.data(), count,
                constants(step, weight_decay, gradient_scale));
          EXPECT_TRUE(identical(untouched, gradient));
          for (size_t i = 0; i < n; ++i) {
            const double g = static_cast<double>(gradient[i]) * gradient_scale;
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.95 * v[i] + 0.05 * g * g;
            w[i] -= 1e-2 * weight_decay * w[i];
            w[i] -= 1e-2 * (m[i] / (1.0 - std::pow(0.9, step))) /
                    (std::sqrt(v[i] / (1.0 - std::pow(0.95, step))) + 1e-8);
          }
        }
        // Five steps of some ten float32 roundings; a first moment may be the difference of larger terms.
        EXPECT_TRUE(close(actual.weights, w, {1e-6, 1e-6}));
        EXPECT_TRUE(close(actual.m, m, {1e-6, 1e-6}));
        EXPECT_TRUE(close(actual.v, v, {1e-9, 2e-6}));
      }
    }
  }
}

TEST(AdamW, AGradientOfZeroOnlyDecays) {
  std::vector<float> weights = {2.0f}, m = {0.0f}, v = {0.0f};
  const float gradient = 0.0f;
  adamw(weights.data(), m.data(), v.data(), &gradient, 1, constants(1, 0.5, 1.0));
  EXPECT_FLOAT_EQ(weights[0], 2.0f * (1.0f - 1e-2f * 0.5f));
}

std::vector<float> normals(int64_t first, int64_t count, uint64_t seed, float deviation = 1.0f) {
  std::vector<float> out = poisoned<float>(count);
  fill_normal(out.data(), first, count, seed, deviation);
  return out;
}

TEST(FillNormal, SlicesEqualTheWholeWhateverTheNumberOfThreads) {
  const std::vector<float> whole = normals(0, 100'003, 7);
  for (const int threads : {1, 3}) {
    const ThreadCountScope scope(threads);
    std::vector<float> pieces;
    for (const auto& [first, count] : {std::pair{0, 1}, {1, 16}, {17, 50'000}, {50'017, 49'986}}) {
      const std::vector<float> piece = normals(first, count, 7);
      pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    EXPECT_TRUE(identical(pieces, whole));
  }
}

TEST(FillNormal, HasTheMomentsAndTheShapeOfANormalDistribution) {
  constexpr int64_t kCount = 1'000'000;
  std::vector<double> x = doubles(normals(0, kCount, 3));
  double moments[5] = {}, neighbours = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    double power = 1.0;
    for (double& moment : moments) {
      moment += power / kCount;
      power *= x[i];
    }
    if (i > 0) neighbours += x[i] * x[i - 1] / kCount;
  }
  // Five standard errors of each estimate: sqrt(1, 2, 15, 96) / 1000, and 1 / 1000 for the correlation.
  EXPECT_NEAR(moments[1], 0.0, 0.005);
  EXPECT_NEAR(moments[2], 1.0, 0.0071);
  EXPECT_NEAR(moments[3], 0.0, 0.0194);
  EXPECT_NEAR(moments[4], 3.0, 0.049);
  EXPECT_NEAR(neighbours, 0.0, 0.005);
  // Kolmogorov-Smirnov: the largest gap between the distribution functions, significance 0.0001.
  std::sort(x.begin(), x.end());
  double gap = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double expected = 0.5 * std::erfc(-x[i] / std::sqrt(2.0));
    gap = std::max(gap, std::fabs(static_cast<double>(i + 1) / kCount - expected));
  }
  EXPECT_LT(gap, 2.23 / std::sqrt(double{kCount}));
}

TEST(FillNormal, ScalesWithTheDeviationAndChangesWithTheSeed) {
  const std::vector<float> one = normals(5, 1001, 3), scaled = normals(5, 1001, 3, 0.25f);
  for (size_t i = 0; i < one.size(); ++i) ASSERT_EQ(scaled[i], one[i] * 0.25f);
  double correlation = 0.0;
  const std::vector<float> other = normals(5, 1001, 4);
  for (size_t i = 0; i < one.size(); ++i)
    correlation += static_cast<double>(one[i]) * static_cast<double>(other[i]) / 1001;
  EXPECT_NEAR(correlation, 0.0, 0.16);  // five standard errors
}

}  // namespace
}  // namespace dmt::kernels::flat_test
