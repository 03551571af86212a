#include "kernels/swiglu.h"

#include "cuda/test_backend.h"

namespace dmt::cuda::swiglu_test {
namespace {

struct Shape {
  int64_t rows, columns;
  int64_t offset = 0;
};
const Shape kShapes[] = {{1, 1}, {1, 3}, {5, 123}, {3, 17}, {6, 64}, {6, 64, 1}, {2, 4104}, {3, 0}, {0, 8}};

template <typename T>
class CudaSwiglu : public testing::Test {};
TYPED_TEST_SUITE(CudaSwiglu, kernels::ElementTypes, kernels::ElementNames);

TYPED_TEST(CudaSwiglu, BothPassesMatchTheCpu) {
  using T = TypeParam;
  for (const auto [rows, columns, offset] : kShapes) {
    SCOPED_TRACE(testing::Message() << rows << " x " << columns << ", offset " << offset);
    const auto gate_up_before = random_normal<T>(rows * 2 * columns, 1, 3.0f);
    const auto dout_before = random_normal<T>(rows * columns, 2);
    auto expected_out = poisoned<T>(rows * columns);
    auto expected_gradient = gate_up_before;
    kernels::swiglu_forward(expected_out.data(), gate_up_before.data(), rows, columns);
    kernels::swiglu_backward(expected_gradient.data(), dout_before.data(), rows, columns);

    const Array<T> gate_up(gate_up_before, offset), out(poisoned<T>(rows * columns), offset),
        dout(dout_before, offset);
    const DmtSwiglu forward = {out.data(), gate_up.data(), rows, columns, kDType<T>};
    DMT_RUN(swiglu_forward, forward);
    // The exponential of either side is good to some 1e-6.
    EXPECT_TRUE(close(doubles(out.values()), doubles(expected_out), {1e-8, 4e-6 + kNeighbours<T>}));
    EXPECT_TRUE(identical(gate_up.values(), gate_up_before));
    const DmtSwiglu backward = {dout.data(), gate_up.data(), rows, columns, kDType<T>};
    DMT_RUN(swiglu_backward, backward);
    // 1 + gate (1 - s) cancels near gate = -1.28.
    EXPECT_TRUE(close(doubles(gate_up.values()), doubles(expected_gradient), {2e-5, 4e-6 + kNeighbours<T>}));
    EXPECT_TRUE(identical(dout.values(), dout_before));
  }
}

TYPED_TEST(CudaSwiglu, ExtremeGatesStayFinite) {
  using T = TypeParam;
  const std::vector<float> gates = {-1e30f, -1000.0f, -100.0f, -88.0f, 0.0f, 88.0f, 100.0f, 1000.0f, 1e30f};
  const auto columns = static_cast<int64_t>(gates.size());
  std::vector<float> values = gates;
  values.insert(values.end(), gates.size(), 1.0f);
  const Array<T> gate_up(rounded<T>(values)), out(poisoned<T>(columns)),
      dout(rounded<T>(std::vector<float>(gates.size(), 1.0f)));
  const DmtSwiglu forward = {out.data(), gate_up.data(), 1, columns, kDType<T>};
  DMT_RUN(swiglu_forward, forward);
  const std::vector<double> outs = doubles(out.values());
  for (size_t i = 0; i < gates.size(); ++i) {
    EXPECT_NEAR(outs[i], std::max(0.0f, gates[i]), 1e-7 + std::fabs(gates[i]) * kEpsilon<T>) << gates[i];
  }
  const DmtSwiglu backward = {dout.data(), gate_up.data(), 1, columns, kDType<T>};
  DMT_RUN(swiglu_backward, backward);
  for (const double gradient : doubles(gate_up.values())) EXPECT_TRUE(std::isfinite(gradient));
}

}  // namespace
}  // namespace dmt::cuda::swiglu_test
