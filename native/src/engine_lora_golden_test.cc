// Compares adapters with what PEFT computes for the same small models: logits, every gradient, twenty
// training steps, greedy tokens, merged models, saved files. scripts/golden_lora.py writes the cases;
// DMT_LORA_GOLDEN names a folder with those of another seed.
#include <cmath>
#include <cstdlib>
#include <set>

#include "base/temp_dir.h"
#include "base/thread_count_scope.h"
#include "model/adapter.h"
#include "model/adapter_files.h"
#include "test_golden.h"
#include "test_world.h"

namespace dmt::engine_lora_golden_test {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string base, adapter;
  DType dtype = DType::kFloat32;
  Recompute recompute = Recompute::kNone;
  Sharding sharding = Sharding::kFull;  // of two ranks
};

/// An adapter's folder of a golden case.
class AdapterFolder {
 public:
  AdapterFolder(const std::string& base, const std::string& adapter) {
    const char* other = std::getenv("DMT_LORA_GOLDEN");
    dir_ = (other != nullptr ? fs::path(other) : fs::path(DMT_TESTDATA) / "lora") / base / adapter;
  }
  const fs::path& path() const { return dir_; }
  std::string model() const { return (dir_.parent_path() / "model").string(); }
  std::string file() const { return (dir_ / "adapter" / kAdapterFile).string(); }
  /// As adapter_config.json has it, whose patterns are names of modules here.
  AdapterConfig config() const {
    nlohmann::json json;
    std::ifstream(dir_ / "adapter" / "adapter_config.json") >> json;
    AdapterConfig adapter;
    for (int32_t i = 0; i < kAdapterTargets; ++i) {
      const std::string module = module_name(static_cast<AdapterTarget>(i));
      const auto& targets = json["target_modules"];
      const bool is_target = std::any_of(targets.begin(), targets.end(), [&](const std::string& target) {
        return target == module || target.ends_with("." + module);  // all-linear names every module
      });
      if (!is_target) continue;
      adapter.ranks[i] = json["rank_pattern"].value(module, json["r"].get<int32_t>());
      adapter.alphas[i] = json["alpha_pattern"].value(module, json["lora_alpha"].get<double>());
    }
    adapter.rank_stabilized = json["use_rslora"];
    return adapter;
  }

 private:
  fs::path dir_;
};

/// The documents of several, end to end.
Documents packed(const std::vector<Documents>& rows) {
  Documents all;
  for (const Documents& row : rows) {
    const auto before = static_cast<int32_t>(all.ids.size());
    all.ids.insert(all.ids.end(), row.ids.begin(), row.ids.end());
    all.labels.insert(all.labels.end(), row.labels.begin(), row.labels.end());
    all.offsets.push_back(before + row.offsets.back());
    all.sources.push_back(row.sources.front());
  }
  return all;
}

/// Of an adapter that PEFT wrote, without the embeddings of the base that PEFT adds to some.
std::set<std::string> adapter_tensors(const SafetensorsFile& file) {
  std::set<std::string> names;
  for (const auto& [name, entry] : file.tensors()) {
    if (!name.ends_with(".base_layer.weight")) names.insert(name);
  }
  return names;
}

class LoraGoldenTest : public testing::TestWithParam<Case> {
 protected:
  AdapterFolder folder() const { return {GetParam().base, GetParam().adapter}; }
  EngineConfig config() const {
    EngineConfig config;
    config.device = test_device();
    config.compute_dtype = GetParam().dtype;
    config.recompute = GetParam().recompute;
    config.loss_chunk_tokens = 11;  // no divisor of anything here: the last chunk is a short one
    config.adapter = folder().config();
    return config;
  }
  EngineConfig training_config(const Golden& golden) const {
    EngineConfig c = config();
    c.weight_decay = golden.json["optimizer"]["weight_decay"];
    c.max_gradient_norm = golden.json["optimizer"]["clip_norm"];
    return c;
  }
  EngineConfig inference_config() const {
    EngineConfig c = config();
    c.trainable = false;
    return c;
  }
  StepTolerances tolerances() const {
    if (exact()) return {};
    return {.loss = {0.0, 0.02}, .gradient_norm = INFINITY, .weight = INFINITY};
  }
  bool exact() const { return GetParam().dtype == DType::kFloat32; }
  /// PEFT is as far from float32 when it computes in bfloat16; half as much again for another order of sums.
  static double bfloat16_distance(const Golden& golden, const char* what) {
    return 1.5 * golden.json["bfloat16"][what].get<double>();
  }
};

TEST_P(LoraGoldenTest, LogitsAndGradientsEqualPeft) {
  const Golden golden(folder().path());
  Engine engine(folder().model(), config());
  engine.load_adapter(folder().file());
  const std::vector<float> logits = logits_of(engine, packed(golden.rows)),
                           expected = golden.tensor("logits");
  if (exact()) EXPECT_TRUE(close(logits, expected, {1e-4, 0.0}));
  EXPECT_LT(relative_distance(logits, expected), exact() ? 1e-5 : bfloat16_distance(golden, "logits"));
  // One row alone, the others packed.
  const double token_weight = 1.0 / static_cast<double>(golden.label_tokens());
  engine.accumulate(golden.rows.front().micro_batch(), token_weight);
  const Documents others = packed({golden.rows.begin() + 1, golden.rows.end()});
  engine.accumulate(others.micro_batch(), token_weight);
  std::set<std::string> names;
  for (int32_t i = 0; i < engine.tensor_count(); ++i) {
    const std::string name = engine.tensor_name(i);
    names.insert(name);
    std::vector<float> gradient(static_cast<size_t>(engine.tensor_size(i)));
    engine.read_gradient(i, gradient.data());
    EXPECT_LT(relative_distance(gradient, golden.tensor("grad." + name)),
              exact() ? 1e-4 : bfloat16_distance(golden, "gradient"))
        << name;
  }
  EXPECT_EQ(names, adapter_tensors(SafetensorsFile(folder().file())));
}

TEST_P(LoraGoldenTest, TwentyStepsEqualPeft) {
  const Golden golden(folder().path());
  Engine engine(folder().model(), training_config(golden));
  engine.load_adapter(folder().file());
  expect_steps(engine, golden, 0, 1, tolerances());
}

class MultirankLoraGoldenTest : public LoraGoldenTest {};

TEST_P(MultirankLoraGoldenTest, TwentyStepsOfTwoRanksEqualPeft) {
  const ThreadCountScope one_thread(1);
  const Golden golden(folder().path());
  const World world({.ranks = 2, .sharding = GetParam().sharding});
  run_ranks(2, [&](int rank) {
    Engine engine(folder().model(), world.config(rank, training_config(golden)));
    engine.load_adapter(folder().file());
    expect_steps(engine, golden, static_cast<size_t>(rank), 2, tolerances());
  });
}

// In float32 alone: bfloat16 may choose another token where two logits are nearly equal.
class LoraGoldenFloat32Test : public LoraGoldenTest {};

TEST_P(LoraGoldenFloat32Test, GreedyTokensEqualPeft) {
  Engine engine(folder().model(), inference_config());
  engine.load_adapter(folder().file());
  expect_greedy(engine, Golden(folder().path()).tokens("generated"), 8);
}

TEST_P(LoraGoldenFloat32Test, MergedModelEqualsPefts) {
  const Golden golden(folder().path());
  const TempDir dir;
  merge_adapter(folder().model(), folder().config(), folder().file(), dir.path().string(), DType::kFloat32);
  EngineConfig c = inference_config();
  c.adapter = {};
  Engine merged(dir.path().string(), c);
  EXPECT_TRUE(close(logits_of(merged, golden.rows.front()), golden.tensor("merged"), {1e-4, 0.0}));
  EXPECT_TRUE(close(logits_of(merged, packed(golden.rows)), golden.tensor("logits"), {1e-4, 0.0}));
}

TEST_P(LoraGoldenFloat32Test, SavedAdapterIsWhatPeftSaved) {
  Engine engine(folder().model(), inference_config());
  engine.load_adapter(folder().file());
  const TempDir dir;
  engine.save_adapter(dir.path().string(), DType::kFloat32);
  const SafetensorsFile saved(dir.path() / kAdapterFile), expected(folder().file());
  const std::set<std::string> names = adapter_tensors(expected);
  EXPECT_EQ(adapter_tensors(saved), names);
  EXPECT_EQ(saved.tensors().size(), names.size());
  for (const std::string& name : names) {
    const TensorView actual = *saved.find(name), wanted = *expected.find(name);
    EXPECT_EQ(actual.shape, wanted.shape) << name;
    EXPECT_EQ(actual.dtype, StoredDType::kF32) << name;
    std::vector<float> a(static_cast<size_t>(actual.elements())), w(static_cast<size_t>(wanted.elements()));
    read_float32(actual, 0, actual.elements(), a.data());
    read_float32(wanted, 0, wanted.elements(), w.data());
    EXPECT_TRUE(identical(a, w)) << name;
  }
}

/// Requests of one batch, each with an adapter of its own.
std::vector<std::vector<int32_t>> generate_together(Engine& engine,
                                                    const std::vector<std::vector<int32_t>>& prompts,
                                                    const std::vector<int32_t>& adapters, size_t length) {
  Generation generation(engine, static_cast<int32_t>(prompts.size()), static_cast<int32_t>(length));
  std::vector<size_t> slots;
  for (size_t i = 0; i < prompts.size(); ++i) {
    slots.push_back(static_cast<size_t>(generation.open(
        prompts[i].data(), static_cast<int32_t>(prompts[i].size()), SamplingConfig{}, adapters[i])));
  }
  std::vector<std::vector<int32_t>> sequences = prompts;
  std::vector<int32_t> tokens(prompts.size());
  while (sequences.front().size() < length) {
    generation.step(tokens.data());
    for (size_t i = 0; i < prompts.size(); ++i) sequences[i].push_back(tokens[slots[i]]);
  }
  return sequences;
}

TEST(LoraGoldenFloat32, RequestsOfOneBatchChooseTheirAdapters) {
  const std::vector<std::string> adapters = {"qv", "patterns", "rslora", "embeddings"};
  EngineConfig config;
  config.device = test_device();
  config.trainable = false;
  Engine base(AdapterFolder("gqa", "qv").model(), config);
  config.adapter = AdapterFolder("gqa", adapters.front()).config();
  Engine engine(AdapterFolder("gqa", "qv").model(), config);
  engine.load_adapter(AdapterFolder("gqa", adapters.front()).file());
  std::vector<std::vector<int32_t>> prompts, expected;
  std::vector<int32_t> numbers;
  for (const std::string& name : adapters) {
    const AdapterFolder folder("gqa", name);
    numbers.push_back(name == adapters.front() ? 0 : engine.add_adapter(folder.config(), folder.file()));
    expected.push_back(Golden(folder.path()).tokens("generated"));
    prompts.emplace_back(expected.back().begin(), expected.back().begin() + 8);
  }
  EXPECT_EQ(numbers, (std::vector<int32_t>{0, 1, 2, 3}));
  prompts.push_back(prompts.front());
  numbers.push_back(-1);
  expected.push_back(generate_together(base, {prompts.front()}, {-1}, 32).front());
  const std::vector<std::vector<int32_t>> actual = generate_together(engine, prompts, numbers, 32);
  for (size_t i = 0; i < expected.size(); ++i) {
    // PEFT's end before a token that is hardly better than the next.
    ASSERT_LE(expected[i].size(), actual[i].size());
    const std::vector<int32_t> begin(actual[i].begin(),
                                     actual[i].begin() + static_cast<std::ptrdiff_t>(expected[i].size()));
    EXPECT_EQ(begin, expected[i]) << (i < adapters.size() ? adapters[i] : "no adapter");
  }
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) {
  const char* levels[] = {"Keep", "Cheap", "Attention", "Full"};
  const char* shardings[] = {"", "GradOp", "Hybrid", "Unsharded"};
  return info.param.base + "_" + info.param.adapter +
         (info.param.dtype == DType::kFloat32 ? "Float32" : "BFloat16") +
         levels[static_cast<int>(info.param.recompute)] + shardings[static_cast<int>(info.param.sharding)];
}

const auto all_cases = testing::Values(Case{"gqa", "qv"}, Case{"gqa", "patterns"}, Case{"gqa", "rslora"},
                                       Case{"gqa", "embeddings"}, Case{"mha", "qv"}, Case{"mha", "rslora"},
                                       Case{"mha", "embeddings"}, Case{"mha", "lm_head"},
                                       Case{"tied", "patterns"}, Case{"tied", "rslora"});

INSTANTIATE_TEST_SUITE_P(Cases, LoraGoldenTest, all_cases, name_of_case);
INSTANTIATE_TEST_SUITE_P(Variants, LoraGoldenTest,
                         testing::Values(Case{"gqa", "patterns", DType::kFloat32, Recompute::kCheap},
                                         Case{"mha", "embeddings", DType::kFloat32, Recompute::kAttention},
                                         Case{"tied", "patterns", DType::kFloat32, Recompute::kFull},
                                         Case{"gqa", "embeddings", DType::kFloat32, Recompute::kFull},
                                         Case{"gqa", "rslora", DType::kBFloat16, Recompute::kNone},
                                         Case{"mha", "embeddings", DType::kBFloat16, Recompute::kFull}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(
    Cases, MultirankLoraGoldenTest,
    testing::Values(Case{"gqa", "patterns"}, Case{"mha", "embeddings", DType::kFloat32, Recompute::kFull},
                    Case{"tied", "rslora", DType::kFloat32, Recompute::kCheap, Sharding::kGradOp},
                    Case{"gqa", "embeddings", DType::kFloat32, Recompute::kNone, Sharding::kNone},
                    Case{"mha", "rslora", DType::kBFloat16, Recompute::kNone}),
    name_of_case);
INSTANTIATE_TEST_SUITE_P(Cases, LoraGoldenFloat32Test, all_cases, name_of_case);

}  // namespace
}  // namespace dmt::engine_lora_golden_test
