#include "kernels/rotary.h"

#include "cuda/test_backend.h"

namespace dmt::cuda::rotary_test {
namespace {

struct Shape {
  int32_t tokens, turned_heads, head_dim;
  int64_t row_stride;
  int64_t offset = 0;
};
// Heads that hold no whole pack, rows that are not whole packs, data off 16 bytes, more pairs than threads.
const Shape kShapes[] = {{1, 1, 2, 2},      {5, 3, 6, 19},     {7, 2, 16, 48}, {7, 2, 16, 49},
                         {7, 2, 16, 48, 1}, {3, 40, 64, 2720}, {3, 0, 16, 16}};

ModelConfig model_of(int32_t head_dim) {
  ModelConfig model;
  model.head_dim = head_dim;
  model.max_position_embeddings = 100;
  return model;
}

template <typename T>
class CudaRotary : public testing::Test {};
TYPED_TEST_SUITE(CudaRotary, kernels::ElementTypes, kernels::ElementNames);

TYPED_TEST(CudaRotary, TurnsAsTheCpuDoesBothWaysAndLeavesTheRest) {
  using T = TypeParam;
  for (const Shape& s : kShapes) {
    kernels::RotaryTable table(model_of(s.head_dim));
    table.reserve(100);
    const std::vector<float> cos(table.cos_PD(), table.cos_PD() + 50 * s.head_dim),
        sin(table.sin_PD(), table.sin_PD() + 50 * s.head_dim);
    const std::vector<int32_t> positions = random_integers(s.tokens, 2, 100);
    const auto before = random_normal<T>(s.tokens * s.row_stride, 1);
    for (const float sign : {1.0f, -1.0f}) {
      SCOPED_TRACE(testing::Message() << s.tokens << " tokens, " << s.turned_heads << " heads of "
                                      << s.head_dim << ", stride " << s.row_stride << ", sign " << sign);
      std::vector<T> expected = before;
      kernels::rotary(expected.data(), s.row_stride, s.turned_heads, s.head_dim, positions.data(), table,
                      s.tokens,
                      sign > 0 ? kernels::RotaryDirection::kForward : kernels::RotaryDirection::kBackward);
      const Array<T> qkv(before, s.offset);
      const Array<int32_t> at(positions);
      const Array<float> cosines(cos), sines(sin);
      const DmtRotary op = {qkv.data(),   at.data(),      cosines.data(), sines.data(), s.tokens,
                            s.row_stride, s.turned_heads, s.head_dim,     sign,         kDType<T>};
      DMT_RUN(rotary, op);
      // Products may be fused with sums or not: a rounding of terms of size 3.
      EXPECT_TRUE(close(doubles(qkv.values()), doubles(expected), {1e-6, 1e-6 + kNeighbours<T>}));
    }
  }
}

}  // namespace
}  // namespace dmt::cuda::rotary_test
