#include "kernels/swiglu.h"

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::swiglu_test {
namespace {

double silu_reference(double gate) {
  return gate / (1.0 + std::exp(-gate));
}

/// gate and up are the halves of each row of gate_up.
std::vector<double> forward_reference(const std::vector<double>& gate_up, size_t T, size_t F) {
  std::vector<double> out(T * F);
  for (size_t t = 0; t < T; ++t) {
    for (size_t f = 0; f < F; ++f) {
      out[t * F + f] = silu_reference(gate_up[2 * t * F + f]) * gate_up[2 * t * F + F + f];
    }
  }
  return out;
}

std::vector<double> backward_reference(const std::vector<double>& gate_up, const std::vector<double>& dout,
                                       size_t T, size_t F) {
  std::vector<double> gradient(gate_up.size());
  for (size_t t = 0; t < T; ++t) {
    for (size_t f = 0; f < F; ++f) {
      const double gate = gate_up[2 * t * F + f], up = gate_up[2 * t * F + F + f], d = dout[t * F + f];
      const double s = 1.0 / (1.0 + std::exp(-gate));
      gradient[2 * t * F + f] = d * up * s * (1.0 + gate * (1.0 - s));
      gradient[2 * t * F + F + f] = d * gate * s;
    }
  }
  return gradient;
}

template <typename TData>
class Swiglu : public testing::Test {
 protected:
  static std::vector<TData> forward(const std::vector<TData>& gate_up, int64_t T, int64_t F) {
    std::vector<TData> out = poisoned<TData>(T * F);
    swiglu_forward(out.data(), gate_up.data(), T, F);
    return out;
  }
};
TYPED_TEST_SUITE(Swiglu, ElementTypes, ElementNames);

struct Shape {
  int64_t T, F;
};
const Shape kShapes[] = {{1, 1}, {1, 3}, {5, 123}, {3, 17}, {67, 64}};

TYPED_TEST(Swiglu, ForwardMatchesTheReference) {
  for (const auto [T, F] : kShapes) {
    SCOPED_TRACE(testing::Message() << "T = " << T << ", F = " << F);
    const auto gate_up = random_normal<TypeParam>(T * 2 * F, 1, 3.0f);
    // Some four float32 roundings, then one to the element type.
    EXPECT_TRUE(close(doubles(this->forward(gate_up, T, F)),
                      forward_reference(doubles(gate_up), static_cast<size_t>(T), static_cast<size_t>(F)),
                      {1e-9, 1e-6 + kEpsilon<TypeParam>}));
  }
}

TYPED_TEST(Swiglu, BackwardMatchesTheReference) {
  for (const auto [T, F] : kShapes) {
    SCOPED_TRACE(testing::Message() << "T = " << T << ", F = " << F);
    auto gate_up = random_normal<TypeParam>(T * 2 * F, 1, 3.0f);
    const auto dout = random_normal<TypeParam>(T * F, 2);
    const auto expected =
        backward_reference(doubles(gate_up), doubles(dout), static_cast<size_t>(T), static_cast<size_t>(F));
    swiglu_backward(gate_up.data(), dout.data(), T, F);
    // 1 + gate (1 - s) cancels near gate = -1.28, which leaves float32 roundings of terms of size 10.
    EXPECT_TRUE(close(doubles(gate_up), expected, {5e-6, 1e-6 + kEpsilon<TypeParam>}));
  }
}

TYPED_TEST(Swiglu, ExtremeGatesStayFinite) {
  const std::vector<float> gates = {-1e30f, -1000.0f, -100.0f, -88.0f, 0.0f, 88.0f, 100.0f, 1000.0f, 1e30f};
  std::vector<float> values = gates;
  values.insert(values.end(), gates.size(), 1.0f);
  const auto F = static_cast<int64_t>(gates.size());
  auto gate_up = rounded<TypeParam>(values);
  const std::vector<double> out = doubles(this->forward(gate_up, 1, F));
  for (size_t i = 0; i < gates.size(); ++i) {
    // e^88 stands for all that is larger: a gate of -1e30 leaves 1e30 / e^88.
    EXPECT_NEAR(out[i], std::max(0.0f, gates[i]), 1e-7 + std::fabs(gates[i]) * kEpsilon<TypeParam>)
        << gates[i];
  }
  const auto dout = rounded<TypeParam>(std::vector<float>(gates.size(), 1.0f));
  swiglu_backward(gate_up.data(), dout.data(), 1, F);
  for (const double gradient : doubles(gate_up)) EXPECT_TRUE(std::isfinite(gradient));
}

TYPED_TEST(Swiglu, TheBitsDoNotDependOnTheNumberOfThreads) {
  constexpr int64_t T = 301, F = 173;
  const auto run = [&](int threads) {
    const ThreadCountScope scope(threads);
    auto gate_up = random_normal<TypeParam>(T * 2 * F, 1);
    auto out = this->forward(gate_up, T, F);
    swiglu_backward(gate_up.data(), out.data(), T, F);
    out.insert(out.end(), gate_up.begin(), gate_up.end());
    return out;
  };
  EXPECT_TRUE(identical(run(3), run(1)));
}

TEST(SwigluGradient, IsTheDerivativeOfTheForwardPass) {
  auto gate_up = random_normal<float>(2 * 2 * 5, 1);
  const std::vector<double> x = doubles(gate_up), dout = doubles(random_normal<float>(2 * 5, 2));
  const auto dout_float = random_normal<float>(2 * 5, 2);
  swiglu_backward(gate_up.data(), dout_float.data(), 2, 5);
  const auto f = [&](const std::vector<double>& at) { return dot(dout, forward_reference(at, 2, 5)); };
  for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(gate_up[i], numeric_derivative(f, x, i), 1e-5) << i;
}

}  // namespace
}  // namespace dmt::kernels::swiglu_test
