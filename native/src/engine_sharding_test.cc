// What sharding costs and saves: memory by the account and by the system, collectives, overlap.
#include <algorithm>
#include <chrono>

#include "base/expect_error.h"
#include "base/thread_count_scope.h"
#include "test_world.h"

namespace dmt::engine_sharding_test {
namespace {

/// LLaMA 33B (paper's "30B"): 32,528,943,616 parameters.
ModelConfig llama_33b() {
  ModelConfig model;
  model.vocab_size = 32000;
  model.hidden_size = 6656;
  model.intermediate_size = 17920;
  model.layers = 60;
  model.heads = 52;
  model.kv_heads = 52;
  model.head_dim = 128;
  model.max_position_embeddings = 2048;
  return model;
}

constexpr int64_t k33bParameters = 32'528'943'616;
constexpr int64_t k33bBlock = 4 * 6656ll * 6656 + 3 * 6656ll * 17920 + 2 * 6656;

EngineConfig bfloat16_on(int ranks, Sharding sharding, int node_size = 1) {
  EngineConfig config = small_config(DType::kBFloat16);
  config.parallel = WorldLayout{.ranks = ranks, .sharding = sharding, .node_size = node_size}.config(0);
  config.parallel.reduce_dtype = DType::kBFloat16;
  return config;
}

/// Padding may add less than one element per rank and unit.
void expect_bytes(int64_t actual, int64_t parameters, int64_t bytes_each, int ranks) {
  EXPECT_GE(actual * ranks, parameters * bytes_each);
  EXPECT_LE(actual * ranks, (parameters + 62 * ranks) * bytes_each);
}

TEST(PlannedMemory, Of33bOnEightRanksFollowsTheFormula) {
  const MemoryAccount account = planned_memory(llama_33b(), bfloat16_on(8, Sharding::kFull));
  expect_bytes(account.weights, k33bParameters, 2, 8);
  expect_bytes(account.master_weights, k33bParameters, 2, 8);
  expect_bytes(account.gradients, k33bParameters, 4, 8);
  expect_bytes(account.optimizer_states, k33bParameters, 8, 8);
  // Two gathered blocks in bfloat16; one of gradients in float32, its copy on the wire and what arrives.
  EXPECT_EQ(account.buffers, k33bBlock * (2 * 2 + 4 + 2 + 2));
  EXPECT_EQ(account.activations_peak, 0);
  // Of which an eighth arrives where the backend adds.
  EngineConfig backend_adds = bfloat16_on(8, Sharding::kFull);
  backend_adds.parallel.reduce_collective = ReduceCollective::kReduceScatter;
  EXPECT_EQ(planned_memory(llama_33b(), backend_adds).buffers,
            k33bBlock * (2 * 2 + 4 + 2) + k33bBlock / 8 * 2);
}

TEST(PlannedMemory, ShrinksWithTheRanksByMode) {
  const auto plan = [](int ranks, Sharding sharding, int node_size = 1) {
    return planned_memory(llama_33b(), bfloat16_on(ranks, sharding, node_size));
  };
  for (const int ranks : {2, 16, 64}) {
    const MemoryAccount full = plan(ranks, Sharding::kFull);
    expect_bytes(full.weights + full.master_weights + full.gradients + full.optimizer_states, k33bParameters,
                 16, ranks);
    const MemoryAccount grad_op = plan(ranks, Sharding::kGradOp);
    expect_bytes(grad_op.weights, k33bParameters, 2, 1);
    expect_bytes(grad_op.gradients + grad_op.optimizer_states, k33bParameters, 12, ranks);
    const MemoryAccount hybrid = plan(ranks, Sharding::kHybrid, 2);
    expect_bytes(hybrid.optimizer_states, k33bParameters, 8, 2);
    const MemoryAccount none = plan(ranks, Sharding::kNone);
    expect_bytes(none.optimizer_states, k33bParameters, 8, 1);
  }
  const MemoryAccount alone = plan(1, Sharding::kFull);
  EXPECT_EQ(alone.weights, 2 * k33bParameters);
  EXPECT_EQ(alone.buffers, 0);
}

TEST(PlannedMemory, RefusesWhatAnEngineWouldRefuse) {
  EngineConfig config = bfloat16_on(8, Sharding::kHybrid, 3);
  EXPECT_ERROR(planned_memory(llama_33b(), config),
               "hybrid sharding needs a node_size that divides the world size of 8, got 3");
}

TEST(MultirankMemory, TheAccountIsAsPlanned) {
  for (const Sharding sharding : {Sharding::kFull, Sharding::kGradOp, Sharding::kHybrid, Sharding::kNone}) {
    for (const auto reduction : {GradientReduction::kEachMicroBatch, GradientReduction::kEachStep}) {
      for (const DType reduce_dtype : {DType::kFloat32, DType::kBFloat16}) {
        const World world({.ranks = 4,
                           .sharding = sharding,
                           .node_size = 2,
                           .gradient_reduction = reduction,
                           .reduce_dtype = reduce_dtype,
                           .reduce_collective = reduce_dtype == DType::kFloat32
                                                    ? ReduceCollective::kReduceScatter
                                                    : ReduceCollective::kAllToAll});
        run_ranks(4, [&](int rank) {
          const EngineConfig config = world.config(rank, small_config());
          const MemoryAccount plan = planned_memory(small_model(), config);
          const MemoryAccount account = Engine(small_model(), 7, config).memory_account();
          EXPECT_EQ(account.weights, plan.weights);
          EXPECT_EQ(account.master_weights, plan.master_weights);
          EXPECT_EQ(account.gradients, plan.gradients);
          EXPECT_EQ(account.optimizer_states, plan.optimizer_states);
          EXPECT_EQ(account.buffers, plan.buffers);
        });
      }
    }
  }
}

/// All-gathers and reduce-scatters of a step with `micro_batches`, of a model of eight blocks.
int64_t collectives_of_a_step(const WorldLayout& layout, int micro_batches) {
  const World world(layout);
  int64_t collectives = 0;
  run_ranks(layout.ranks, [&](int rank) {
    ModelConfig model = small_model();
    model.layers = 8;
    Engine engine(model, 7, world.config(rank, small_config()));
    const Documents documents = random_documents({5}, 1);
    const auto step = [&] {
      for (int i = 0; i < micro_batches; ++i)
        engine.accumulate(documents.micro_batch(), documents.token_weight() / (micro_batches * layout.ranks));
      engine.apply(1e-3);
    };
    step();
    const int64_t before = world.calls(rank);
    step();
    if (rank == 0) collectives = world.calls(0) - before;
  });
  return collectives;
}

TEST(MultirankCollectives, AreAsManyAsTheModeNeeds) {
  constexpr int kUnits = 10, kLosses = 1, kNorm = 1;
  // Gathers: every unit once; blocks but the last once more in the backward pass; of the next micro-batch's
  // forward pass the first block is still there.
  constexpr int kGathers = kUnits + 7;
  EXPECT_EQ(collectives_of_a_step({.ranks = 2}, 1), kGathers + kUnits + kLosses + kNorm);
  EXPECT_EQ(collectives_of_a_step({.ranks = 2}, 3), 3 * kGathers - 2 + 3 * kUnits + kLosses + kNorm);
  EXPECT_EQ(collectives_of_a_step({.ranks = 2, .gradient_reduction = GradientReduction::kEachStep}, 3),
            3 * kGathers - 2 + kUnits + kLosses + kNorm);
  EXPECT_EQ(collectives_of_a_step({.ranks = 2, .sharding = Sharding::kGradOp}, 3),
            kUnits + 3 * kUnits + kLosses + kNorm);
}

TEST(MultirankClock, TellsWhatCommunicationIsExposed) {
  WorldLayout layout{.ranks = 2};
  layout.delay = Milliseconds(5);
  const World world(layout);
  run_ranks(2, [&](int rank) {
    Engine engine(small_model(), 7, world.config(rank, small_config()));
    const Documents documents = random_documents({9, 17}, 1);
    engine.start_clock();
    engine.accumulate(documents.micro_batch(), documents.token_weight() / 2);
    engine.apply(1e-3);
    const WorkSeconds seconds = engine.stop_clock();
    EXPECT_GT(seconds.communication, 0.020) << "little is computed beside so many collectives";
    EXPECT_LT(seconds.communication, seconds.total);
  });
}

/// Beside a frozen model gradients of the adapter alone travel, and quantised blocks in their bytes.
TEST(MultirankPrediction, CountsEveryByteOfAnAdaptersStep) {
  for (const Sharding sharding : {Sharding::kFull, Sharding::kGradOp}) {
    for (const auto reduction : {GradientReduction::kEachMicroBatch, GradientReduction::kEachStep}) {
      for (const BaseWeights weights : {BaseWeights::kComputeDtype, BaseWeights::kNf4}) {
        for (const int micro_batches : {1, 3}) {
          SCOPED_TRACE(testing::Message() << static_cast<int>(sharding) << static_cast<int>(reduction)
                                          << static_cast<int>(weights) << micro_batches);
          const World world({.ranks = 2, .sharding = sharding, .gradient_reduction = reduction});
          ModelConfig model = small_model();
          model.layers = 4;
          const auto config = [&](int rank) {
            EngineConfig own = world.config(rank, small_config());
            own.base_weights = weights;
            std::fill_n(own.adapter.ranks, weights == BaseWeights::kNf4 ? 7 : kAdapterTargets, 4);
            std::fill_n(own.adapter.alphas, kAdapterTargets, 8.0);
            return own;
          };
          int64_t bytes = 0;
          run_ranks(2, [&](int rank) {
            Engine engine(model, 7, config(rank));
            const Documents documents = random_documents({9, 17}, 1);
            for (int step = 0; step < 2; ++step) {
              if (rank == 0) bytes = world.bytes(0);
              for (int i = 0; i < micro_batches; ++i)
                engine.accumulate(documents.micro_batch(), documents.token_weight() / (2 * micro_batches));
              engine.apply(1e-3);
            }
            if (rank == 0) bytes = world.bytes(0) - bytes;
          });
          const StepPrediction prediction = predict_step(model, config(0), WorkSeconds{}, micro_batches,
                                                         Interconnect{.all_gather = 1, .reduce_scatter = 1});
          constexpr double kSums = 200;  // losses and norms of the step
          EXPECT_NEAR(static_cast<double>(bytes), prediction.communication, kSums);
        }
      }
    }
  }
}

/// What predict_step() takes to travel is what does.
TEST(MultirankPrediction, CountsEveryByteOfAStep) {
  for (const Sharding sharding : {Sharding::kFull, Sharding::kGradOp}) {
    for (const auto reduction : {GradientReduction::kEachMicroBatch, GradientReduction::kEachStep}) {
      for (const bool ties : {false, true}) {
        for (const int micro_batches : {1, 3}) {
          SCOPED_TRACE(testing::Message()
                       << static_cast<int>(sharding) << static_cast<int>(reduction) << ties << micro_batches);
          // A ring's reduce-scatter moves what an all-to-all does.
          const World world(
              {.ranks = 2,
               .sharding = sharding,
               .gradient_reduction = reduction,
               .reduce_collective = ties ? ReduceCollective::kReduceScatter : ReduceCollective::kAllToAll});
          ModelConfig model = small_model();
          model.layers = 4;
          model.tie_word_embeddings = ties;
          int64_t bytes = 0;
          run_ranks(2, [&](int rank) {
            Engine engine(model, 7, world.config(rank, small_config()));
            const Documents documents = random_documents({9, 17}, 1);
            for (int step = 0; step < 2; ++step) {
              if (rank == 0) bytes = world.bytes(0);
              for (int i = 0; i < micro_batches; ++i)
                engine.accumulate(documents.micro_batch(), documents.token_weight() / (2 * micro_batches));
              engine.apply(1e-3);
            }
            if (rank == 0) bytes = world.bytes(0) - bytes;
          });
          const StepPrediction prediction =
              predict_step(model, world.config(0, small_config()), WorkSeconds{}, micro_batches,
                           Interconnect{.all_gather = 1, .reduce_scatter = 1});
          constexpr double kSums = 200, kFinalNorm = 4 * 36 * 4;  // losses and norms of the step; a tied head
          EXPECT_NEAR(static_cast<double>(bytes), prediction.communication,
                      kSums + (ties ? 8 * kFinalNorm : 0));
        }
      }
    }
  }
}

/// Milliseconds of a step of rank 0, the least of several: others use the machine too.
double step_milliseconds(int blocks, Milliseconds delay) {
  WorldLayout layout{.ranks = 2};
  layout.delay = delay;
  layout.reduce_group = false;  // one wire for all
  const World world(layout);
  double least = 1e9;
  run_ranks(2, [&](int rank) {
    ModelConfig model = small_model();
    model.layers = blocks;
    model.hidden_size = 128;
    model.intermediate_size = 384;
    model.heads = 4;
    model.kv_heads = 4;
    model.head_dim = 32;
    Engine engine(model, 7, world.config(rank, small_config()));
    const Documents documents = random_documents({200, 200}, 1);
    for (int step = 0; step < 6; ++step) {
      const auto start = std::chrono::steady_clock::now();
      engine.accumulate(documents.micro_batch(), documents.token_weight() / 2);
      engine.apply(1e-3);
      const Milliseconds time = std::chrono::steady_clock::now() - start;
      if (rank == 0 && step > 0) least = std::min(least, time.count());
    }
  });
  return least;
}

TEST(MultirankOverlap, CommunicationHidesBehindComputationSlow) {
  const ThreadCountScope one_thread(1);
  constexpr int kBlocks = 8;
  const double compute = step_milliseconds(kBlocks, Milliseconds(0));
  // As long on the wire as computing takes: 17 gathers, 10 reductions and 2 small sums follow each other.
  const double communication = compute, collectives = 29;
  const double both = step_milliseconds(kBlocks, Milliseconds(communication / collectives));
  RecordProperty("compute_ms", std::to_string(compute));
  RecordProperty("both_ms", std::to_string(both));
  // Hidden: near max(compute, communication). Not hidden: their sum, twice as much.
  EXPECT_LT(both, 1.5 * compute) << "computation " << compute << " ms, with as much communication " << both;
}

}  // namespace
}  // namespace dmt::engine_sharding_test
