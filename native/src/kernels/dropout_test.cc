#include "kernels/dropout.h"

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::dropout_test {
namespace {

std::vector<float> ones_after(double share, int64_t T, int64_t K, uint64_t key = 5) {
  const std::vector<float> x(static_cast<size_t>(T * K), 1.0f);
  std::vector<int32_t> keys;
  for (int64_t t = 0; t < T; ++t) keys.push_back(static_cast<int32_t>(1000 + 7 * t));
  std::vector<float> out = poisoned<float>(T * K);
  dropout(out.data(), x.data(), keys.data(), key, share, T, K);
  return out;
}

TEST(Dropout, DropsTheShareAndKeepsTheMean) {
  for (const double share : {0.05, 0.1, 0.5, 0.9}) {
    const std::vector<float> out = ones_after(share, 200, 501);
    double sum = 0.0, dropped = 0.0;
    for (const float value : out) {
      EXPECT_TRUE(value == 0.0f || value == static_cast<float>(1.0 / (1.0 - share))) << value;
      sum += static_cast<double>(value);
      dropped += value == 0.0f ? 1.0 : 0.0;
    }
    const auto count = static_cast<double>(out.size());
    const double deviation = std::sqrt(share * (1 - share) / count);
    EXPECT_NEAR(dropped / count, share, 5 * deviation);
    EXPECT_NEAR(sum / count, 1.0, 5 * deviation / (1 - share));
  }
}

TEST(Dropout, AShareOfZeroChangesNothing) {
  for (const float value : ones_after(0.0, 3, 17)) EXPECT_EQ(value, 1.0f);
}

TEST(Dropout, ATokensChoicesDependOnItsKeyAlone) {
  const int64_t K = 33;
  const std::vector<float> x = random_normal<float>(2 * K, 3);
  std::vector<float> together = poisoned<float>(2 * K), alone = poisoned<float>(K);
  const int32_t keys[] = {17, -4};
  dropout(together.data(), x.data(), keys, 9, 0.5, 2, K);
  dropout(alone.data(), x.data() + K, keys + 1, 9, 0.5, 1, K);
  EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + K));
}

TEST(Dropout, KeysOfPassAndTokenChangeTheChoices) {
  EXPECT_NE(ones_after(0.5, 4, 64, 1), ones_after(0.5, 4, 64, 2));
  const std::vector<float> rows = ones_after(0.5, 2, 64);
  EXPECT_FALSE(std::equal(rows.begin(), rows.begin() + 64, rows.begin() + 64));
}

TEST(Dropout, TheNumberOfThreadsChangesNothing) {
  std::vector<float> one;
  {
    const ThreadCountScope threads(1);
    one = ones_after(0.3, 301, 129);
  }
  const ThreadCountScope threads(3);
  EXPECT_EQ(one, ones_after(0.3, 301, 129));
}

TEST(Dropout, WorksInPlaceOnBfloat16) {
  std::vector<Bf16> x = random_normal<Bf16>(3 * 20, 4), out = poisoned<Bf16>(3 * 20);
  const int32_t keys[] = {1, 2, 3};
  dropout(out.data(), x.data(), keys, 9, 0.25, 3, 20);
  dropout(x.data(), x.data(), keys, 9, 0.25, 3, 20);
  EXPECT_EQ(doubles(x), doubles(out));
}

}  // namespace
}  // namespace dmt::kernels::dropout_test
