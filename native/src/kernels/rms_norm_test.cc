#include "kernels/rms_norm.h"

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::rms_norm_test {
namespace {

constexpr float kRmsEpsilon = 1e-5f;

struct Shape {
  int64_t T, C;
};

// Sizes that are no multiple of a vector come first; 257 rows are more than two partial sums.
const Shape kShapes[] = {{1, 1}, {1, 2}, {2, 1}, {5, 123}, {3, 17}, {257, 33}, {130, 64}};

double rstd_reference(const double* x, int64_t C) {
  double sum = 0.0;
  for (int64_t c = 0; c < C; ++c) sum += x[c] * x[c];
  return 1.0 / std::sqrt(sum / static_cast<double>(C) + static_cast<double>(kRmsEpsilon));
}

std::vector<double> forward_reference(const std::vector<double>& x, const std::vector<double>& weight,
                                      Shape s) {
  std::vector<double> out(x.size());
  for (int64_t t = 0; t < s.T; ++t) {
    const double rstd = rstd_reference(x.data() + t * s.C, s.C);
    for (int64_t c = 0; c < s.C; ++c) {
      out[static_cast<size_t>(t * s.C + c)] =
          x[static_cast<size_t>(t * s.C + c)] * rstd * weight[static_cast<size_t>(c)];
    }
  }
  return out;
}

/// Adds the gradients to dx and dweight.
void backward_reference(std::vector<double>& dx, std::vector<double>& dweight,
                        const std::vector<double>& dout, const std::vector<double>& x,
                        const std::vector<double>& weight, Shape s) {
  for (int64_t t = 0; t < s.T; ++t) {
    const size_t row = static_cast<size_t>(t * s.C), C = static_cast<size_t>(s.C);
    const double rstd = rstd_reference(x.data() + row, s.C);
    double mean = 0.0;
    for (size_t c = 0; c < C; ++c) mean += dout[row + c] * weight[c] * x[row + c] / static_cast<double>(C);
    for (size_t c = 0; c < C; ++c) {
      dx[row + c] += rstd * dout[row + c] * weight[c] - rstd * rstd * rstd * mean * x[row + c];
      dweight[c] += dout[row + c] * x[row + c] * rstd;
    }
  }
}

template <typename TData>
struct Case {
  explicit Case(Shape s)
      : shape(s),
        x(random_normal<TData>(s.T * s.C, 1)),
        weight(random_normal<TData>(s.C, 2)),
        dout(random_normal<TData>(s.T * s.C, 3)),
        rstd(poisoned<float>(s.T)),
        out(poisoned<TData>(s.T * s.C)),
        dx(random_normal<TData>(s.T * s.C, 4)),  // the residual's gradient, which the norm's is added to
        dweight(random_normal<float>(s.C, 5)) {}
  void forward() {
    rms_norm_forward(out.data(), rstd.data(), x.data(), weight.data(), shape.T, shape.C, kRmsEpsilon);
  }
  void backward() {
    rms_norm_backward(dx.data(), dweight.data(), dout.data(), x.data(), rstd.data(), weight.data(), shape.T,
                      shape.C);
  }
  Shape shape;
  std::vector<TData> x, weight, dout;
  std::vector<float> rstd;
  std::vector<TData> out, dx;
  std::vector<float> dweight;
};

template <typename TData>
class RmsNorm : public testing::Test {};
TYPED_TEST_SUITE(RmsNorm, ElementTypes, ElementNames);

TYPED_TEST(RmsNorm, ForwardMatchesTheReference) {
  for (const Shape shape : kShapes) {
    SCOPED_TRACE(testing::Message() << "T = " << shape.T << ", C = " << shape.C);
    Case<TypeParam> c(shape);
    c.forward();
    // A float32 sum of up to 123 squares, then one rounding to the element type.
    EXPECT_TRUE(close(doubles(c.out), forward_reference(doubles(c.x), doubles(c.weight), shape),
                      {1e-7, 2e-6 + kEpsilon<TypeParam>}));
  }
}

TYPED_TEST(RmsNorm, BackwardAddsTheReference) {
  for (const Shape shape : kShapes) {
    SCOPED_TRACE(testing::Message() << "T = " << shape.T << ", C = " << shape.C);
    Case<TypeParam> c(shape);
    std::vector<double> dx = doubles(c.dx), dweight = doubles(c.dweight);
    backward_reference(dx, dweight, doubles(c.dout), doubles(c.x), doubles(c.weight), shape);
    c.forward();
    c.backward();
    // Terms of size 1 to 10 in float32 may cancel; then one rounding to the element type.
    EXPECT_TRUE(close(doubles(c.dx), dx, {1e-5, 1e-5 + kEpsilon<TypeParam>}));
    EXPECT_TRUE(close(c.dweight, dweight, {1e-4, 1e-5}));  // 257 float32 terms of size 1
  }
}

TYPED_TEST(RmsNorm, ARowOfZerosGivesZerosAndAFiniteGradient) {
  Case<TypeParam> c({2, 19});
  c.x = rounded<TypeParam>(std::vector<float>(c.x.size(), 0.0f));
  c.forward();
  EXPECT_TRUE(close(doubles(c.out), std::vector<double>(c.out.size(), 0.0), {0, 0}));
  EXPECT_TRUE(close(c.rstd, std::vector<double>(2, 1.0 / std::sqrt(1e-5)), {0, 1e-6}));
  c.backward();
  for (const double gradient : doubles(c.dx)) EXPECT_TRUE(std::isfinite(gradient));
}

TYPED_TEST(RmsNorm, TheBitsDoNotDependOnTheNumberOfThreads) {
  const auto run = [](int threads) {
    const ThreadCountScope scope(threads);
    Case<TypeParam> c({517, 129});
    c.forward();
    c.backward();
    return c;
  };
  const auto one = run(1), three = run(3);
  EXPECT_TRUE(identical(three.out, one.out));
  EXPECT_TRUE(identical(three.dx, one.dx));
  EXPECT_TRUE(identical(three.dweight, one.dweight));
}

TEST(RmsNormGradient, IsTheDerivativeOfTheForwardPass) {
  Case<float> c({2, 7});
  c.dx.assign(c.dx.size(), 0.0f);
  c.dweight.assign(c.dweight.size(), 0.0f);
  c.forward();
  c.backward();
  const std::vector<double> x = doubles(c.x), weight = doubles(c.weight), dout = doubles(c.dout);
  for (size_t i = 0; i < x.size(); ++i) {
    const auto f = [&](const std::vector<double>& at) {
      return dot(dout, forward_reference(at, weight, c.shape));
    };
    EXPECT_NEAR(c.dx[i], numeric_derivative(f, x, i), 1e-5) << "dx[" << i << "]";
  }
  for (size_t i = 0; i < weight.size(); ++i) {
    const auto f = [&](const std::vector<double>& at) {
      return dot(dout, forward_reference(x, at, c.shape));
    };
    EXPECT_NEAR(c.dweight[i], numeric_derivative(f, weight, i), 1e-5) << "dweight[" << i << "]";
  }
}

}  // namespace
}  // namespace dmt::kernels::rms_norm_test
