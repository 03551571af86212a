// Optimizer states of two bytes: what they take, that they converge, and that a step's bits are reproducible.
#include <cmath>
#include <numeric>

#include "base/expect_error.h"
#include "base/temp_dir.h"
#include "base/thread_count_scope.h"
#include "test_world.h"

namespace dmt::engine_bf16_states_test {
namespace {

EngineConfig config_with(DType states) {
  EngineConfig config = small_config(DType::kBFloat16);
  config.optimizer_states = states;
  config.threads = 1;
  return config;
}

/// Steps [first, end) over the same few documents. @return their losses
std::vector<double> train(Engine& engine, int rank, int ranks, int first, int end, double rate = 1e-3) {
  std::vector<double> losses;
  const Documents documents = random_documents({9, 17, 4, 12, 7, 5}, 100);
  for (int step = first; step < end; ++step) {
    for (const Documents& batch : rank_batches(documents, rank, ranks, true))
      engine.accumulate(batch.micro_batch(), documents.token_weight());
    losses.push_back(engine.apply(rate).loss);
  }
  return losses;
}

class Bf16States : public testing::Test {
 protected:
  ThreadCountScope one_thread_{1};
};

TEST_F(Bf16States, TakeSixBytesPerParameter) {
  Engine engine(small_model(), 7, config_with(DType::kBFloat16));
  const MemoryAccount account = engine.memory_account();
  EXPECT_EQ(account.weights, 2 * engine.parameter_count());
  EXPECT_EQ(account.master_weights, 0);
  EXPECT_EQ(account.optimizer_states, 4 * engine.parameter_count());
  EXPECT_EQ(planned_memory(small_model(), config_with(DType::kBFloat16)).optimizer_states,
            account.optimizer_states);
}

TEST_F(Bf16States, LearnAsFloat32StatesDo) {
  Engine exact(small_model(), 7, config_with(DType::kFloat32));
  Engine small(small_model(), 7, config_with(DType::kBFloat16));
  const std::vector<double> expected = train(exact, 0, 1, 0, 150);
  const std::vector<double> actual = train(small, 0, 1, 0, 150);
  ASSERT_LT(expected.back(), 0.5 * expected.front()) << "there is something to learn";
  // The path is a random one: what counts is how far it has come, over the last steps.
  const auto tail = [](const std::vector<double>& losses) {
    return std::accumulate(losses.end() - 10, losses.end(), 0.0) / 10;
  };
  EXPECT_NEAR(tail(actual), tail(expected), 0.05 * (expected.front() - tail(expected)));
}

TEST_F(Bf16States, SmallUpdatesAreNotLost) {
  // A rate at which an update is far below half a unit in the last place of most weights: rounding to
  // nearest would leave them where they are.
  Engine exact(small_model(), 7, config_with(DType::kFloat32));
  Engine small(small_model(), 7, config_with(DType::kBFloat16));
  const std::vector<double> expected = train(exact, 0, 1, 0, 200, 2e-5);
  const std::vector<double> actual = train(small, 0, 1, 0, 200, 2e-5);
  const double learnt = expected.front() - expected.back();
  ASSERT_GT(learnt, 0.0);
  EXPECT_NEAR(actual.front() - actual.back(), learnt, 0.35 * learnt);
}

TEST_F(Bf16States, GiveTheSameBitsTwiceAndOnAllRanks) {
  for (const WorldLayout& layout : {WorldLayout{.ranks = 1}, WorldLayout{.ranks = 3},
                                    WorldLayout{.ranks = 2, .sharding = Sharding::kNone}}) {
    std::vector<std::vector<float>> weights(static_cast<size_t>(2 * layout.ranks));
    for (int time = 0; time < 2; ++time) {
      const World world(layout);
      run_ranks(layout.ranks, [&](int rank) {
        Engine engine(small_model(), 7, world.config(rank, config_with(DType::kBFloat16)));
        train(engine, rank, layout.ranks, 0, 4);
        weights[static_cast<size_t>(time * layout.ranks + rank)] = weights_of(engine);
      });
    }
    for (const std::vector<float>& each : weights) EXPECT_TRUE(identical(each, weights[0]));
  }
}

TEST_F(Bf16States, GoOnFromACheckpointBitForBit) {
  const World world({.ranks = 2});
  const TempDir dir;
  std::vector<float> unbroken, resumed;
  run_ranks(2, [&](int rank) {
    Engine engine(small_model(), 7, world.config(rank, config_with(DType::kBFloat16)));
    train(engine, rank, 2, 0, 3);
    TrainingState state(engine, StateMemory::kCopied);
    EXPECT_LT(state.bytes(), 6 * engine.parameter_count() / 2 + 16384);
    state.write(dir.path().string());
    train(engine, rank, 2, 3, 6);
    const std::vector<float> weights = weights_of(engine);
    if (rank == 0) unbroken = weights;
  });
  run_ranks(2, [&](int rank) {
    Engine engine(small_model(), 8, world.config(rank, config_with(DType::kBFloat16)));
    engine.restore(dir.path().string());
    train(engine, rank, 2, 3, 6);
    const std::vector<float> weights = weights_of(engine);
    if (rank == 0) resumed = weights;
  });
  EXPECT_TRUE(identical(resumed, unbroken));
}

TEST_F(Bf16States, NeedWeightsInBFloat16) {
  EngineConfig config = small_config(DType::kFloat32);
  config.optimizer_states = DType::kBFloat16;
  EXPECT_ERROR(Engine(small_model(), 7, config), "optimizer_states bfloat16 needs compute_dtype bfloat16");
}

}  // namespace
}  // namespace dmt::engine_bf16_states_test
