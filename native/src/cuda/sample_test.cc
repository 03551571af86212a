// Tokens are those of the CPU's sampler, whatever the number of threads.
#include <array>
#include <limits>

#include "cuda/test_backend.h"
#include "generate/sampler.h"

namespace dmt::cuda::sample_test {
namespace {

template <typename T>
class CudaSample : public testing::Test {
 protected:
  /// @param row_stride elements from row to row; those behind the vocabulary are NaN
  static void sample(const std::vector<T>& logits, int64_t vocabulary, int64_t row_stride,
                     const std::vector<DmtChoice>& choices, std::vector<int32_t>& tokens) {
    const auto rows = static_cast<int64_t>(choices.size());
    std::vector<T> strided(static_cast<size_t>(rows * row_stride));
    for (T& x : strided) store(x, std::numeric_limits<float>::quiet_NaN());
    for (int64_t r = 0; r < rows; ++r)
      std::copy_n(logits.begin() + r * vocabulary, vocabulary, strided.begin() + r * row_stride);
    const Array<T> input(strided);
    const Array<DmtChoice> chosen(choices);
    const Array<int32_t> out(std::vector<int32_t>(choices.size(), -7));
    const Array<uint64_t> workspace(std::vector<uint64_t>(static_cast<size_t>(rows * vocabulary)));
    const DmtSample op = {.tokens = out.data(),
                          .logits = input.data(),
                          .choices = chosen.data(),
                          .workspace = workspace.data(),
                          .rows = rows,
                          .vocabulary = vocabulary,
                          .row_stride = row_stride,
                          .dtype = kDType<T>};
    DMT_RUN(sample, op);
    tokens = out.values();
  }
};
TYPED_TEST_SUITE(CudaSample, kernels::ElementTypes, kernels::ElementNames);

DmtChoice choice_of(const SamplingConfig& sampling, int64_t index) {
  return {.temperature = sampling.temperature,
          .top_p = sampling.top_p,
          .random = sampling_bits(sampling.seed, index),
          .open = 1};
}

/// Temperatures and nuclei in turn.
SamplingConfig sampling_of(int64_t i) {
  constexpr std::array<double, 5> kTemperatures = {1.0, 0.0, 0.7, 2.0, 1e-3};
  constexpr std::array<double, 4> kTopP = {0.9, 1.0, 0.5, 1e-6};
  return {.temperature = kTemperatures[static_cast<size_t>(i % 5)],
          .top_p = kTopP[static_cast<size_t>(i / 5 % 4)],
          .seed = static_cast<uint64_t>(i)};
}

// bfloat16 has few values, so that many tokens are as likely as others.
TYPED_TEST(CudaSample, TokensAreThoseOfTheCpu) {
  constexpr int64_t kRows = 40;
  for (const int64_t vocabulary : {1, 2, 7, 97, 511, 512, 513, 5003}) {
    const auto logits = random_normal<TypeParam>(kRows * vocabulary, static_cast<uint64_t>(vocabulary));
    std::vector<DmtChoice> choices;
    std::vector<int32_t> expected, tokens;
    for (int64_t r = 0; r < kRows; ++r) {
      std::vector<float> row;
      for (int64_t v = 0; v < vocabulary; ++v)
        row.push_back(to_float(logits[static_cast<size_t>(r * vocabulary + v)]));
      choices.push_back(choice_of(sampling_of(r), 3 * r));
      expected.push_back(sample_token(row.data(), vocabulary, sampling_of(r), 3 * r));
    }
    this->sample(logits, vocabulary, vocabulary + 3, choices, tokens);
    EXPECT_EQ(tokens, expected) << "vocabulary " << vocabulary;
  }
}

TYPED_TEST(CudaSample, GreedyTakesTheLargestWhereverItIsAndTheFirstOfEquals) {
  constexpr int64_t kVocabulary = 1030;
  const DmtChoice greedy = choice_of({.temperature = 0.0}, 0);
  for (const int64_t at : {0, 1, 7, 8, 511, 512, 1023, 1029}) {
    auto logits =
        rounded<TypeParam>(std::vector<float>(2 * kVocabulary, -1e30f));  // the second row's are equal
    store(logits[static_cast<size_t>(at)], -1e29f);
    store(logits[kVocabulary - 1], -1e29f);
    std::vector<int32_t> tokens;
    this->sample(logits, kVocabulary, kVocabulary, {greedy, greedy}, tokens);
    EXPECT_EQ(tokens, (std::vector<int32_t>{static_cast<int32_t>(at), 0}));
  }
}

TYPED_TEST(CudaSample, RowsWithoutARequestAndRowsThatAreNotFiniteHaveNoToken) {
  constexpr int64_t kVocabulary = 700;
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (const double temperature : {0.0, 1.0}) {
      auto logits = random_normal<TypeParam>(3 * kVocabulary, 1);
      store(logits[5], bad);                // of the first row
      store(logits[kVocabulary + 5], bad);  // of the second, which nobody asks for
      store(logits[2 * kVocabulary + 3], 1000.0f);
      const DmtChoice open = choice_of({.temperature = temperature}, 0);
      std::vector<int32_t> tokens;
      this->sample(logits, kVocabulary, kVocabulary, {open, DmtChoice{}, open}, tokens);
      EXPECT_EQ(tokens, (std::vector<int32_t>{-1, -1, 3}));
    }
  }
}

}  // namespace
}  // namespace dmt::cuda::sample_test
