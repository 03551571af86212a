// Vocabularies that are no multiple of 8: a GPU's matrices have rows of padding, which nobody sees.
#include "base/files.h"
#include "base/temp_dir.h"
#include "kernels/test_values.h"
#include "model/model_units.h"
#include "test_model.h"
#include "test_world.h"

namespace dmt::engine_vocabulary_test {
namespace {

/// 97 tokens: 7 rows of padding on a GPU.
ModelConfig padded_model(bool tied) {
  ModelConfig model = small_model();
  model.head_dim = 8;  // which GPUs decode
  model.tie_word_embeddings = tied;
  return model;
}

class Vocabulary : public testing::TestWithParam<bool> {
 protected:
  Vocabulary() {
    test_device();
    if (!has_gpu()) use_host_gpu();
  }
  ~Vocabulary() override { use_test_gpu(); }
  static EngineConfig on(Device device, DType dtype = DType::kFloat32) {
    EngineConfig config = small_config(dtype);
    config.device = device;
    return config;
  }
};
INSTANTIATE_TEST_SUITE_P(Heads, Vocabulary, testing::Bool(),
                         [](const auto& info) { return info.param ? "Tied" : "Own"; });

TEST(VocabularyRows, AreAMultipleOfEightOnAGpu) {
  ModelConfig model = small_model();
  for (const auto& [tokens, rows] : std::vector<std::pair<int32_t, int64_t>>{
           {1, 8}, {97, 104}, {32000, 32000}, {32001, 32008}, {128256, 128256}}) {
    model.vocab_size = tokens;
    EXPECT_EQ(vocabulary_rows(model, Device::kCuda), rows);
    EXPECT_EQ(vocabulary_rows(model, Device::kCpu), tokens);
  }
}

TEST_P(Vocabulary, PaddingChangesNeitherLogitsNorLossNorGradients) {
  const ModelConfig model = padded_model(GetParam());
  Engine cpu(model, 7, on(Device::kCpu)), gpu(model, 7, on(Device::kCuda));
  EXPECT_TRUE(identical(weights_of(gpu), weights_of(cpu)));
  EXPECT_GT(gpu.memory_account().weights, cpu.memory_account().weights);
  const Documents documents = random_documents({9, 70}, 2);
  EXPECT_TRUE(close(logits_of(gpu, documents), logits_of(cpu, documents), {1e-4, 1e-4}));
  for (int step = 0; step < 3; ++step) {
    for (Engine* engine : {&cpu, &gpu}) engine->accumulate(documents.micro_batch(), documents.token_weight());
    EXPECT_TRUE(close(gradients_of(gpu), gradients_of(cpu), {1e-5, 1e-4})) << step;
    const StepMetrics on_gpu = gpu.apply(1e-3), on_cpu = cpu.apply(1e-3);
    EXPECT_NEAR(on_gpu.loss, on_cpu.loss, 1e-5 * on_cpu.loss) << step;
    EXPECT_NEAR(on_gpu.gradient_norm, on_cpu.gradient_norm, 1e-4 * on_cpu.gradient_norm) << step;
  }
  EXPECT_TRUE(close(weights_of(gpu), weights_of(cpu), {1e-4, 1e-4}));
}

// Also where weights and moments are rounded stochastically: zeros stay zeros.
TEST_P(Vocabulary, WhatIsSavedIsWhatTheCpuReads) {
  const ModelConfig model = padded_model(GetParam());
  for (const DType states : {DType::kFloat32, DType::kBFloat16}) {
    EngineConfig config = on(Device::kCuda, DType::kBFloat16);
    config.optimizer_states = states;
    Engine gpu(model, 7, config);
    const Documents documents = random_documents({9, 70}, 2);
    for (int step = 0; step < 3; ++step) train_step(gpu, {documents});
    const TempDir model_dir, state_dir;
    gpu.save(model_dir.path().string(), DType::kFloat32);
    TrainingState(gpu, StateMemory::kCopied).write(state_dir.path().string());
    config.device = Device::kCpu;
    Engine read(model_dir.path().string(), config);
    EXPECT_TRUE(identical(weights_of(read), weights_of(gpu)));
    Engine resumed(model, 8, config);
    resumed.restore(state_dir.path().string());
    EXPECT_TRUE(identical(weights_of(resumed), weights_of(gpu)));
    EXPECT_TRUE(close(logits_of(resumed, documents), logits_of(gpu, documents), {0.3, 0.1}));
    Engine back(model, 9, on(Device::kCuda, DType::kBFloat16));
    if (states == DType::kBFloat16) continue;
    const TempDir cpu_state;
    train_step(resumed, {documents});
    TrainingState(resumed, StateMemory::kCopied).write(cpu_state.path().string());
    back.restore(cpu_state.path().string());
    EXPECT_TRUE(identical(weights_of(back), weights_of(resumed)));
  }
}

TEST_P(Vocabulary, IsCutAmongRanksWithItsPadding) {
  if (has_gpu()) GTEST_SKIP() << "a LocalNetwork copies memory of the host";
  const ModelConfig model = padded_model(GetParam());
  const Documents documents = random_documents({9, 17, 4, 12}, 3);
  Engine alone(model, 7, on(Device::kCpu));
  std::vector<double> losses;
  for (int step = 0; step < 5; ++step) losses.push_back(train_step(alone, {documents}).loss);
  const World world({.ranks = 3});
  run_ranks(3, [&](int rank) {
    Engine engine(model, 7, world.config(rank, on(Device::kCuda)));
    for (int step = 0; step < 5; ++step) {
      for (const Documents& batch : rank_batches(documents, rank, 3, true))
        engine.accumulate(batch.micro_batch(), documents.token_weight());
      const StepMetrics metrics = engine.apply(1e-2);
      EXPECT_NEAR(metrics.loss, losses[static_cast<size_t>(step)], 1e-3) << step;
    }
  });
}

TEST_P(Vocabulary, PaddingIsNeverGenerated) {
  const ModelConfig model = padded_model(GetParam());
  EngineConfig config = on(Device::kCuda);
  config.trainable = false;
  Engine engine(model, 7, config);
  Generation generation(engine, 3, 200);
  const std::vector<int32_t> prompt = random_tokens(5, 1);
  for (uint64_t seed = 0; seed < 3; ++seed)
    generation.open(prompt.data(), 5, {.temperature = 100.0, .top_p = 1.0, .seed = seed});
  std::vector<int32_t> tokens(3);
  std::vector<int> seen(97);
  for (int step = 0; step < 190; ++step) {
    generation.step(tokens.data());
    for (const int32_t token : tokens) {
      ASSERT_GE(token, 0);
      ASSERT_LT(token, 97);
      ++seen[static_cast<size_t>(token)];
    }
  }
  EXPECT_GT(*std::min_element(seen.begin(), seen.end()), 0);  // almost uniform: all are possible
}

}  // namespace
}  // namespace dmt::engine_vocabulary_test
