// What training takes on GPUs of 80 GB, row by row of the table in docs/gpu.md: nothing is allocated, tensors
// have no memory.
#include <fstream>
#include <regex>

#include "engine_impl.h"
#include "ops/plan_ops.h"
#include "test_model.h"

namespace dmt::engine_memory_plan_test {
namespace {

constexpr int32_t kTokens = 4096;
constexpr double kCard = 85.5;  // GB that a card of 80 GB has
/// GB that nobody has measured: CUDA's context, workspaces of the products, NCCL, attention's own buffers.
constexpr double kNotPlanned = 5.0;

struct Row {
  std::string model, level;
  double activations, sum, left;  // in GB
};

/// Rows of the table below "## What fits". A cell without a model has the one above.
std::vector<Row> rows_of_the_table() {
  const std::filesystem::path source = __FILE__;
  std::ifstream file(source.parent_path().parent_path().parent_path() / "docs" / "gpu.md");
  const std::regex pattern(R"(\| ([^|]*) \| `(\w+)` \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|)");
  std::vector<Row> rows;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) inside = line == "## What fits";
    std::smatch match;
    line = std::regex_replace(line, std::regex(R"(^\| \|)"), "|  |");
    if (!inside || !std::regex_match(line, match, pattern)) continue;
    const std::string model = match[1].length() > 0 || rows.empty() ? match[1].str() : rows.back().model;
    rows.push_back({model, match[2], std::stod(match[3]), std::stod(match[4]), std::stod(match[5])});
  }
  return rows;
}

ModelConfig llama(int32_t hidden, int32_t intermediate, int32_t layers, int32_t heads) {
  ModelConfig model;
  model.vocab_size = 32000;
  model.hidden_size = hidden;
  model.intermediate_size = intermediate;
  model.layers = layers;
  model.heads = model.kv_heads = heads;
  model.head_dim = hidden / heads;
  model.max_position_embeddings = 2048;
  return model;
}

ModelConfig model_of(const Row& row) {
  if (row.model.starts_with("LLaMA-7B")) return llama(4096, 11008, 32, 32);
  if (row.model.starts_with("LLaMA-33B")) return llama(6656, 17920, 60, 52);
  throw std::runtime_error("docs/gpu.md has a model that this test does not know: " + row.model);
}

EngineConfig config_of(const Row& row) {
  EngineConfig config;
  config.device = Device::kCuda;
  config.compute_dtype = config.optimizer_states = config.gradient_dtype = DType::kBFloat16;
  config.parallel.reduce_dtype = DType::kBFloat16;
  const std::vector<std::string> levels = {"none", "cheap", "attention", "full"};
  const auto level = std::find(levels.begin(), levels.end(), row.level);
  EXPECT_NE(level, levels.end()) << row.level;
  config.recompute = static_cast<Recompute>(level - levels.begin());
  config.parallel.world_size = row.model.find("on eight") == std::string::npos ? 1 : 8;
  config.parallel.group_kind = GroupKind::kSimulated;
  return config;
}

double gigabytes(int64_t bytes) {
  return static_cast<double>(bytes) / 1e9;
}

/// An engine's passes on tensors without memory, with its way of taking memory for them.
class Passes {
 public:
  Passes(const ModelConfig& model, const EngineConfig& config)
      : model_(model),
        config_(config),
        ops_(config.device),
        scope_(ops_, 1),
        grid_(config.parallel, ops_),
        llama_(model, config, grid_, ops_) {}

  /// @return bytes that are held for activations after it
  int64_t train(const std::vector<int32_t>& lengths) {
    const Documents documents = random_documents(lengths, 1);
    const Batch batch(documents.micro_batch(), model_, config_, ops_);
    LossAccumulator losses(1, at::kMeta);
    llama_.forward_backward(batch, 1.0, losses);
    return llama_.activation_bytes();
  }
  void reserve(int64_t tokens) {
    llama_.reserve_activations(planned_memory(model_, config_, tokens).activations_peak);
  }
  int64_t used() const { return llama_.memory_account().activations_peak; }

 private:
  ModelConfig model_;
  EngineConfig config_;
  PlanOps ops_;
  ComputeScope scope_;
  RankGrid grid_;
  LlamaModel llama_;
};

TEST(MemoryTable, HasRows) {
  const std::vector<Row> rows = rows_of_the_table();
  EXPECT_GE(rows.size(), 5u);
}

TEST(MemoryTable, SaysWhatIsPlanned) {
  for (const Row& row : rows_of_the_table()) {
    const MemoryAccount plan = planned_memory(model_of(row), config_of(row), kTokens);
    EXPECT_NEAR(gigabytes(plan.activations_peak), row.activations, 0.051) << row.model << " " << row.level;
    EXPECT_NEAR(gigabytes(plan.total()), row.sum, 0.051) << row.model << " " << row.level;
    EXPECT_NEAR(kCard - gigabytes(plan.total()), row.left, 0.051) << row.model << " " << row.level;
  }
}

TEST(MemoryTable, WhatIsHeldIsWhatWasPlannedFromTheFirstStepOn) {
  for (const Row& row : rows_of_the_table()) {
    const int64_t planned = planned_memory(model_of(row), config_of(row), kTokens).activations_peak;
    Passes passes(model_of(row), config_of(row));
    passes.reserve(kTokens);
    for (const std::vector<int32_t>& lengths :
         {std::vector<int32_t>{2048, 2048}, {300, 7, 1000}, {1}, {2048, 2000, 48}}) {
      EXPECT_EQ(passes.train(lengths), planned) << row.model << " " << row.level;
      EXPECT_LE(passes.used(), planned) << row.model << " " << row.level;
    }
    // All but the last token of a document is a label.
    EXPECT_NEAR(static_cast<double>(passes.used()) / static_cast<double>(planned), 1.0, 1e-3);
  }
}

TEST(MemoryTable, ThirtyThreeBillionParametersFitOnEightCardsWithAMargin) {
  double most_kept = 0.0;
  for (const Row& row : rows_of_the_table()) {
    if (row.model.starts_with("LLaMA-33B") && row.left >= kNotPlanned)
      most_kept = std::max(most_kept, row.sum);
  }
  EXPECT_GT(most_kept, 0.0);
}

}  // namespace
}  // namespace dmt::engine_memory_plan_test
