#include <algorithm>

#include "cuda/test_backend.h"

namespace dmt::cuda {
namespace {

template <typename T>
class CudaArgmax : public testing::Test {
 protected:
  /// @param offset elements by which the logits miss alignment
  static void argmax(const std::vector<T>& logits, int64_t rows, std::vector<int32_t>& tokens,
                     int64_t offset = 0) {
    const Array<T> input(logits, offset);
    const Array<int32_t> out(std::vector<int32_t>(static_cast<size_t>(rows), -7));
    const DmtArgmax op = {out.data(), input.data(), rows, static_cast<int64_t>(logits.size()) / rows,
                          kDType<T>};
    DMT_RUN(argmax, op);
    tokens = out.values();
  }
};
TYPED_TEST_SUITE(CudaArgmax, kernels::ElementTypes, kernels::ElementNames);

constexpr int64_t kVocabularies[] = {1, 2, 7, 32, 33, 1000, 5003, 8192};

// Values of few kinds, so that most rows hold their largest several times.
TYPED_TEST(CudaArgmax, IsTheFirstOfTheLargest) {
  for (const int64_t vocabulary : kVocabularies) {
    for (const int64_t offset : {0, 1}) {
      constexpr int64_t kRows = 5;
      std::vector<float> logits;
      for (const int32_t x : random_integers(kRows * vocabulary, 3, 20))
        logits.push_back(static_cast<float>(x) - 25.0f);
      std::vector<int32_t> expected, tokens;
      for (int64_t r = 0; r < kRows; ++r) {
        const auto row = logits.begin() + r * vocabulary;
        expected.push_back(static_cast<int32_t>(std::max_element(row, row + vocabulary) - row));
      }
      this->argmax(rounded<TypeParam>(logits), kRows, tokens, offset);
      EXPECT_EQ(tokens, expected) << "vocabulary " << vocabulary << ", offset " << offset;
    }
  }
}

TYPED_TEST(CudaArgmax, FindsTheLargestWhereverItIsAndEqualsInOrder) {
  constexpr int64_t kVocabulary = 1030;
  for (const int64_t at : {0, 1, 7, 8, 511, 512, 1023, 1029}) {
    auto logits = rounded<TypeParam>(std::vector<float>(kVocabulary, -INFINITY));
    std::vector<int32_t> tokens;
    this->argmax(logits, 1, tokens);
    EXPECT_EQ(tokens, std::vector<int32_t>{0});  // all are forbidden, and equal
    store(logits[static_cast<size_t>(at)], -1e30f);
    store(logits[kVocabulary - 1], -1e30f);
    this->argmax(logits, 1, tokens);
    EXPECT_EQ(tokens, std::vector<int32_t>{static_cast<int32_t>(at)});
  }
}

TYPED_TEST(CudaArgmax, ARowWithANaNIsToldApart) {
  constexpr int64_t kVocabulary = 700;
  for (const size_t at : {0u, 5u, 699u}) {
    auto logits = random_normal<TypeParam>(2 * kVocabulary, 1);
    store(logits[kVocabulary + 3], 100.0f);
    store(logits[at], std::numeric_limits<float>::quiet_NaN());
    store(logits[at == 5 ? 6 : 4], INFINITY);  // does not outdo it
    std::vector<int32_t> tokens;
    this->argmax(logits, 2, tokens);
    EXPECT_EQ(tokens, (std::vector<int32_t>{-1, 3}));
  }
}

}  // namespace
}  // namespace dmt::cuda
