// Compares the engine with what transformers computes for the same small models (files written by
// peer/make_golden.py): logits, every gradient, twenty training steps, weights afterwards, greedy tokens.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/shared_files.h"
#include "base/thread_count_scope.h"
#include "checkpoint/safetensors.h"
#include "dmt/engine.h"
#include "test_world.h"

namespace dmt {
namespace {

struct Case {
  std::string name;
  DType dtype;
  Recompute recompute;
};

/// One document of a golden batch in our convention: labels already shifted.
struct Row {
  std::vector<int32_t> ids, labels, offsets;
  int32_t source = 0;

  MicroBatch micro_batch() const {
    return {static_cast<int64_t>(ids.size()), 1, ids.data(), labels.data(), offsets.data(), &source};
  }
  int64_t label_tokens() const {
    return std::count_if(labels.begin(), labels.end(), [](int32_t label) { return label != kIgnoreIndex; });
  }
};

struct Golden {
  explicit Golden(const std::filesystem::path& dir) : file(dir / "expected.safetensors") {
    std::ifstream(dir / "expected.json") >> json;
    const TensorView ids = *file.find("input_ids"), labels = *file.find("labels");
    const int64_t T = ids.shape[1];
    for (int64_t b = 0; b < ids.shape[0]; ++b) {
      std::vector<int64_t> id(static_cast<size_t>(T)), label(static_cast<size_t>(T));
      read_int64(ids, b * T, T, id.data());
      read_int64(labels, b * T, T, label.data());
      Row row;
      row.ids.assign(id.begin(), id.end());
      row.labels.assign(label.begin() + 1, label.end());
      row.labels.push_back(kIgnoreIndex);
      row.offsets = {0, static_cast<int32_t>(T)};
      rows.push_back(row);
    }
  }
  std::vector<float> tensor(const std::string& name) const {
    const TensorView view = *file.find(name);
    std::vector<float> values(static_cast<size_t>(view.elements()));
    read_float32(view, 0, view.elements(), values.data());
    return values;
  }

  SafetensorsFile file;
  nlohmann::json json;
  std::vector<Row> rows;
};

double relative_error(const std::vector<float>& actual, const std::vector<float>& expected) {
  double difference = 0.0, norm = 0.0;
  for (size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(static_cast<double>(actual[i]) - expected[i], 2);
    norm += std::pow(static_cast<double>(expected[i]), 2);
  }
  return std::sqrt(difference / norm);
}

double largest_error(const std::vector<float>& actual, const std::vector<float>& expected) {
  double largest = 0.0;
  for (size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::fabs(static_cast<double>(actual[i]) - expected[i]));
  }
  return largest;
}

class GoldenTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    dir_ = shared_files() / "golden" / GetParam().name;
    if (!std::filesystem::exists(dir_)) GTEST_SKIP() << "no golden case at " << dir_;
  }
  EngineConfig config() const {
    EngineConfig config;
    config.device = test_device();
    config.compute_dtype = GetParam().dtype;
    config.recompute = GetParam().recompute;
    config.weight_decay = 0.1;
    config.loss_chunk_tokens = 37;  // no divisor of anything here: the last chunk is a short one
    return config;
  }
  EngineConfig training_config(const Golden& golden) const {
    EngineConfig c = config();
    c.weight_decay = golden.json["optimizer"]["weight_decay"];
    c.max_gradient_norm = golden.json["optimizer"]["clip_norm"];
    return c;
  }
  /// Every step has two rows, which one rank accumulates and two ranks share.
  void expect_twenty_steps(Engine& engine, const Golden& golden, size_t rank, size_t ranks) const {
    const auto& steps = golden.json["steps"];
    for (size_t s = 0; s < steps.size(); ++s) {
      const Row* rows[] = {&golden.rows[s % golden.rows.size()], &golden.rows[(s + 1) % golden.rows.size()]};
      const auto label_tokens = static_cast<double>(rows[0]->label_tokens() + rows[1]->label_tokens());
      for (size_t i = rank; i < 2; i += ranks) engine.accumulate(rows[i]->micro_batch(), 1.0 / label_tokens);
      const StepMetrics metrics = engine.apply(steps[s]["lr"]);
      const double loss = steps[s]["loss"], norm = steps[s]["grad_norm"];
      EXPECT_NEAR(metrics.loss, loss, exact() ? 1e-4 : 0.02 * loss) << "step " << s;
      if (exact()) EXPECT_NEAR(metrics.gradient_norm, norm, 1e-3 * norm) << "step " << s;
    }
    for (int32_t i = 0; i < engine.tensor_count(); ++i) {
      std::vector<float> weight(static_cast<size_t>(engine.tensor_size(i)));
      engine.read_weight(i, weight.data());
      if (exact())
        EXPECT_LT(largest_error(weight, golden.tensor("after." + engine.tensor_name(i))), 1e-3)
            << engine.tensor_name(i);
    }
  }
  bool exact() const { return GetParam().dtype == DType::kFloat32; }
  std::filesystem::path dir_;
};

TEST_P(GoldenTest, LogitsAndGradientsEqualTheReference) {
  const Golden golden(dir_);
  Engine engine((dir_ / "model").string(), config());
  const std::vector<float> expected = golden.tensor("logits");
  int64_t label_tokens = 0;
  std::vector<float> logits;
  for (const Row& row : golden.rows) {
    std::vector<float> part(row.ids.size() * static_cast<size_t>(engine.model_config().vocab_size));
    engine.logits(row.micro_batch(), part.data());
    logits.insert(logits.end(), part.begin(), part.end());
    label_tokens += row.label_tokens();
  }
  if (exact()) EXPECT_LT(largest_error(logits, expected), 1e-4);
  EXPECT_LT(relative_error(logits, expected), exact() ? 1e-5 : 2e-2);
  for (const Row& row : golden.rows)
    engine.accumulate(row.micro_batch(), 1.0 / static_cast<double>(label_tokens));
  for (int32_t i = 0; i < engine.tensor_count(); ++i) {
    std::vector<float> gradient(static_cast<size_t>(engine.tensor_size(i)));
    engine.read_gradient(i, gradient.data());
    EXPECT_LT(relative_error(gradient, golden.tensor("grad." + engine.tensor_name(i))), exact() ? 1e-4 : 5e-2)
        << engine.tensor_name(i);
  }
}

TEST_P(GoldenTest, TwentyStepsEqualTheReference) {
  const Golden golden(dir_);
  Engine engine((dir_ / "model").string(), training_config(golden));
  expect_twenty_steps(engine, golden, 0, 1);
}

class MultirankGoldenTest : public GoldenTest {};

TEST_P(MultirankGoldenTest, TwentyStepsOfTwoRanksEqualTheReference) {
  const ThreadCountScope one_thread(1);
  const Golden golden(dir_);
  const World world({.ranks = 2});
  run_ranks(2, [&](int rank) {
    Engine engine((dir_ / "model").string(), world.config(rank, training_config(golden)));
    expect_twenty_steps(engine, golden, rank, 2);
  });
}

// In float32 alone: bfloat16 may choose another token where two logits are nearly equal.
class GoldenFloat32Test : public GoldenTest {};

TEST_P(GoldenFloat32Test, GreedyTokensEqualTheReference) {
  const Golden golden(dir_);
  EngineConfig c = config();
  c.trainable = false;
  Engine engine((dir_ / "model").string(), c);
  const TensorView view = *golden.file.find("generated");
  std::vector<int64_t> expected(static_cast<size_t>(view.elements()));
  read_int64(view, 0, view.elements(), expected.data());
  const std::vector<int32_t> prompt(expected.begin(), expected.begin() + 8);
  Generation generation(engine, 1, static_cast<int32_t>(expected.size()));
  generation.open(prompt.data(), 8, SamplingConfig{});
  for (size_t i = prompt.size(); i < expected.size(); ++i) {
    int32_t token = -1;
    generation.step(&token);
    EXPECT_EQ(token, expected[i]) << "position " << i;
  }
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  const char* levels[] = {"Keep", "Cheap", "Attention", "Full"};
  return info.param.name + (info.param.dtype == DType::kFloat32 ? "Float32" : "BFloat16") +
         levels[static_cast<int>(info.param.recompute)];
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenTest,
                         testing::Values(Case{"mha", DType::kFloat32, Recompute::kNone},
                                         Case{"gqa", DType::kFloat32, Recompute::kNone},
                                         Case{"mha", DType::kFloat32, Recompute::kCheap},
                                         Case{"gqa", DType::kFloat32, Recompute::kAttention},
                                         Case{"gqa", DType::kFloat32, Recompute::kFull},
                                         Case{"mha", DType::kBFloat16, Recompute::kNone},
                                         Case{"gqa", DType::kBFloat16, Recompute::kFull}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Cases, MultirankGoldenTest,
                         testing::Values(Case{"mha", DType::kFloat32, Recompute::kNone},
                                         Case{"gqa", DType::kFloat32, Recompute::kFull},
                                         Case{"gqa", DType::kBFloat16, Recompute::kNone}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Cases, GoldenFloat32Test,
                         testing::Values(Case{"mha", DType::kFloat32, Recompute::kNone},
                                         Case{"gqa", DType::kFloat32, Recompute::kNone}),
                         name_of_case);

}  // namespace
}  // namespace dmt
