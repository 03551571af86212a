/// For engine tests: what others computed with the same small models.
#pragma once

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checkpoint/safetensors.h"
#include "test_model.h"

namespace dmt {

/// A folder with expected.safetensors and expected.json. Its labels are not shifted, those of its rows are.
struct Golden {
  explicit Golden(const std::filesystem::path& dir) : file(dir / "expected.safetensors") {
    std::ifstream(dir / "expected.json") >> json;
    const int64_t T = file.find("input_ids")->shape[1];
    const std::vector<int32_t> ids = tokens("input_ids"), labels = tokens("labels");
    for (auto begin = int64_t{0}; begin < static_cast<int64_t>(ids.size()); begin += T) {
      Documents& row = rows.emplace_back();
      row.add({ids.begin() + begin, ids.begin() + begin + T});
      std::copy(labels.begin() + begin + 1, labels.begin() + begin + T, row.labels.begin());
    }
  }
  std::vector<float> tensor(const std::string& name) const {
    const TensorView view = *file.find(name);
    std::vector<float> values(static_cast<size_t>(view.elements()));
    read_float32(view, 0, view.elements(), values.data());
    return values;
  }
  std::vector<int32_t> tokens(const std::string& name) const {
    const TensorView view = *file.find(name);
    std::vector<int64_t> values(static_cast<size_t>(view.elements()));
    read_int64(view, 0, view.elements(), values.data());
    return {values.begin(), values.end()};
  }
  int64_t label_tokens() const {
    int64_t count = 0;
    for (const Documents& row : rows) count += row.label_tokens();
    return count;
  }

  SafetensorsFile file;
  nlohmann::json json;
  std::vector<Documents> rows;  ///< one document each
};

/// INFINITY: any number will do.
struct StepTolerances {
  Tolerance loss{1e-4, 0.0};
  double gradient_norm = 1e-3;  ///< relative
  double weight = 1e-4;         ///< absolute
};

/// Trains the steps of a golden case and compares losses, norms, and all weights afterwards. Every step has
/// two rows, which one rank accumulates and two ranks share.
inline void expect_steps(Engine& engine, const Golden& golden, size_t rank, size_t ranks,
                         const StepTolerances& tolerances) {
  const auto& steps = golden.json["steps"];
  for (size_t s = 0; s < steps.size(); ++s) {
    const Documents* rows[] = {&golden.rows[s % golden.rows.size()],
                               &golden.rows[(s + 1) % golden.rows.size()]};
    const auto label_tokens = static_cast<double>(rows[0]->label_tokens() + rows[1]->label_tokens());
    for (size_t i = rank; i < 2; i += ranks) engine.accumulate(rows[i]->micro_batch(), 1.0 / label_tokens);
    const StepMetrics metrics = engine.apply(steps[s]["lr"]);
    const double loss = steps[s]["loss"], norm = steps[s]["grad_norm"];
    EXPECT_NEAR(metrics.loss, loss, tolerances.loss.absolute + tolerances.loss.relative * loss)
        << "step " << s;
    EXPECT_NEAR(metrics.gradient_norm, norm, tolerances.gradient_norm * norm) << "step " << s;
  }
  for (int32_t i = 0; i < engine.tensor_count(); ++i) {
    const std::string name = engine.tensor_name(i);
    EXPECT_TRUE(close(weight(engine, name), golden.tensor("after." + name), {tolerances.weight, 0.0}))
        << name;
  }
}

/// Compares the greedy tokens after a prompt of the first of them.
inline void expect_greedy(Engine& engine, const std::vector<int32_t>& expected, int32_t prompt_length) {
  Generation generation(engine, 1, static_cast<int32_t>(expected.size()));
  generation.open(expected.data(), prompt_length, SamplingConfig{});
  for (size_t i = static_cast<size_t>(prompt_length); i < expected.size(); ++i) {
    int32_t token = -1;
    generation.step(&token);
    EXPECT_EQ(token, expected[i]) << "position " << i;
  }
}

}  // namespace dmt
