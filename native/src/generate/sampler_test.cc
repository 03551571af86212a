#include "generate/sampler.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "base/expect_error.h"

namespace dmt::sampler_test {
namespace {

SamplingConfig sampling(double temperature, double top_p = 1.0, uint64_t seed = 0) {
  SamplingConfig config;
  config.temperature = temperature;
  config.top_p = top_p;
  config.seed = seed;
  return config;
}

int32_t sample(const std::vector<float>& logits, const SamplingConfig& config, int64_t index = 0) {
  return sample_token(logits.data(), static_cast<int64_t>(logits.size()), config, index);
}

const std::vector<float> kLogits = {0.5f, -1.0f, 2.0f, 0.0f, 1.5f, -3.0f, 0.5f, 1.0f};

/// Softmax with a temperature, without the tokens that are not kept.
std::vector<double> softmax(const std::vector<float>& logits, double temperature,
                            const std::vector<int>& kept) {
  std::vector<double> p(logits.size());
  double sum = 0.0;
  for (const int token : kept) {
    sum += p[static_cast<size_t>(token)] =
        std::exp(static_cast<double>(logits[static_cast<size_t>(token)]) / temperature);
  }
  for (double& x : p) x /= sum;
  return p;
}

/// Chi-square of draws against probabilities; infinite if a token without probability was drawn.
double chi_square(const std::vector<int>& draws, const std::vector<double>& probabilities) {
  const double count = std::accumulate(draws.begin(), draws.end(), 0.0);
  double sum = 0.0;
  for (size_t i = 0; i < draws.size(); ++i) {
    const double expected = probabilities[i] * count;
    if (expected > 0.0) sum += (draws[i] - expected) * (draws[i] - expected) / expected;
    if (expected == 0.0 && draws[i] > 0) return INFINITY;
  }
  return sum;
}

// The 0.9999 quantile for seven degrees of freedom; fewer have a smaller one.
constexpr double kChiSquareLimit = 29.9;
constexpr int kDraws = 100'000;

TEST(Sampler, GreedyTakesTheLargestLogitAndTheLowestIdAmongEquals) {
  EXPECT_EQ(sample(kLogits, sampling(0.0)), 2);
  EXPECT_EQ(sample({1.0f, 3.0f, 3.0f, 3.0f}, sampling(0.0)), 1);
  EXPECT_EQ(sample({7.0f}, sampling(0.0)), 0);
  EXPECT_EQ(sample({-0.0f, 0.0f}, sampling(0.0)), 0);
}

TEST(Sampler, DrawsFollowTheSoftmaxOverIndexesOfOneSeed) {
  for (const double temperature : {0.5, 1.0, 2.0}) {
    std::vector<int> draws(kLogits.size());
    for (int i = 0; i < kDraws; ++i)
      ++draws[static_cast<size_t>(sample(kLogits, sampling(temperature, 1.0, 42), i))];
    EXPECT_LT(chi_square(draws, softmax(kLogits, temperature, {0, 1, 2, 3, 4, 5, 6, 7})), kChiSquareLimit)
        << temperature;
  }
}

TEST(Sampler, DrawsFollowTheSoftmaxOverNeighbouringSeeds) {
  std::vector<int> draws(kLogits.size());
  for (int i = 0; i < kDraws; ++i) {
    ++draws[static_cast<size_t>(sample(kLogits, sampling(1.0, 1.0, static_cast<uint64_t>(i))))];
  }
  EXPECT_LT(chi_square(draws, softmax(kLogits, 1.0, {0, 1, 2, 3, 4, 5, 6, 7})), kChiSquareLimit);
}

TEST(Sampler, TopPCutsToTheSmallestSetThatHoldsIt) {
  // Probabilities at temperature 1: .383 (2), .232 (4), .141 (7), .085 (0), .085 (6), .052 (3), .019 (1),
  // .003 (5).
  const std::pair<double, std::vector<int>> cases[] = {{1e-9, {2}},         {0.38, {2}},
                                                       {0.5, {2, 4}},       {0.7, {2, 4, 7}},
                                                       {0.8, {2, 4, 7, 0}}, {0.95, {2, 4, 7, 0, 6, 3}}};
  for (const auto& [top_p, kept] : cases) {
    std::vector<int> draws(kLogits.size());
    for (int i = 0; i < kDraws; ++i)
      ++draws[static_cast<size_t>(sample(kLogits, sampling(1.0, top_p, 42), i))];
    EXPECT_LT(chi_square(draws, softmax(kLogits, 1.0, kept)), kChiSquareLimit) << "top_p " << top_p;
  }
}

TEST(Sampler, TopPKeepsTheLowerIdAmongEquals) {
  for (int i = 0; i < 1000; ++i) EXPECT_LT(sample({1.0f, 1.0f, 1.0f, 1.0f}, sampling(1.0, 0.5, 3), i), 2);
}

TEST(Sampler, ADrawIsAFunctionOfSeedAndIndex) {
  int different_seed = 0, different_index = 0;
  for (int i = 0; i < 1000; ++i) {
    const int32_t token = sample(kLogits, sampling(1.0, 0.99, 7), i);
    EXPECT_EQ(sample(kLogits, sampling(1.0, 0.99, 7), i), token);
    different_seed += sample(kLogits, sampling(1.0, 0.99, 8), i) != token;
    different_index += sample(kLogits, sampling(1.0, 0.99, 7), i + 1) != token;
  }
  EXPECT_GT(different_seed, 500);
  EXPECT_GT(different_index, 500);
}

TEST(Sampler, ExtremeTemperaturesAndLogitsStayInTheVocabulary) {
  const std::vector<float> extreme = {-3e38f, 3e38f, 0.0f, 3e38f};
  for (int i = 0; i < 100; ++i) {
    for (const double temperature : {std::numeric_limits<double>::denorm_min(), 1e-30, 1e-3}) {
      EXPECT_EQ(sample(kLogits, sampling(temperature), i), 2) << temperature;
    }
    for (const double top_p : {1e-300, 0.5, 1.0}) {
      for (const double temperature : {1e-3, 1.0, 1e300}) {
        const int32_t token = sample(extreme, sampling(temperature, top_p), i);
        EXPECT_TRUE(token >= 0 && token < 4);
      }
    }
  }
}

TEST(Sampler, LogitsThatAreNotFiniteAreRefused) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const double temperature : {0.0, 1.0}) {
      EXPECT_ERROR(sample({0.0f, bad, 1.0f}, sampling(temperature), 3),
                   "token 3 of a request cannot be chosen: its logits are not finite");
    }
  }
}

TEST(Sampler, ValuesOutOfRangeAreRefused) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const double temperature : {-0.1, kNan, std::numeric_limits<double>::infinity()}) {
    EXPECT_ERROR(validate(sampling(temperature)), "temperature must be finite and at least 0, got ");
  }
  for (const double top_p : {0.0, -1.0, 1.1, kNan}) {
    EXPECT_ERROR(validate(sampling(1.0, top_p)), "top_p must be in (0, 1], got ");
  }
  validate(sampling(0.0, 1.0));
  validate(sampling(1.5, 1e-3));
}

}  // namespace
}  // namespace dmt::sampler_test
