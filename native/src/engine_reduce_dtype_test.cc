// What it costs in loss that gradients travel in bfloat16: docs/gpu.md has the figures that the test prints.
#include <cstdio>

#include "base/thread_count_scope.h"
#include "test_world.h"

namespace dmt::engine_reduce_dtype_test {
namespace {

constexpr int kRanks = 4;
constexpr int kSteps = 100;

/// Four blocks of 128, in bfloat16 as on a GPU.
ModelConfig model_to_train() {
  ModelConfig model = small_model();
  model.vocab_size = 96;
  model.hidden_size = 128;
  model.intermediate_size = 344;
  model.layers = 4;
  model.heads = 4;
  model.kv_heads = 4;
  model.head_dim = 32;
  model.initializer_range = 0.02;
  return model;
}

/// A text that can be learnt: each token follows from the one before, but for one in five.
Documents learnable_documents(int step) {
  std::mt19937_64 random(static_cast<uint64_t>(1000 + step));
  Documents documents;
  for (int d = 0; d < 2 * kRanks; ++d) {
    std::vector<int32_t> tokens{static_cast<int32_t>(random() % 96)};
    while (tokens.size() < 48)
      tokens.push_back(
          static_cast<int32_t>(random() % 5 == 0 ? random() % 96 : (tokens.back() * 7 + 3) % 96));
    documents.add(tokens);
  }
  return documents;
}

std::vector<double> losses_of(DType reduce_dtype, uint64_t seed) {
  const World world({.ranks = kRanks, .reduce_dtype = reduce_dtype});
  std::vector<double> losses;
  run_ranks(kRanks, [&](int rank) {
    EngineConfig config = world.config(rank, small_config(DType::kBFloat16));
    Engine engine(model_to_train(), seed, config);
    for (int step = 0; step < kSteps; ++step) {
      const Documents documents = learnable_documents(step);
      for (const Documents& batch : rank_batches(documents, rank, kRanks, false))
        engine.accumulate(batch.micro_batch(), documents.token_weight());
      const double loss = engine.apply(2e-3).loss;
      if (rank == 0) losses.push_back(loss);
    }
  });
  return losses;
}

TEST(MultirankReduceDType, InBFloat16ChangesTheLossByLessThanAnotherSeedDoes) {
  const ThreadCountScope one_thread(1);
  const std::vector<double> exact = losses_of(DType::kFloat32, 7), rounded = losses_of(DType::kBFloat16, 7);
  const std::vector<double> other_seed = losses_of(DType::kFloat32, 8);
  double largest = 0.0, sum = 0.0, seeds = 0.0;
  for (int step = 0; step < kSteps; ++step) {
    const auto s = static_cast<size_t>(step);
    largest = std::max(largest, std::abs(rounded[s] - exact[s]));
    sum += rounded[s] - exact[s];
    seeds = std::max(seeds, std::abs(other_seed[s] - exact[s]));
  }
  std::printf(
      "loss of step 1 %.4f, of step %d %.4f in float32 and %.4f in bfloat16; difference: mean %+.5f, largest "
      "%.5f; of another seed: largest %.5f\n",
      exact.front(), kSteps, exact.back(), rounded.back(), sum / kSteps, largest, seeds);
  EXPECT_LT(exact.back(), 0.75 * exact.front());
  EXPECT_GT(largest, 0.0);  // it does round
  EXPECT_LT(largest, seeds / 2);
  EXPECT_LT(std::abs(sum / kSteps), 0.005);
}

}  // namespace
}  // namespace dmt::engine_reduce_dtype_test
