#include "kernels/flat.h"

#include "cuda/test_backend.h"

namespace dmt::cuda::flat_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Size {
  int64_t count;
  int64_t offset = 0;  // elements by which all data misses 16 bytes
};
// Fewer than a pack, packs alone, packs and a rest, and all element by element.
const Size kSizes[] = {{1}, {7}, {8}, {17}, {1000}, {1003}, {1003, 1}, {100'003}};

template <typename TOut, typename TIn>
struct Types {
  using Out = TOut;
  using In = TIn;
};
using AllPairs =
    testing::Types<Types<float, float>, Types<float, Bf16>, Types<Bf16, float>, Types<Bf16, Bf16>>;
struct PairNames {
  template <typename T>
  static std::string GetName(int i) {
    return kernels::ElementNames::GetName<typename T::Out>(i) + "From" +
           kernels::ElementNames::GetName<typename T::In>(i);
  }
};

template <typename T>
class CudaFlat : public testing::Test {};
TYPED_TEST_SUITE(CudaFlat, AllPairs, PairNames);

TYPED_TEST(CudaFlat, CastRoundsToNearest) {
  using TOut = typename TypeParam::Out;
  using TIn = typename TypeParam::In;
  for (const auto [count, offset] : kSizes) {
    auto in = random_normal<TIn>(count, 1);
    const float specials[] = {0.0f, -0.0f, kInfinity, -kInfinity, 3.4e38f, std::bit_cast<float>(0x3F808000u)};
    for (size_t i = 0; i < in.size() && i < std::size(specials); ++i) store(in[i], specials[i]);
    std::vector<TOut> expected(in.size());
    for (size_t i = 0; i < in.size(); ++i) store(expected[i], to_float(in[i]));
    const Array<TIn> x(in, offset);
    const Array<TOut> out(poisoned<TOut>(count), offset);
    const DmtCast op = {out.data(), x.data(), count, kDType<TOut>, kDType<TIn>};
    DMT_RUN(cast, op);
    EXPECT_TRUE(identical(out.values(), expected)) << count;
  }
}

TYPED_TEST(CudaFlat, AddPartsAddsThePartsInTheirOrderThenTheSum) {
  using TSum = typename TypeParam::Out;
  using TIn = typename TypeParam::In;
  constexpr int64_t kParts = 3;
  for (const auto [count, offset] : kSizes) {
    const auto in = random_normal<TIn>(kParts * count, 1);
    const auto before = random_normal<TSum>(count, 2);
    std::vector<TSum> expected = before;
    for (size_t i = 0; i < expected.size(); ++i) {
      float parts = 0.0f;
      for (size_t p = 0; p < kParts; ++p) parts += to_float(in[p * expected.size() + i]);
      store(expected[i], to_float(before[i]) + parts);
    }
    const Array<TIn> x(in, offset);
    const Array<TSum> sum(before, offset);
    const DmtAddParts op = {sum.data(), x.data(), kParts, count, kDType<TSum>, kDType<TIn>};
    DMT_RUN(add_parts, op);
    EXPECT_TRUE(identical(sum.values(), expected)) << count;
  }
}

template <typename T>
class CudaSums : public testing::Test {};
TYPED_TEST_SUITE(CudaSums, kernels::ElementTypes, kernels::ElementNames);

template <typename T>
void sum_of_squares(double& sum, const std::vector<T>& values, int64_t offset = 0) {
  const Array<T> x(values, offset);
  const std::vector<double> poisoned_sums(DMT_SUM_WORKSPACE, std::nan(""));
  const Array<double> out(std::vector<double>{std::nan("")}), workspace(poisoned_sums);
  const DmtSumOfSquares op = {out.data(), workspace.data(), x.data(), static_cast<int64_t>(values.size()),
                              kDType<T>};
  DMT_RUN(sum_of_squares, op);
  sum = out.values()[0];
}

TYPED_TEST(CudaSums, SumOfSquaresMatchesTheReferenceWithTheSameBitsEachTime) {
  for (const auto [count, offset] : kSizes) {
    const auto values = random_normal<TypeParam>(count, 1);
    double expected = 0.0, sum = 0.0, again = 0.0;
    for (const double value : doubles(values)) expected += value * value;
    sum_of_squares(sum, values, offset);
    EXPECT_NEAR(sum, expected, 1e-12 * expected) << count;  // squares of floats are exact in double
    sum_of_squares(again, values, offset);
    EXPECT_EQ(again, sum) << count;
  }
  double sum = 1.0;
  sum_of_squares(sum, std::vector<TypeParam>());
  EXPECT_EQ(sum, 0.0);
  sum_of_squares(sum, rounded<TypeParam>(std::vector<float>(5, 1e30f)));
  EXPECT_NEAR(sum, 5e60, 1e59);  // float32 would overflow
}

TEST(CudaSumOfSquares, KeepsWhatIsNotFinite) {
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    std::vector<float> values(1003, 1.0f);
    values[1001] = bad;
    double sum = 0.0;
    sum_of_squares(sum, values);
    EXPECT_FALSE(std::isfinite(sum)) << bad;
  }
}

}  // namespace
}  // namespace dmt::cuda::flat_test
