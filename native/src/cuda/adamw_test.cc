#include <algorithm>
#include <ranges>

#include "cuda/test_backend.h"
#include "kernels/adamw_bf16.h"
#include "kernels/flat.h"
#include "kernels/stochastic_rounding.h"

namespace dmt::cuda::adamw_test {
namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.95, kRate = 1e-2, kDecay = 0.1, kScale = 0.5, kAdamEpsilon = 1e-8;

struct Size {
  int64_t count;
  int64_t offset = 0;  // elements by which all data misses 16 bytes
};
const Size kSizes[] = {{1}, {8}, {17}, {1003}, {1003, 1}, {20'001}};

/// Constants of step 3, and how weights are kept.
DmtAdamW constants(int32_t master_kind) {
  DmtAdamW op = {};
  op.random_key = kernels::random_key(7, 1, 3);
  op.learning_rate = static_cast<float>(kRate);
  op.beta1 = static_cast<float>(kBeta1);
  op.beta2 = static_cast<float>(kBeta2);
  op.epsilon = static_cast<float>(kAdamEpsilon);
  op.weight_decay = static_cast<float>(kDecay);
  op.one_minus_beta1 = static_cast<float>(1.0 - kBeta1);
  op.one_minus_beta2 = static_cast<float>(1.0 - kBeta2);
  op.bias_correction1 = static_cast<float>(1.0 - std::pow(kBeta1, 3));
  op.bias_correction2 = static_cast<float>(1.0 - std::pow(kBeta2, 3));
  op.gradient_scale = static_cast<float>(kScale);
  op.master_kind = master_kind;
  return op;
}

template <typename T>
std::vector<T> positive(std::vector<T> values) {
  for (T& value : values) store(value, std::fabs(to_float(value)));
  return values;
}

/// What a step starts from, in the types in which it is kept.
template <typename TMoment, typename TGradient>
struct State {
  explicit State(int64_t count)
      : exact(random_normal<float>(count, 1)),
        weights(exact.size()),
        remainder(exact.size()),
        m(random_normal<TMoment>(count, 2, 0.1f)),
        v(positive(random_normal<TMoment>(count, 3, 0.1f))),
        gradient(random_normal<TGradient>(count, 4)) {
    for (size_t i = 0; i < exact.size(); ++i) kernels::split(exact[i], weights[i], remainder[i]);
  }
  /// The step in double, from `from`. Sets m, v and w.
  void expected(const std::vector<double>& from, std::vector<double>& new_w, std::vector<double>& new_m,
                std::vector<double>& new_v) const {
    for (size_t i = 0; i < from.size(); ++i) {
      const double g = static_cast<double>(to_float(gradient[i])) * kScale;
      new_m.push_back(kBeta1 * static_cast<double>(to_float(m[i])) + (1 - kBeta1) * g);
      new_v.push_back(kBeta2 * static_cast<double>(to_float(v[i])) + (1 - kBeta2) * g * g);
      new_w.push_back(from[i] * (1 - kRate * kDecay) -
                      kRate * new_m[i] / (1 - std::pow(kBeta1, 3)) /
                          (std::sqrt(new_v[i] / (1 - std::pow(kBeta2, 3))) + kAdamEpsilon));
    }
  }

  std::vector<float> exact;
  std::vector<Bf16> weights;
  std::vector<uint16_t> remainder;
  std::vector<TMoment> m, v;
  std::vector<TGradient> gradient;
};

template <typename TMoment, typename TGradient>
struct Arrays {
  Arrays(const State<TMoment, TGradient>& s, int64_t offset)
      : master(s.exact, offset),
        weights(s.weights, offset),
        remainder(s.remainder, offset),
        m(s.m, offset),
        v(s.v, offset),
        gradient(s.gradient, offset) {}
  /// Elements from `begin` on.
  void fill(DmtAdamW& op, int64_t begin, int64_t count) const {
    op.master = master.data() + begin;
    op.weights = weights.data() + begin;
    op.remainder = remainder.data() + begin;
    op.first_moment = m.data() + begin;
    op.second_moment = v.data() + begin;
    op.gradient = gradient.data() + begin;
    op.count = count;
    op.first_index = begin;
    op.moment_dtype = kDType<TMoment>;
    op.gradient_dtype = kDType<TGradient>;
  }
  Array<float> master;
  Array<Bf16> weights;
  Array<uint16_t> remainder;
  Array<TMoment> m, v;
  Array<TGradient> gradient;
};

/// Stochastic rounding goes to either neighbour: less than one unit away, 1/128 of the value at most.
template <typename T>
constexpr Tolerance kStored = std::is_same_v<T, float> ? Tolerance{1e-6, 2e-6} : Tolerance{1e-6, 0x1p-7};

template <typename TMoment, typename TGradient>
struct Kept {
  using Moment = TMoment;
  using Gradient = TGradient;
};
using AllKept = testing::Types<Kept<float, float>, Kept<float, Bf16>, Kept<Bf16, float>, Kept<Bf16, Bf16>>;
struct KeptNames {
  template <typename T>
  static std::string GetName(int i) {
    return "Moments" + kernels::ElementNames::GetName<typename T::Moment>(i) + "Gradients" +
           kernels::ElementNames::GetName<typename T::Gradient>(i);
  }
};

template <typename T>
class CudaAdamW : public testing::Test {};
TYPED_TEST_SUITE(CudaAdamW, AllKept, KeptNames);

TYPED_TEST(CudaAdamW, StepsAsTheReferenceForEveryKindOfMaster) {
  using M = typename TypeParam::Moment;
  using G = typename TypeParam::Gradient;
  for (const auto [count, offset] : kSizes) {
    const State<M, G> state(count);
    for (const int32_t kind : {DMT_MASTER_FLOAT32, DMT_MASTER_SPLIT, DMT_MASTER_STOCHASTIC}) {
      SCOPED_TRACE(testing::Message() << count << " elements, offset " << offset << ", master kind " << kind);
      const bool rounded_start = kind == DMT_MASTER_STOCHASTIC;
      std::vector<double> w, m, v;
      state.expected(rounded_start ? doubles(state.weights) : doubles(state.exact), w, m, v);
      const Arrays<M, G> arrays(state, offset);
      DmtAdamW op = constants(kind);
      arrays.fill(op, 0, count);
      DMT_RUN(adamw, op);
      EXPECT_TRUE(close(doubles(arrays.m.values()), m, kStored<M>));
      EXPECT_TRUE(close(doubles(arrays.v.values()), v, kStored<M>));
      EXPECT_TRUE(identical(arrays.gradient.values(), state.gradient));
      const std::vector<Bf16> weights = arrays.weights.values();
      EXPECT_TRUE(close(doubles(weights), w, {1e-6, 0x1p-7}));
      if (kind == DMT_MASTER_FLOAT32) {
        const std::vector<float> master = arrays.master.values();
        EXPECT_TRUE(close(master, w, {1e-6, 1e-6}));
        EXPECT_TRUE(identical(weights, rounded<Bf16>(master)));
      } else {
        EXPECT_TRUE(identical(arrays.master.values(), state.exact));  // not touched
      }
      if (kind == DMT_MASTER_SPLIT) {
        const std::vector<uint16_t> low = arrays.remainder.values();
        std::vector<float> joined;
        for (size_t i = 0; i < low.size(); ++i) joined.push_back(kernels::joined(weights[i], low[i]));
        EXPECT_TRUE(close(joined, w, {1e-6, 1e-6}));
      }
    }
  }
}

TYPED_TEST(CudaAdamW, HasTheSameBitsHoweverTheShardIsCut) {
  using M = typename TypeParam::Moment;
  using G = typename TypeParam::Gradient;
  constexpr int64_t kCount = 1003, kCut = 407;  // off 16 bytes: element by element
  const State<M, G> state(kCount);
  const Arrays<M, G> whole(state, 0), parts(state, 0);
  DmtAdamW op = constants(DMT_MASTER_STOCHASTIC);
  whole.fill(op, 0, kCount);
  DMT_RUN(adamw, op);
  parts.fill(op, 0, kCut);
  DMT_RUN(adamw, op);
  parts.fill(op, kCut, kCount - kCut);
  DMT_RUN(adamw, op);
  EXPECT_TRUE(identical(parts.weights.values(), whole.weights.values()));
  EXPECT_TRUE(identical(parts.m.values(), whole.m.values()));
  EXPECT_TRUE(identical(parts.v.values(), whole.v.values()));
}

TEST(CudaAdamWScale, ThatIsNotFiniteStopsTheStep) {
  const State<float, float> state(100);
  const Arrays<float, float> arrays(state, 0), untouched(state, 0);
  DmtAdamW op = constants(DMT_MASTER_FLOAT32);
  arrays.fill(op, 0, 100);
  op.gradient_scale = std::nanf("");
  DMT_RUN(adamw, op);
  EXPECT_TRUE(identical(arrays.master.values(), untouched.master.values()));
  EXPECT_TRUE(identical(arrays.m.values(), untouched.m.values()));
}

TEST(CudaAdamWStochastic, RoundsWithoutBias) {
  constexpr int64_t kCount = 200'000;
  const State<Bf16, float> state(kCount);
  const Arrays<Bf16, float> arrays(state, 0);
  std::vector<double> w, m, v;
  state.expected(doubles(state.weights), w, m, v);
  DmtAdamW op = constants(DMT_MASTER_STOCHASTIC);
  arrays.fill(op, 0, kCount);
  DMT_RUN(adamw, op);
  const auto bias = [](const std::vector<double>& stored, const std::vector<double>& exact) {
    double sum = 0.0;
    for (size_t i = 0; i < exact.size(); ++i)
      sum += (stored[i] - exact[i]) / std::exp2(std::ilogb(exact[i]) - 7);
    return sum / static_cast<double>(exact.size());
  };
  // In rounding units; a rounding's deviation is at most a half, and this allows five standard errors.
  const double limit = 5 * 0.5 / std::sqrt(double{kCount});
  EXPECT_NEAR(bias(doubles(arrays.weights.values()), w), 0.0, limit);
  EXPECT_NEAR(bias(doubles(arrays.m.values()), m), 0.0, limit);
  EXPECT_NEAR(bias(doubles(arrays.v.values()), v), 0.0, limit);
}

/// 1,500 steps towards a target with all in bfloat16, by the kernel and by the CPU's. Random bits are the
/// same, but the kernel's arithmetic is approximate, and where a value lies next to its random threshold the
/// two part.
TEST(CudaAdamWStochastic, ConvergesAsOnTheCpu) {
  constexpr int64_t kCount = 512, kSteps = 1500;
  const std::vector<float> target = random_normal<float>(kCount, 1), zeros(kCount, 0.0f);
  std::vector<Bf16> weights = rounded<Bf16>(zeros), m = weights, v = weights;
  const Array<Bf16> gpu_weights(weights), gpu_m(m), gpu_v(v);
  const auto gradient_of = [&](const std::vector<Bf16>& at, double& loss) {
    std::vector<float> gradient;
    loss = 0.0;
    for (size_t i = 0; i < at.size(); ++i) {
      gradient.push_back(to_float(at[i]) - target[i]);
      loss += static_cast<double>(gradient[i] * gradient[i]) / kCount;
    }
    return gradient;
  };
  double loss = 0.0, gpu_loss = 0.0;
  for (int64_t step = 1; step <= kSteps; ++step) {
    DmtAdamW op = constants(DMT_MASTER_STOCHASTIC);
    op.learning_rate = 0.02f * static_cast<float>(kSteps + 1 - step) / kSteps;
    op.weight_decay = 0.0f;
    op.gradient_scale = 1.0f;
    op.bias_correction1 = static_cast<float>(1.0 - std::pow(kBeta1, step));
    op.bias_correction2 = static_cast<float>(1.0 - std::pow(kBeta2, step));
    op.random_key = kernels::random_key(7, 1, static_cast<uint64_t>(step));
    const Array<float> gpu_gradient(gradient_of(gpu_weights.values(), gpu_loss));
    op.weights = gpu_weights.data();
    op.first_moment = gpu_m.data();
    op.second_moment = gpu_v.data();
    op.gradient = gpu_gradient.data();
    op.count = kCount;
    op.moment_dtype = DMT_BFLOAT16;
    DMT_RUN(adamw, op);
    const kernels::AdamWStep on_cpu = {
        op.learning_rate,    op.beta1,           op.beta2,           op.epsilon,
        op.weight_decay,     op.one_minus_beta1, op.one_minus_beta2, op.bias_correction1,
        op.bias_correction2, op.gradient_scale};
    const std::vector<float> gradient = gradient_of(weights, loss);
    kernels::adamw(kernels::Bf16Shard<Bf16>{weights.data(), nullptr, m.data(), v.data()}, gradient.data(),
                   kCount, on_cpu, op.random_key, 0);
    if (step == 1) {
      const auto parted = std::ranges::count_if(std::views::iota(size_t{0}, weights.size()), [&](size_t i) {
        return gpu_weights.values()[i].bits != weights[i].bits;
      });
      EXPECT_LE(parted, kCount / 100);
    }
  }
  // From 1 to about the square of a rounding unit, 1/256, and not to what a bias would leave.
  EXPECT_LT(loss, 3e-5);
  EXPECT_LT(gpu_loss, 3e-5);
  EXPECT_NEAR(gpu_loss / loss, 1.0, 0.5);
}

}  // namespace
}  // namespace dmt::cuda::adamw_test
