// The CPU's kernels are the reference; they are tested against plain loops in double themselves.
#include "kernels/rms_norm.h"

#include "cuda/test_backend.h"

namespace dmt::cuda::rms_norm_test {
namespace {

constexpr float kRmsEpsilon = 1e-5f;
// Relative: two float32 sums of a row's squares in different orders. Where the compiler makes no vector code
// of the CPU's, as in sanitizer builds, it adds one after the other, and rows of 4500 differ by 3e-6.
constexpr double kSums = 1e-5;

struct Shape {
  int64_t rows, columns;
  int64_t offset = 0;  // elements by which all data misses 16 bytes
};
// Odd sizes and 1 first; rows of whole packs, also where they cannot be read as such; rows longer than what a
// block keeps (4 packs of up to 8 elements in each of 256 threads); more rows than strips.
const Shape kShapes[] = {{1, 1},     {1, 2},   {2, 1},    {5, 123},  {3, 17},  {7, 64},
                         {7, 64, 1}, {3, 288}, {2, 9008}, {2, 4500}, {1030, 8}};

std::ostream& operator<<(std::ostream& out, const Shape& s) {
  return out << s.rows << " x " << s.columns << ", offset " << s.offset;
}

template <typename T>
struct Inputs {
  explicit Inputs(Shape s)
      : x(random_normal<T>(s.rows * s.columns, 1)),
        delta(random_normal<T>(s.rows * s.columns, 6)),
        weight(random_normal<T>(s.columns, 2)),
        dout(random_normal<T>(s.rows * s.columns, 3)),
        dx(random_normal<T>(s.rows * s.columns, 4)),
        rstd(static_cast<size_t>(s.rows)) {
    std::vector<T> out(x.size());
    kernels::rms_norm_forward(out.data(), rstd.data(), x.data(), weight.data(), s.rows, s.columns,
                              kRmsEpsilon);
  }
  std::vector<T> x, delta, weight, dout, dx;
  std::vector<float> rstd;
};

template <typename T>
class CudaRmsNorm : public testing::Test {};
TYPED_TEST_SUITE(CudaRmsNorm, kernels::ElementTypes, kernels::ElementNames);

TYPED_TEST(CudaRmsNorm, ForwardMatchesTheCpu) {
  using T = TypeParam;
  for (const Shape s : kShapes) {
    SCOPED_TRACE(testing::Message() << s);
    const Inputs<T> in(s);
    std::vector<T> expected(in.x.size());
    std::vector<float> expected_rstd(in.rstd.size());
    kernels::rms_norm_forward(expected.data(), expected_rstd.data(), in.x.data(), in.weight.data(), s.rows,
                              s.columns, kRmsEpsilon);
    const Array<T> x(in.x, s.offset), weight(in.weight, s.offset),
        out(poisoned<T>(s.rows * s.columns), s.offset);
    const Array<float> rstd(poisoned<float>(s.rows));
    const DmtRmsNormForward op = {out.data(),    rstd.data(), nullptr,   x.data(),    nullptr,
                                  weight.data(), s.rows,      s.columns, kRmsEpsilon, kDType<T>};
    DMT_RUN(rms_norm_forward, op);
    EXPECT_TRUE(close(rstd.values(), expected_rstd, {0, kSums}));
    EXPECT_TRUE(close(doubles(out.values()), doubles(expected), {1e-7, kSums + kNeighbours<T>}));
  }
}

TYPED_TEST(CudaRmsNorm, ForwardAddsTheResidualAndNormalisesWhatItStored) {
  using T = TypeParam;
  for (const Shape s : kShapes) {
    SCOPED_TRACE(testing::Message() << s);
    const Inputs<T> in(s);
    std::vector<T> sum(in.x.size()), expected(in.x.size());
    for (size_t i = 0; i < sum.size(); ++i) store(sum[i], to_float(in.x[i]) + to_float(in.delta[i]));
    std::vector<float> expected_rstd(in.rstd.size());
    kernels::rms_norm_forward(expected.data(), expected_rstd.data(), sum.data(), in.weight.data(), s.rows,
                              s.columns, kRmsEpsilon);
    const Array<T> x(in.x, s.offset), delta(in.delta, s.offset), weight(in.weight, s.offset),
        out(poisoned<T>(s.rows * s.columns), s.offset), apart(poisoned<T>(s.rows * s.columns), s.offset);
    const Array<float> rstd(poisoned<float>(s.rows));
    DmtRmsNormForward op = {out.data(),    rstd.data(), apart.data(), x.data(),    delta.data(),
                            weight.data(), s.rows,      s.columns,    kRmsEpsilon, kDType<T>};
    DMT_RUN(rms_norm_forward, op);
    EXPECT_TRUE(identical(apart.values(), sum));
    EXPECT_TRUE(close(doubles(out.values()), doubles(expected), {1e-7, kSums + kNeighbours<T>}));
    const std::vector<T> first = out.values();
    op.sum = x.data();  // in place
    DMT_RUN(rms_norm_forward, op);
    EXPECT_TRUE(identical(x.values(), sum));
    EXPECT_TRUE(identical(out.values(), first));
  }
}

template <typename T, typename TGradient>
void expect_backward(Shape s) {
  SCOPED_TRACE(testing::Message() << s);
  const Inputs<T> in(s);
  std::vector<T> expected_dx = in.dx;
  const auto dweight_before = random_normal<TGradient>(s.columns, 5);
  std::vector<float> expected_dweight;
  for (const TGradient value : dweight_before) expected_dweight.push_back(to_float(value));
  kernels::rms_norm_backward(expected_dx.data(), expected_dweight.data(), in.dout.data(), in.x.data(),
                             in.rstd.data(), in.weight.data(), s.rows, s.columns);
  std::vector<TGradient> first_dweight;
  for (int time = 0; time < 2; ++time) {
    const Array<T> dx(in.dx, s.offset), dout(in.dout, s.offset), x(in.x, s.offset),
        weight(in.weight, s.offset);
    const Array<TGradient> dweight(dweight_before, s.offset);
    const Array<float> rstd(in.rstd);
    const Array<float> workspace(poisoned<float>(std::min<int64_t>(s.rows, 512) * s.columns));
    const DmtRmsNormBackward op = {dx.data(),   dweight.data(), dout.data(),      x.data(),
                                   rstd.data(), weight.data(),  workspace.data(), s.rows,
                                   s.columns,   kDType<T>,      kDType<TGradient>};
    DMT_RUN(rms_norm_backward, op);
    // Terms of size 1 to 10 in float32 may cancel; then one rounding to the element type.
    EXPECT_TRUE(close(doubles(dx.values()), doubles(expected_dx), {2e-5, 1e-5 + kNeighbours<T>}));
    // Up to 1030 float32 terms of size 1.
    EXPECT_TRUE(close(doubles(dweight.values()), expected_dweight, {2e-4, 1e-5 + kNeighbours<TGradient>}));
    if (time == 0) first_dweight = dweight.values();
    EXPECT_TRUE(identical(dweight.values(), first_dweight));
  }
}

TYPED_TEST(CudaRmsNorm, BackwardAddsWhatTheCpuAddsWithTheSameBitsEachTime) {
  for (const Shape s : kShapes) {
    expect_backward<TypeParam, float>(s);
    expect_backward<TypeParam, Bf16>(s);
  }
}

}  // namespace
}  // namespace dmt::cuda::rms_norm_test
