#include "kernels/dropout.h"

#include "cuda/test_backend.h"

namespace dmt::cuda::dropout_test {
namespace {

template <typename T>
class CudaDropout : public testing::Test {};
TYPED_TEST_SUITE(CudaDropout, kernels::ElementTypes, kernels::ElementNames);

TYPED_TEST(CudaDropout, GivesTheBitsOfTheCpu) {
  using T = TypeParam;
  struct Shape {
    int64_t rows, columns;
  };
  for (const auto [rows, columns] : {Shape{1, 1}, Shape{5, 123}, Shape{3, 1030}, Shape{0, 8}, Shape{2, 0}}) {
    SCOPED_TRACE(testing::Message() << rows << " x " << columns);
    const auto before = random_normal<T>(rows * columns, 1);
    std::vector<int32_t> token_keys;
    for (int64_t row = 0; row < rows; ++row) token_keys.push_back(static_cast<int32_t>(row * 77 - 100));
    auto expected = poisoned<T>(rows * columns);
    kernels::dropout(expected.data(), before.data(), token_keys.data(), 42, 0.3, rows, columns);

    const Array<T> x(before), out(poisoned<T>(rows * columns));
    const Array<int32_t> keys(token_keys);
    const DmtDropout op = {out.data(),
                           x.data(),
                           keys.data(),
                           42,
                           rows,
                           columns,
                           kernels::dropout_threshold(0.3),
                           static_cast<float>(1.0 / (1.0 - 0.3)),
                           kDType<T>};
    DMT_RUN(dropout, op);
    EXPECT_TRUE(identical(out.values(), expected));
    EXPECT_TRUE(identical(x.values(), before));
  }
}

}  // namespace
}  // namespace dmt::cuda::dropout_test
