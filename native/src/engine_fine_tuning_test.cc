// A small model is fine-tuned on the GPU and goes on on the CPU, as who has lost the GPU would.
#include "base/temp_dir.h"
#include "test_model.h"

namespace dmt::engine_fine_tuning_test {
namespace {

constexpr int kSteps = 40;

/// Heads of 64 and rows that are no multiple of 8: the shapes that GPUs compute with fast kernels.
ModelConfig model_to_tune() {
  ModelConfig model = small_model();
  model.vocab_size = 97;
  model.hidden_size = 256;
  model.intermediate_size = 688;
  model.layers = 2;
  model.heads = 4;
  model.kv_heads = 2;
  model.head_dim = 64;
  model.initializer_range = 0.02;
  return model;
}

/// Sentences that count: token n + 1 follows token n, from a random one on.
Documents counting_documents(int step) {
  std::mt19937_64 random(static_cast<uint64_t>(step));
  Documents documents;
  for (const int32_t length : {32, 15, 32, 21}) {
    std::vector<int32_t> tokens{static_cast<int32_t>(random() % 97)};
    while (static_cast<int32_t>(tokens.size()) < length) tokens.push_back((tokens.back() + 1) % 97);
    documents.add(tokens);
  }
  return documents;
}

double train(Engine& engine, int first, int end) {
  double loss = 0.0;
  for (int step = first; step < end; ++step) loss = train_step(engine, {counting_documents(step)}, 2e-3).loss;
  return loss;
}

class FineTuning : public testing::TestWithParam<DType> {
 protected:
  FineTuning() {
    test_device();
    if (!has_gpu()) use_host_gpu();
  }
  ~FineTuning() override { use_test_gpu(); }
  EngineConfig on(Device device) const {
    EngineConfig config = small_config(GetParam());
    config.device = device;
    config.threads = 1;
    return config;
  }
};
INSTANTIATE_TEST_SUITE_P(DTypes, FineTuning, testing::Values(DType::kFloat32, DType::kBFloat16),
                         [](const auto& info) {
                           return info.param == DType::kFloat32 ? "Float32" : "BFloat16";
                         });

TEST_P(FineTuning, OnTheGpuGoesOnOnTheCpu) {
  Engine gpu(model_to_tune(), 7, on(Device::kCuda));
  const double first = train(gpu, 0, 1), half = train(gpu, 1, kSteps / 2);
  const TempDir state;
  TrainingState(gpu, StateMemory::kCopied).write(state.path().string());
  Engine cpu(model_to_tune(), 8, on(Device::kCpu));
  cpu.restore(state.path().string());
  EXPECT_TRUE(identical(weights_of(cpu), weights_of(gpu)));
  const double on_cpu = train(cpu, kSteps / 2, kSteps), on_gpu = train(gpu, kSteps / 2, kSteps);
  EXPECT_LT(half, 0.95 * first);
  EXPECT_LT(on_cpu, 0.7 * half);
  EXPECT_NEAR(on_cpu, on_gpu, GetParam() == DType::kFloat32 ? 1e-3 : 0.1);
}

}  // namespace
}  // namespace dmt::engine_fine_tuning_test
