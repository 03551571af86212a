// Resident memory must not grow from step to step, nor from request to request.
#include <malloc.h>

#include <fstream>

#include "base/parallel.h"
#include "test_model.h"

namespace dmt::engine_memory_test {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kQuarantine = true;
#else
constexpr bool kQuarantine = false;
#endif

int64_t resident_kilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stoll(line.substr(6));
  }
  return -1;
}

/// On one thread: handing such small work to others takes longer than doing it.
EngineConfig one_thread(DType dtype) {
  EngineConfig config = small_config(dtype);
  config.threads = 1;
  return config;
}

ModelConfig tiny_model() {
  ModelConfig model = small_model();
  model.hidden_size = 12;
  model.heads = 2;
  model.kv_heads = 1;
  model.head_dim = 6;
  model.intermediate_size = 16;
  return model;
}

/// Kilobytes that resident memory grows by from iteration 200 to 2000.
template <typename F>
int64_t growth(const F& iteration) {
  int64_t before = 0;
  for (uint64_t i = 0; i < 2000; ++i) {
    if (i == 200) before = resident_kilobytes();
    iteration(i);
  }
  return resident_kilobytes() - before;
}

class ResidentMemory : public testing::TestWithParam<DType> {
 protected:
  void TearDown() override { set_thread_count(0); }
  void SetUp() override {
    if (kQuarantine) GTEST_SKIP() << "the address sanitizer keeps freed memory";
    if (resident_kilobytes() < 0) GTEST_SKIP() << "no VmRSS in /proc/self/status";
  }
};
INSTANTIATE_TEST_SUITE_P(DTypes, ResidentMemory, testing::Values(DType::kFloat32, DType::kBFloat16),
                         [](const auto& info) {
                           return info.param == DType::kFloat32 ? "Float32" : "BFloat16";
                         });

TEST_P(ResidentMemory, DoesNotGrowOverTwoThousandSteps) {
  EngineConfig config = one_thread(GetParam());
  config.recompute = Recompute::kCheap;
  Engine engine(tiny_model(), 7, config);
  // Five shapes in turn, all of which have been seen before step 200.
  std::vector<std::vector<Documents>> steps;
  for (const int32_t length : {3, 30, 17, 8, 25}) {
    steps.push_back({random_documents({length, 5}, 1), random_documents({length}, 2)});
  }
  EXPECT_LT(growth([&](uint64_t i) { train_step(engine, steps[i % steps.size()], 1e-3); }), 1024);
}

TEST_P(ResidentMemory, DoesNotGrowOverTwoThousandRequests) {
  EngineConfig config = one_thread(GetParam());
  config.trainable = false;
  Engine engine(tiny_model(), 7, config);
  Generation generation(engine, 2, 40);
  const std::vector<int32_t> prompt = random_tokens(20, 1);
  const auto request = [&](uint64_t i) {
    const int32_t slot = generation.open(prompt.data(), 1 + static_cast<int32_t>(i % 20), SamplingConfig{});
    int32_t tokens[2];
    for (int step = 0; step < 3; ++step) generation.step(tokens);
    generation.close(slot);
  };
  EXPECT_LT(growth(request), 1024);
}

TEST_P(ResidentMemory, IsGivenBackByEnginesThatAreGone) {
  const auto engine_of_five_megabytes = [&](uint64_t seed) {
    ModelConfig model = small_model();
    model.vocab_size = 4001;
    Engine engine(model, seed, one_thread(GetParam()));
    train_step(engine, {random_documents({20}, 1)});
  };
  for (uint64_t i = 0; i < 10; ++i) engine_of_five_megabytes(i);
  const int64_t before = resident_kilobytes();
  for (uint64_t i = 0; i < 30; ++i) engine_of_five_megabytes(i);
  // Thirty engines that stayed would hold 150 MB. The heap keeps some pages of its own, more or fewer of them
  // from run to run: less than a tenth of that.
  EXPECT_LT(resident_kilobytes() - before, 15000);
}

TEST(MultirankResidentMemory, OfASimulatedRankGrowsAsItsAccountSays) {
  if (kQuarantine) GTEST_SKIP() << "the address sanitizer keeps freed memory";
  if (resident_kilobytes() < 0) GTEST_SKIP() << "no VmRSS in /proc/self/status";
  ModelConfig model = small_model();
  model.vocab_size = 8000;
  model.hidden_size = 512;
  model.intermediate_size = 1408;
  model.layers = 8;
  model.heads = 8;
  model.kv_heads = 8;
  model.head_dim = 64;
  for (const int ranks : {2, 4}) {
    EngineConfig config = one_thread(DType::kFloat32);
    config.parallel.world_size = ranks;
    config.parallel.group_kind = GroupKind::kSimulated;
    malloc_trim(0);  // pages that the heap keeps of earlier engines would be used again
    const int64_t before = resident_kilobytes();
    Engine engine(model, 7, config);
    const Documents documents = random_documents({32}, 1);
    engine.accumulate(documents.micro_batch(), documents.token_weight() / ranks);
    engine.apply(1e-3);
    const MemoryAccount account = engine.memory_account();
    const int64_t bytes = account.total();
    const auto growth = static_cast<double>((resident_kilobytes() - before) * 1024);
    EXPECT_NEAR(growth / static_cast<double>(bytes), 1.0, 0.1) << ranks << " ranks, " << bytes << " bytes";
  }
  set_thread_count(0);
}

}  // namespace
}  // namespace dmt::engine_memory_test
