#include "kernels/adamw_bf16.h"

#include "base/thread_count_scope.h"
#include "kernels/flat.h"
#include "kernels/test_values.h"

namespace dmt::kernels::adamw_bf16_test {
namespace {

AdamWStep constants(int64_t step, double learning_rate, double weight_decay = 0.0) {
  const double beta1 = 0.9, beta2 = 0.999;
  return {static_cast<float>(learning_rate),
          static_cast<float>(beta1),
          static_cast<float>(beta2),
          1e-8f,
          static_cast<float>(weight_decay),
          static_cast<float>(1.0 - beta1),
          static_cast<float>(1.0 - beta2),
          static_cast<float>(1.0 - std::pow(beta1, static_cast<double>(step))),
          static_cast<float>(1.0 - std::pow(beta2, static_cast<double>(step))),
          1.0f};
}

struct Shard {
  explicit Shard(const std::vector<float>& start)
      : weights(start.size()), remainder(start.size()), m(start.size()), v(start.size()) {
    for (size_t i = 0; i < start.size(); ++i) split(start[i], weights[i], remainder[i]);
  }
  Bf16Shard<Bf16> split_shard() { return {weights.data(), remainder.data(), m.data(), v.data()}; }
  Bf16Shard<Bf16> rounded_shard() { return {weights.data(), nullptr, m.data(), v.data()}; }
  int64_t count() const { return static_cast<int64_t>(weights.size()); }

  std::vector<Bf16> weights;
  std::vector<uint16_t> remainder;
  std::vector<Bf16> m = {}, v = {};
};

std::vector<float> joined_weights(const Shard& shard) {
  std::vector<float> weights;
  for (size_t i = 0; i < shard.weights.size(); ++i)
    weights.push_back(joined(shard.weights[i], shard.remainder[i]));
  return weights;
}

TEST(AdamWBf16, TheFirstStepOfASplitMasterIsThatOfFloat32) {
  for (const int64_t count : {1, 2, 17, 1003, 100'003}) {
    const auto start = random_normal<float>(count, 1), gradient = random_normal<float>(count, 2);
    std::vector<float> master = start, m(start.size()), v(start.size());
    adamw(master.data(), m.data(), v.data(), gradient.data(), count, constants(1, 1e-2, 0.1));
    Shard shard(start);
    adamw(shard.split_shard(), gradient.data(), count, constants(1, 1e-2, 0.1), 7, 0);
    // The moments began as zeros, which bfloat16 holds exactly. One float32 rounding: sums may be fused.
    EXPECT_TRUE(close(joined_weights(shard), master, {1e-7, 3e-7})) << count;
    EXPECT_TRUE(close(doubles(shard.m), m, {0, 0x1p-7})) << count;
    EXPECT_TRUE(close(doubles(shard.v), v, {0, 0x1p-7})) << count;
  }
}

// What is kept of a float32 master in 16 bits more: float32's steps, bit for bit but for ties.
TEST(AdamWBf16, ASplitMasterWithFloat32MomentsIsAFloat32Master) {
  const int64_t count = 50'001;
  auto exact = random_normal<float>(count, 1);
  std::vector<Bf16> weights(exact.size());
  std::vector<uint16_t> remainder(exact.size());
  split(weights.data(), remainder.data(), exact.data(), count);
  join(exact.data(), weights.data(), remainder.data(), count);
  std::vector<float> m(exact.size()), v(exact.size()), split_m = m, split_v = v, actual(exact.size());
  for (int step = 1; step <= 5; ++step) {
    const auto gradient = random_normal<float>(count, 10 + static_cast<uint64_t>(step));
    const AdamWStep s = constants(step, 1e-2, 0.1);
    adamw(exact.data(), m.data(), v.data(), gradient.data(), count, s);
    const Bf16Shard<float> shard = {weights.data(), remainder.data(), split_m.data(), split_v.data()};
    adamw(shard, gradient.data(), count, s, 7, 0);
    EXPECT_TRUE(identical(weights, rounded<Bf16>(exact))) << "the weights are the master's, rounded";
    join(actual.data(), weights.data(), remainder.data(), count);
    EXPECT_TRUE(close(actual, exact, {0, 3e-7}));
  }
  EXPECT_TRUE(close(split_m, m, {1e-7, 1e-7}));
  EXPECT_TRUE(close(split_v, v, {1e-7, 1e-7}));
}

TEST(AdamWBf16, HasTheSameBitsForEveryCutAndNumberOfThreads) {
  const auto start = random_normal<float>(70'001, 1), gradient = random_normal<float>(70'001, 2);
  const auto run = [&](int threads, std::vector<int64_t> cuts) {
    const ThreadCountScope scope(threads);
    Shard shard(start);
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      const int64_t b = cuts[i];
      const Bf16Shard<Bf16> part = {shard.weights.data() + b, nullptr, shard.m.data() + b,
                                    shard.v.data() + b};
      adamw(part, gradient.data() + b, cuts[i + 1] - b, constants(3, 1e-2), 7, b);
    }
    std::vector<Bf16> all = shard.weights;
    all.insert(all.end(), shard.m.begin(), shard.m.end());
    all.insert(all.end(), shard.v.begin(), shard.v.end());
    return all;
  };
  const auto whole = run(1, {0, 70'001});
  EXPECT_TRUE(identical(run(3, {0, 70'001}), whole));
  EXPECT_TRUE(identical(run(2, {0, 1, 17, 40'000, 70'001}), whole));
}

// Rounded to nearest, a second moment would stay where it is: a thousandth of it is less than half a rounding
// unit.
TEST(AdamWBf16, TheSecondMomentDecaysAsItShould) {
  constexpr int64_t kCount = 10'000, kSteps = 500;
  Shard shard(std::vector<float>(kCount, 1.0f));
  shard.v = rounded<Bf16>(std::vector<float>(kCount, 1.0f));
  const std::vector<float> gradient(kCount, 0.0f);
  for (int64_t step = 1; step <= kSteps; ++step)
    adamw(shard.rounded_shard(), gradient.data(), kCount, constants(1, 0.0),
          random_key(3, 0, static_cast<uint64_t>(step)), 0);
  double mean = 0.0;
  for (const double v : doubles(shard.v)) mean += v / kCount;
  // A quarter of the draws moves an element by a rounding unit, 1/256: after 500 it is off by sqrt(500) *
  // 0.44 of them, 0.038. Five standard errors.
  EXPECT_NEAR(mean, std::pow(0.999, kSteps), 5 * 0.038 / std::sqrt(double{kCount}));
}

TEST(AdamWBf16, SmallUpdatesOfWeightsAddUp) {
  constexpr int64_t kCount = 10'000, kSteps = 200;
  Shard shard(std::vector<float>(kCount, 1.0f));
  const std::vector<float> gradient(kCount, 1.0f);
  for (int64_t step = 1; step <= kSteps; ++step)
    adamw(shard.rounded_shard(), gradient.data(), kCount, constants(step, 1e-5),
          random_key(3, 0, static_cast<uint64_t>(step)), 0);
  double mean = 0.0;
  for (const double w : doubles(shard.weights)) mean += w / kCount;
  // Every update is 1e-5 of 1, a four-hundredth of the rounding unit below 1; moments are off by up to 1 %
  // each.
  EXPECT_NEAR(1.0 - mean, kSteps * 1e-5, 0.05 * kSteps * 1e-5 + 5 * 0.003 / std::sqrt(double{kCount}));
}

/// Mean squared error of a linear regression, and its gradient for weights of any kind.
struct Regression {
  static constexpr size_t kRows = 256, kColumns = 32;

  Regression()
      : inputs(random_normal<float>(kRows * kColumns, 1)), truth(random_normal<float>(kColumns, 2)) {}
  double loss(const std::vector<float>& weights, std::vector<float>* gradient = nullptr) const {
    double loss = 0.0;
    if (gradient != nullptr) gradient->assign(kColumns, 0.0f);
    for (size_t row = 0; row < kRows; ++row) {
      double error = 0.0;
      for (size_t c = 0; c < kColumns; ++c)
        error += static_cast<double>(inputs[row * kColumns + c]) * static_cast<double>(weights[c] - truth[c]);
      loss += error * error / kRows;
      for (size_t c = 0; gradient != nullptr && c < kColumns; ++c)
        (*gradient)[c] += static_cast<float>(2.0 * error / kRows) * inputs[row * kColumns + c];
    }
    return loss;
  }
  std::vector<float> inputs, truth;
};

TEST(AdamWBf16, ConvergesAsFarAsItsWeightsCanSay) {
  const Regression problem;
  const std::vector<float> start(Regression::kColumns, 0.0f);
  constexpr int64_t kSteps = 1500;
  const auto rate = [](int64_t step) { return 0.02 * (1.0 - static_cast<double>(step - 1) / kSteps); };
  std::vector<float> gradient, master = start, m(start.size()), v(start.size());
  Shard split_master(start), rounded_master(start);
  const auto floats = [](const std::vector<Bf16>& values) {
    std::vector<float> out;
    for (const Bf16 value : values) out.push_back(to_float(value));
    return out;
  };
  for (int64_t step = 1; step <= kSteps; ++step) {
    const AdamWStep s = constants(step, rate(step));
    const uint64_t key = random_key(5, 0, static_cast<uint64_t>(step));
    problem.loss(master, &gradient);
    adamw(master.data(), m.data(), v.data(), gradient.data(), Regression::kColumns, s);
    problem.loss(joined_weights(split_master), &gradient);
    adamw(split_master.split_shard(), gradient.data(), split_master.count(), s, key, 0);
    problem.loss(floats(rounded_master.weights), &gradient);
    adamw(rounded_master.rounded_shard(), gradient.data(), rounded_master.count(), s, key, 0);
  }
  const double at_start = problem.loss(start);
  EXPECT_LT(problem.loss(master), 1e-8 * at_start);
  // A split master has float32's resolution; bfloat16 weights are off by a rounding unit, 1/256 of them.
  EXPECT_LT(problem.loss(joined_weights(split_master)), 1e-6 * at_start);
  EXPECT_LT(problem.loss(floats(rounded_master.weights)), 1e-4 * at_start);
}

}  // namespace
}  // namespace dmt::kernels::adamw_bf16_test
