#include "kernels/stochastic_rounding.h"

#include "kernels/test_values.h"

namespace dmt::kernels::stochastic_rounding_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

float rounded_with(float x, uint32_t random) {
  Bf16 out;
  store_stochastic(out, x, random);
  return to_float(out);
}

TEST(StochasticRounding, GoesUpInExactlyTheShareOfDrawsThatMakesTheMeanExact) {
  for (const float x : {1.0f, -1.0f, 1.001f, -3.14159f, 1e-30f, 12345.678f, 1e-40f}) {
    const uint32_t low = std::bit_cast<uint32_t>(x) & 0xFFFFu;
    const float below = rounded_with(x, 0), above = rounded_with(x, 0xFFFFu);
    uint32_t ups = 0;
    double sum = 0.0;
    for (uint32_t random = 0; random < 0x10000u; ++random) {
      const float got = rounded_with(x, random);
      ASSERT_TRUE(got == below || got == above) << x << " became " << got;
      ups += std::fabs(got) > std::fabs(below);
      sum += static_cast<double>(got);
    }
    EXPECT_EQ(ups, low) << x;
    EXPECT_EQ(sum / 0x10000, static_cast<double>(x)) << "the mean of all draws";
  }
}

TEST(StochasticRounding, UsesOnlySixteenBitsAndKeepsWhatIsNotFinite) {
  EXPECT_EQ(rounded_with(1.001f, 0xABCD1234u), rounded_with(1.001f, 0x1234u));
  for (const uint32_t random : {0u, 1u, 0xFFFFu}) {
    EXPECT_EQ(rounded_with(kInfinity, random), kInfinity);
    EXPECT_EQ(rounded_with(-kInfinity, random), -kInfinity);
    EXPECT_TRUE(std::isnan(rounded_with(kNan, random)));
    EXPECT_TRUE(
        std::isnan(rounded_with(std::bit_cast<float>(0x7F800001u), random)));  // a NaN's low bits only
    EXPECT_EQ(rounded_with(0.0f, random), 0.0f);
  }
}

TEST(Split, IsTheRoundedValueAndGivesEveryBitBack) {
  std::vector<float> values = random_normal<float>(100'000, 1);
  for (const float special : {0.0f, -0.0f, 1e-40f, -1e-40f, 3.4e38f, 1.00390625f, 1.01171875f, -1.00390625f})
    values.push_back(special);
  for (const float x : values) {
    Bf16 high, nearest;
    uint16_t low;
    split(x, high, low);
    store(nearest, x);
    ASSERT_EQ(high.bits, nearest.bits) << x;
    const bool tie_down = (std::bit_cast<uint32_t>(x) & 0x1FFFFu) == 0x8000u;
    const float kept = joined(high, low);
    ASSERT_EQ(kept, tie_down ? std::nextafter(x, 0.0f) : x);
    ASSERT_EQ(std::signbit(kept), std::signbit(x));
    Bf16 high_again;
    uint16_t low_again;
    split(kept, high_again, low_again);  // nothing moves a second time
    ASSERT_EQ(std::pair(high.bits, low), std::pair(high_again.bits, low_again));
  }
}

TEST(RandomBits, AreEvenAndIndependentOverElementsStepsAndUnits) {
  constexpr int64_t kCount = 200'000;
  // Sixteen bits of each of four sequences that a run would draw side by side.
  const auto draw = [](uint64_t unit, uint64_t step, int64_t i, int shift) {
    const RandomBits bits = random_bits(random_key(42, unit, step), static_cast<uint64_t>(i));
    const uint32_t of[] = {bits.of_weight(), bits.of_first_moment(), bits.of_second_moment()};
    return static_cast<double>(of[shift / 16] & 0xFFFFu) / 65536.0 - 0.5 + 1.0 / 131072.0;
  };
  struct Sequence {
    uint64_t unit, step;
    int64_t first;
    int shift;
  };
  const Sequence sequences[] = {{0, 1, 0, 0}, {0, 1, 0, 16}, {0, 1, 0, 32},
                                {0, 1, 1, 0}, {0, 2, 0, 0},  {1, 1, 0, 0}};
  for (const Sequence& a : sequences) {
    double mean = 0.0, square = 0.0;
    for (int64_t i = 0; i < kCount; ++i) {
      const double x = draw(a.unit, a.step, a.first + i, a.shift);
      mean += x / kCount;
      square += x * x / kCount;
    }
    EXPECT_NEAR(mean, 0.0, 5 * 0.2887 / std::sqrt(double{kCount}));  // five standard errors
    EXPECT_NEAR(square, 1.0 / 12, 5 * 0.0745 / std::sqrt(double{kCount}));
    for (const Sequence& b : sequences) {
      if (&a >= &b) continue;
      double correlation = 0.0;
      for (int64_t i = 0; i < kCount; ++i)
        correlation += 12 / double{kCount} * draw(a.unit, a.step, a.first + i, a.shift) *
                       draw(b.unit, b.step, b.first + i, b.shift);
      EXPECT_NEAR(correlation, 0.0, 5 / std::sqrt(double{kCount}));
    }
  }
}

}  // namespace
}  // namespace dmt::kernels::stochastic_rounding_test
