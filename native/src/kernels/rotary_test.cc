#include "kernels/rotary.h"

#include <numbers>

#include "base/thread_count_scope.h"
#include "kernels/test_values.h"

namespace dmt::kernels::rotary_test {
namespace {

ModelConfig rope_model(int32_t head_dim, double theta, RopeScaling scaling) {
  ModelConfig model;
  model.head_dim = head_dim;
  model.rope_theta = theta;
  model.rope_scaling = scaling;
  if (scaling != RopeScaling::kNone) model.rope_factor = 8.0;
  if (scaling == RopeScaling::kLlama3) {  // as in Llama 3.1
    model.rope_low_freq_factor = 1.0;
    model.rope_high_freq_factor = 4.0;
    model.rope_original_max_position_embeddings = 8192;
  }
  return model;
}

/// Which of the three bands of llama3 scaling a frequency is in.
enum class Band { kHigh, kMiddle, kLow };

Band llama3_band(double frequency, const ModelConfig& m) {
  const double turns = m.rope_original_max_position_embeddings * frequency / (2.0 * std::numbers::pi);
  if (turns > m.rope_high_freq_factor) return Band::kHigh;
  return turns < m.rope_low_freq_factor ? Band::kLow : Band::kMiddle;
}

/// Angle per position of pair i.
double frequency_reference(const ModelConfig& m, int64_t i) {
  const double f = std::pow(m.rope_theta, -2.0 * static_cast<double>(i) / m.head_dim);
  if (m.rope_scaling == RopeScaling::kNone) return f;
  if (m.rope_scaling == RopeScaling::kLinear) return f / m.rope_factor;
  const Band band = llama3_band(f, m);
  if (band == Band::kHigh) return f;
  if (band == Band::kLow) return f / m.rope_factor;
  const double turns = m.rope_original_max_position_embeddings * f / (2.0 * std::numbers::pi);
  const double smooth = (turns - m.rope_low_freq_factor) / (m.rope_high_freq_factor - m.rope_low_freq_factor);
  return f * (smooth + (1.0 - smooth) / m.rope_factor);
}

struct TableCase {
  const char* name;
  ModelConfig model;
};

class RotaryTableTest : public testing::TestWithParam<TableCase> {};

TEST_P(RotaryTableTest, HoldsTheCosinesAndSinesOfTheFormula) {
  const ModelConfig& model = GetParam().model;
  const int64_t half = model.head_dim / 2;
  RotaryTable table(model);
  table.reserve(5000);
  for (const int64_t position : {0, 1, 2, 17, 511, 4999}) {
    for (int64_t i = 0; i < half; ++i) {
      const double angle = static_cast<double>(position) * frequency_reference(model, i);
      // The frequency and the product with the position are rounded to float32, as in transformers.
      const double tolerance = 2e-7 + angle * 0x1p-23;
      EXPECT_NEAR(table.cos_PD()[position * half + i], std::cos(angle), tolerance)
          << position << ", pair " << i;
      EXPECT_NEAR(table.sin_PD()[position * half + i], std::sin(angle), tolerance)
          << position << ", pair " << i;
    }
  }
}

TEST_P(RotaryTableTest, GrowsWithoutChangingWhatItHolds) {
  const int64_t half = GetParam().model.head_dim / 2;
  RotaryTable grown(GetParam().model), whole(GetParam().model);
  for (const int64_t positions : {1, 2, 2, 7, 3, 100}) grown.reserve(positions);
  whole.reserve(100);
  const std::vector<float> expected(whole.cos_PD(), whole.cos_PD() + 100 * half);
  EXPECT_TRUE(identical(std::vector<float>(grown.cos_PD(), grown.cos_PD() + 100 * half), expected));
}

INSTANTIATE_TEST_SUITE_P(Scalings, RotaryTableTest,
                         testing::Values(TableCase{"SmallestHead", rope_model(2, 1e4, RopeScaling::kNone)},
                                         TableCase{"OddPairs", rope_model(10, 1e4, RopeScaling::kNone)},
                                         TableCase{"Default", rope_model(128, 1e4, RopeScaling::kNone)},
                                         TableCase{"Linear", rope_model(64, 1e4, RopeScaling::kLinear)},
                                         TableCase{"Llama3", rope_model(128, 5e5, RopeScaling::kLlama3)},
                                         TableCase{"Llama3Small", rope_model(10, 5e5, RopeScaling::kLlama3)}),
                         [](const auto& info) { return info.param.name; });

TEST(RotaryTable, TheLlama3CaseHasPairsInAllThreeBands) {
  const ModelConfig model = rope_model(128, 5e5, RopeScaling::kLlama3);
  int pairs[3] = {};
  for (int i = 0; i < 64; ++i) ++pairs[static_cast<int>(llama3_band(std::pow(5e5, -i / 64.0), model))];
  for (const int count : pairs) EXPECT_GT(count, 0);
}

constexpr int64_t kHeadDim = 6, kTurnedHeads = 3, kRow = 5 * kHeadDim;  // two heads are not turned
const std::vector<int32_t> kPositions = {0, 1, 2, 0, 1, 499, 3};

RotaryTable table_for_heads() {
  RotaryTable table(rope_model(kHeadDim, 1e4, RopeScaling::kNone));
  table.reserve(500);
  return table;
}

template <typename TData>
void turn(std::vector<TData>& x, RotaryDirection direction) {
  rotary(x.data(), kRow, kTurnedHeads, kHeadDim, kPositions.data(), table_for_heads(),
         static_cast<int64_t>(kPositions.size()), direction);
}

template <typename TData>
class Rotary : public testing::Test {};
TYPED_TEST_SUITE(Rotary, ElementTypes, ElementNames);

TYPED_TEST(Rotary, TurnsPairsOfHalvesByTheAngleAndLeavesTheRest) {
  const auto T = static_cast<int64_t>(kPositions.size());
  auto x = random_normal<TypeParam>(T * kRow, 1);
  std::vector<double> expected = doubles(x);
  for (int64_t t = 0; t < T; ++t) {
    for (int64_t h = 0; h < kTurnedHeads; ++h) {
      for (int64_t i = 0; i < kHeadDim / 2; ++i) {
        const double angle =
            kPositions[static_cast<size_t>(t)] * std::pow(1e4, -2.0 * static_cast<double>(i) / kHeadDim);
        double& first = expected[static_cast<size_t>(t * kRow + h * kHeadDim + i)];
        double& second = expected[static_cast<size_t>(t * kRow + h * kHeadDim + i + kHeadDim / 2)];
        const double turned = first * std::cos(angle) - second * std::sin(angle);
        second = second * std::cos(angle) + first * std::sin(angle);
        first = turned;
      }
    }
  }
  turn(x, RotaryDirection::kForward);
  // Angles up to 499 carry errors of 499 * 2^-23; then one rounding to the element type.
  EXPECT_TRUE(close(doubles(x), expected, {3e-4, kEpsilon<TypeParam>}));
}

TYPED_TEST(Rotary, BackwardUndoesForward) {
  const auto original = random_normal<TypeParam>(static_cast<int64_t>(kPositions.size()) * kRow, 1);
  auto x = original;
  turn(x, RotaryDirection::kForward);
  turn(x, RotaryDirection::kBackward);
  // The pair's larger element, up to 4 here, sets the size of the rounding errors.
  EXPECT_TRUE(close(doubles(x), doubles(original), {8 * kEpsilon<TypeParam>, 0}));
}

TEST(Rotary, ScoresDependOnTheDistanceOfPositionsOnly) {
  const RotaryTable table = table_for_heads();
  const auto query = random_normal<float>(kHeadDim, 1), key = random_normal<float>(kHeadDim, 2);
  const auto score = [&](int32_t query_position, int32_t key_position) {
    auto q = query, k = key;
    rotary(q.data(), kHeadDim, 1, kHeadDim, &query_position, table, 1, RotaryDirection::kForward);
    rotary(k.data(), kHeadDim, 1, kHeadDim, &key_position, table, 1, RotaryDirection::kForward);
    return dot(doubles(q), doubles(k));
  };
  for (const int32_t shift : {1, 50, 400})
    EXPECT_NEAR(score(7 + shift, 3 + shift), score(7, 3), 5e-4) << shift;
}

TEST(Rotary, TheBitsDoNotDependOnTheNumberOfThreads) {
  const RotaryTable table = table_for_heads();
  const int64_t T = 3001;
  const std::vector<int32_t> positions = random_integers(T, 3, 500);
  const auto run = [&](int threads) {
    const ThreadCountScope scope(threads);
    auto x = random_normal<float>(T * kRow, 1);
    rotary(x.data(), kRow, kTurnedHeads, kHeadDim, positions.data(), table, T, RotaryDirection::kForward);
    return x;
  };
  EXPECT_TRUE(identical(run(3), run(1)));
}

}  // namespace
}  // namespace dmt::kernels::rotary_test
