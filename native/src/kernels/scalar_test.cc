#include "kernels/scalar.h"

#include <c10/util/BFloat16.h>

#include "kernels/test_values.h"

namespace dmt::kernels::scalar_test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(FastExp, IsWithinOneTenMillionthOverItsRange) {
  double worst = 0.0;
  float worst_x = 0.0f;
  for (float x = -87.0f; x <= 88.0f; x += 0.00013f) {
    const double expected = std::exp(static_cast<double>(x));
    const double error = std::fabs(static_cast<double>(fast_exp(x)) - expected) / expected;
    if (!(error <= worst)) {
      worst = error;
      worst_x = x;
    }
  }
  EXPECT_LT(worst, 1e-7) << "at x = " << worst_x;
}

TEST(FastExp, IsExactAtZeroAndAlmostSoNearIt) {
  EXPECT_EQ(fast_exp(0.0f), 1.0f);
  EXPECT_EQ(fast_exp(-0.0f), 1.0f);
  EXPECT_EQ(fast_exp(1e-30f), 1.0f);
}

TEST(FastExp, MovesWhatIsOutsideToTheBorder) {
  for (const float x : {-88.0f, -1000.0f, -std::numeric_limits<float>::max(), -kInfinity}) {
    EXPECT_EQ(fast_exp(x), fast_exp(-87.0f)) << x;
  }
  for (const float x : {88.5f, 1000.0f, std::numeric_limits<float>::max(), kInfinity}) {
    EXPECT_EQ(fast_exp(x), fast_exp(88.0f)) << x;
  }
  EXPECT_TRUE(std::isfinite(fast_exp(88.0f)));
  EXPECT_GT(fast_exp(-87.0f), 0.0f);
}

TEST(FastExp, KeepsANan) {
  EXPECT_TRUE(std::isnan(fast_exp(kNan)));
  EXPECT_TRUE(std::isnan(fast_exp(-kNan)));
  EXPECT_TRUE(std::isnan(fast_exp(std::bit_cast<float>(0x7FFFFFFFu))));
}

TEST(Sigmoid, IsAccurateAndHasItsLimits) {
  for (float x = -80.0f; x <= 80.0f; x += 0.01f) {
    const double expected = 1.0 / (1.0 + std::exp(-static_cast<double>(x)));
    // fast_exp, the sum and the quotient round once each.
    ASSERT_NEAR(sigmoid(x), expected, 4e-7 * expected) << "at x = " << x;
  }
  EXPECT_EQ(sigmoid(0.0f), 0.5f);
  EXPECT_EQ(sigmoid(kInfinity), 1.0f);
  EXPECT_NEAR(sigmoid(-kInfinity), 0.0f, 1e-37);
  EXPECT_TRUE(std::isnan(sigmoid(kNan)));
}

TEST(Bf16, EveryValueSurvivesTheWayToFloatAndBack) {
  for (uint32_t bits = 0; bits < 0x10000u; ++bits) {
    const Bf16 value{static_cast<uint16_t>(bits)};
    Bf16 back{};
    store(back, to_float(value));
    if (std::isnan(to_float(value))) {
      EXPECT_TRUE(std::isnan(to_float(back))) << bits;
    } else {
      EXPECT_EQ(back.bits, value.bits);
    }
  }
}

TEST(Bf16, RoundsAsC10Does) {
  std::mt19937 generator(11);
  for (int i = 0; i < 1'000'000; ++i) {
    const float x = std::bit_cast<float>(static_cast<uint32_t>(generator()));
    if (std::isnan(x)) continue;
    Bf16 actual{};
    store(actual, x);
    ASSERT_EQ(actual.bits, c10::BFloat16(x).x) << "rounding " << x;
  }
}

TEST(Bf16, BreaksTiesToEvenAndOverflowsToInfinity) {
  const auto bits_of = [](float x) {
    Bf16 out{};
    store(out, x);
    return out.bits;
  };
  EXPECT_EQ(bits_of(std::bit_cast<float>(0x3F808000u)), 0x3F80);  // half way above an even one
  EXPECT_EQ(bits_of(std::bit_cast<float>(0x3F818000u)), 0x3F82);  // half way above an odd one
  EXPECT_EQ(bits_of(std::bit_cast<float>(0x3F808001u)), 0x3F81);
  EXPECT_EQ(bits_of(std::bit_cast<float>(0x00010001u)), 0x0001);  // subnormal
  EXPECT_EQ(bits_of(std::bit_cast<float>(0x00000001u)), 0x0000);
  EXPECT_EQ(bits_of(-0.0f), 0x8000);
  EXPECT_EQ(bits_of(std::numeric_limits<float>::max()), 0x7F80);
  EXPECT_EQ(bits_of(-kInfinity), 0xFF80);
}

}  // namespace
}  // namespace dmt::kernels::scalar_test
