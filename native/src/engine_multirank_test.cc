// Runs of several ranks train as one rank does, in every sharding mode.
#include <fstream>
#include <iterator>

#include "base/expect_error.h"
#include "base/temp_dir.h"
#include "base/thread_count_scope.h"
#include "test_world.h"

namespace dmt::engine_multirank_test {
namespace {

/// Six documents of different lengths; every step has others.
Documents step_documents(int step) {
  return random_documents({9, 17, 4, 12, 7, 5}, static_cast<uint64_t>(100 + 10 * step), 2);
}

EngineConfig two_sources() {
  EngineConfig config = small_config();
  config.source_count = 2;
  config.threads = 1;
  return config;
}

struct Trained {
  std::vector<double> losses, norms;
  std::vector<float> weights;
};

/// @param together one micro-batch per rank and step, else one per document
Trained train(Engine& engine, int rank, int ranks, bool together, int steps) {
  Trained trained;
  for (int step = 0; step < steps; ++step) {
    const Documents documents = step_documents(step);
    for (const Documents& batch : rank_batches(documents, rank, ranks, together))
      engine.accumulate(batch.micro_batch(), documents.token_weight());
    const StepMetrics metrics = engine.apply(1e-3);
    trained.losses.push_back(metrics.loss);
    trained.norms.push_back(metrics.gradient_norm);
    EXPECT_EQ(metrics.label_tokens, documents.label_tokens());
    EXPECT_EQ(metrics.tokens, static_cast<int64_t>(documents.ids.size()));
  }
  trained.weights = weights_of(engine);
  return trained;
}

/// What each rank of a world says after training.
std::vector<Trained> train_world(const WorldLayout& layout, const ModelConfig& model,
                                 const EngineConfig& config, bool together, int steps) {
  const World world(layout);
  std::vector<Trained> trained(static_cast<size_t>(layout.ranks));
  run_ranks(layout.ranks, [&](int rank) {
    Engine engine(model, 7, world.config(rank, config));
    trained[static_cast<size_t>(rank)] = train(engine, rank, layout.ranks, together, steps);
  });
  return trained;
}

Trained train_alone(const ModelConfig& model, const EngineConfig& config, bool together, int steps) {
  Engine engine(model, 7, config);
  return train(engine, 0, 1, together, steps);
}

const char* name_of(Sharding sharding) {
  switch (sharding) {
    case Sharding::kFull:
      return "Full";
    case Sharding::kGradOp:
      return "GradOp";
    case Sharding::kHybrid:
      return "Hybrid";
    case Sharding::kNone:
      return "None";
  }
  return "";
}

class MultirankTraining : public testing::TestWithParam<WorldLayout> {
 protected:
  ThreadCountScope one_thread_{1};
};
std::vector<WorldLayout> all_layouts(int least_ranks, int most_ranks) {
  std::vector<WorldLayout> layouts;
  for (int ranks = least_ranks; ranks <= most_ranks; ++ranks) {
    for (const Sharding sharding : {Sharding::kFull, Sharding::kGradOp, Sharding::kHybrid, Sharding::kNone}) {
      for (const auto reduction : {GradientReduction::kEachMicroBatch, GradientReduction::kEachStep}) {
        // Two nodes where the ranks can be halved, else one.
        const int node_size = ranks % 2 == 0 ? ranks / 2 : ranks;
        layouts.push_back(
            {.ranks = ranks, .sharding = sharding, .node_size = node_size, .gradient_reduction = reduction});
      }
    }
  }
  return layouts;
}
std::string name_of_layout(const testing::TestParamInfo<WorldLayout>& info) {
  const WorldLayout& layout = info.param;
  const bool each_step = layout.gradient_reduction == GradientReduction::kEachStep;
  return concat(layout.ranks, "Ranks", name_of(layout.sharding), each_step ? "ReducedEachStep" : "");
}
INSTANTIATE_TEST_SUITE_P(Layouts, MultirankTraining, testing::ValuesIn(all_layouts(1, 4)), name_of_layout);

TEST_P(MultirankTraining, FiftyStepsAreThoseOfOneRank) {
  for (const bool together : {true, false}) {
    for (const Recompute recompute : {Recompute::kNone, Recompute::kFull}) {
      SCOPED_TRACE(concat("together ", together, ", recompute ", static_cast<int>(recompute)));
      EngineConfig config = two_sources();
      config.recompute = recompute;
      const Trained expected = train_alone(small_model(), config, together, 50);
      for (const Trained& trained : train_world(GetParam(), small_model(), config, together, 50)) {
        EXPECT_TRUE(close(trained.losses, expected.losses, {1e-5, 0}));
        EXPECT_TRUE(close(trained.norms, expected.norms, {0, 1e-4}));
        EXPECT_TRUE(close(trained.weights, expected.weights, {1e-5, 0}));
      }
    }
  }
}

TEST_P(MultirankTraining, TiedEmbeddingsToo) {
  ModelConfig model = small_model();
  model.tie_word_embeddings = true;
  const Trained expected = train_alone(model, two_sources(), false, 20);
  for (const Trained& trained : train_world(GetParam(), model, two_sources(), false, 20)) {
    EXPECT_TRUE(close(trained.losses, expected.losses, {1e-5, 0}));
    EXPECT_TRUE(close(trained.weights, expected.weights, {1e-5, 0}));
  }
}

TEST_P(MultirankTraining, GivesTheSameBitsTwiceAndOnAllRanks) {
  EngineConfig config = two_sources();
  config.compute_dtype = DType::kBFloat16;
  WorldLayout layout = GetParam();
  layout.reduce_dtype = DType::kBFloat16;
  const std::vector<Trained> first = train_world(layout, small_model(), config, false, 5);
  const std::vector<Trained> second = train_world(layout, small_model(), config, false, 5);
  for (const std::vector<Trained>& run : {first, second}) {
    for (const Trained& trained : run) {
      EXPECT_TRUE(identical(trained.losses, first[0].losses));
      EXPECT_TRUE(identical(trained.weights, first[0].weights));
    }
  }
  // bfloat16 has 8 bits: losses near 5 are known to about 0.02.
  EXPECT_TRUE(close(first[0].losses, train_alone(small_model(), config, false, 5).losses, {0.03, 0}));
}

/// The same layouts, with the backend's own sums.
class MultirankReduceScatter : public MultirankTraining {
 protected:
  static WorldLayout layout(DType reduce_dtype) {
    WorldLayout layout = GetParam();
    layout.reduce_collective = ReduceCollective::kReduceScatter;
    layout.reduce_dtype = reduce_dtype;
    return layout;
  }
};
INSTANTIATE_TEST_SUITE_P(Layouts, MultirankReduceScatter, testing::ValuesIn(all_layouts(2, 3)),
                         name_of_layout);

TEST_P(MultirankReduceScatter, TrainsAsAllToAllDoes) {
  const std::vector<Trained> expected = train_world(GetParam(), small_model(), two_sources(), false, 20);
  for (const Trained& trained :
       train_world(layout(DType::kFloat32), small_model(), two_sources(), false, 20)) {
    EXPECT_TRUE(close(trained.losses, expected[0].losses, {1e-5, 0}));
    EXPECT_TRUE(close(trained.norms, expected[0].norms, {0, 1e-4}));
    EXPECT_TRUE(close(trained.weights, expected[0].weights, {1e-5, 0}));
  }
}

TEST_P(MultirankReduceScatter, RoundsMoreInBFloat16) {
  EngineConfig config = two_sources();
  config.compute_dtype = DType::kBFloat16;
  const std::vector<Trained> ranks = train_world(layout(DType::kBFloat16), small_model(), config, false, 5);
  for (const Trained& trained : ranks) EXPECT_TRUE(identical(trained.weights, ranks[0].weights));
  // bfloat16 has 8 bits: losses near 5 are known to about 0.02.
  EXPECT_TRUE(close(ranks[0].losses, train_alone(small_model(), config, false, 5).losses, {0.03, 0}));
}

class Multirank : public testing::Test {
 protected:
  ThreadCountScope one_thread_{1};
};

TEST_F(Multirank, OneRankIsTheSameBitsInEveryMode) {
  const Trained expected = train_alone(small_model(), two_sources(), false, 5);
  for (const Sharding sharding : {Sharding::kFull, Sharding::kGradOp, Sharding::kHybrid, Sharding::kNone}) {
    for (const auto reduction : {GradientReduction::kEachMicroBatch, GradientReduction::kEachStep}) {
      EngineConfig config = two_sources();
      config.parallel.sharding = sharding;
      config.parallel.gradient_reduction = reduction;
      const Trained trained = train_alone(small_model(), config, false, 5);
      EXPECT_TRUE(identical(trained.losses, expected.losses));
      EXPECT_TRUE(identical(trained.weights, expected.weights));
    }
  }
}

TEST_F(Multirank, MoreRanksThanSomeUnitsHaveRows) {
  ModelConfig model = small_model();
  model.hidden_size = 4;
  model.heads = 2;
  model.kv_heads = 1;
  model.head_dim = 2;
  model.tie_word_embeddings = true;  // the head is a norm of four elements
  const Trained expected = train_alone(model, two_sources(), true, 10);
  for (const Trained& trained : train_world({.ranks = 7}, model, two_sources(), true, 10)) {
    EXPECT_TRUE(close(trained.losses, expected.losses, {1e-5, 0}));
    EXPECT_TRUE(close(trained.weights, expected.weights, {1e-5, 0}));
  }
}

TEST_F(Multirank, FreshWeightsAreTheSameForEveryWorldSize) {
  Engine alone(small_model(), 7, two_sources());
  const std::vector<float> expected = weights_of(alone);
  for (const int ranks : {2, 3, 5}) {
    const World world({.ranks = ranks});
    run_ranks(ranks, [&](int rank) {
      const Engine engine(small_model(), 7, world.config(rank, two_sources()));
      EXPECT_TRUE(identical(weights_of(engine), expected));
    });
  }
}

TEST_F(Multirank, GradientsAreThoseOfOneRank) {
  Engine alone(small_model(), 7, two_sources());
  const Documents documents = step_documents(1);
  alone.accumulate(documents.micro_batch(), documents.token_weight());
  const std::vector<float> expected = gradients_of(alone);
  for (const WorldLayout& layout : all_layouts(1, 4)) {
    const World world(layout);
    run_ranks(layout.ranks, [&](int rank) {
      Engine engine(small_model(), 7, world.config(rank, two_sources()));
      for (const Documents& batch : rank_batches(documents, rank, layout.ranks, false))
        engine.accumulate(batch.micro_batch(), documents.token_weight());
      EXPECT_TRUE(close(gradients_of(engine), expected, {1e-6, 1e-4}));
      EXPECT_TRUE(close(gradients_of(engine), expected, {1e-6, 1e-4})) << "reading them changed them";
    });
  }
}

TEST_F(Multirank, EvaluationAddsUpOverRanks) {
  Engine alone(small_model(), 7, two_sources());
  const Documents documents = step_documents(2);
  const Losses expected = evaluate(alone, documents, 2);
  const World world({.ranks = 4});
  run_ranks(4, [&](int rank) {
    Engine engine(small_model(), 7, world.config(rank, two_sources()));
    Losses losses(2);
    for (const Documents& batch : rank_batches(documents, rank, 4, false))
      engine.evaluate(batch.micro_batch(), losses.sums.data(), losses.tokens.data());
    engine.sum_over_ranks(losses.sums.data(), 2);
    EXPECT_TRUE(close(losses.sums, expected.sums, {1e-4, 0}));
  });
}

TEST_F(Multirank, HiddenStatesAreThoseOfOneRankAndTrainingGoesOn) {
  Engine alone(small_model(), 7, two_sources());
  const Documents documents = step_documents(3);
  const size_t size = 3 * documents.sources.size() * static_cast<size_t>(small_model().hidden_size);
  std::vector<float> expected(size);
  alone.hidden_states(documents.micro_batch(), Pooling::kMean, expected.data());
  const Trained trained_alone = train(alone, 0, 1, true, 3);
  const World world({.ranks = 2});
  run_ranks(2, [&](int rank) {
    Engine engine(small_model(), 7, world.config(rank, two_sources()));
    for (int time = 0; time < 3; ++time) {
      std::vector<float> states(size);
      engine.hidden_states(documents.micro_batch(), Pooling::kMean, states.data());
      EXPECT_TRUE(close(states, expected, {1e-5, 0}));
    }
    EXPECT_TRUE(close(train(engine, rank, 2, true, 3).losses, trained_alone.losses, {1e-5, 0}));
  });
}

TEST_F(Multirank, HeadsAreThoseOfOneRankInEveryMode) {
  const Documents documents = step_documents(3);
  const ModelConfig model = small_model();
  const size_t size =
      static_cast<size_t>(model.layers * model.heads * kAttentionMeasures) * documents.sources.size();
  std::vector<double> expected(size);
  Engine alone(model, 7, two_sources()), alone_before(model, 8, two_sources());
  alone.attention(documents.micro_batch(), alone_before, expected.data());
  Losses without(2);
  alone.evaluate_without_head(documents.micro_batch(), 1, 4, without.sums.data(), without.tokens.data());
  for (const Sharding sharding : {Sharding::kFull, Sharding::kGradOp, Sharding::kNone}) {
    const WorldLayout layout{.ranks = 2, .sharding = sharding};
    const World world(layout), before_world(layout);
    run_ranks(2, [&](int rank) {
      Engine engine(model, 7, world.config(rank, two_sources()));
      Engine before(model, 8, before_world.config(rank, two_sources()));
      for (int time = 0; time < 2; ++time) {
        std::vector<double> measures(size);
        engine.attention(documents.micro_batch(), before, measures.data());
        EXPECT_TRUE(close(measures, expected, {1e-5, 1e-5}));
      }
      Losses losses(2);
      engine.evaluate_without_head(documents.micro_batch(), 1, 4, losses.sums.data(), losses.tokens.data());
      EXPECT_TRUE(close(losses.sums, without.sums, {1e-4, 0}));
    });
  }
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST_F(Multirank, SavesAndLoadsWhatOneRankDoes) {
  const TempDir alone_folder, folder;
  Engine alone(small_model(), 7, two_sources());
  alone.save(alone_folder.path(), DType::kFloat32);
  for (const Sharding sharding : {Sharding::kFull, Sharding::kGradOp, Sharding::kNone}) {
    const World world({.ranks = 3, .sharding = sharding});
    run_ranks(3, [&](int rank) {
      const Engine engine(small_model(), 7, world.config(rank, two_sources()));
      engine.save(folder.path(), DType::kFloat32);
    });
    for (const char* file : {"model.safetensors", "config.json", "generation_config.json"})
      EXPECT_TRUE(bytes_of(folder / file) == bytes_of(alone_folder / file)) << file;
    const World loading({.ranks = 3, .sharding = sharding});
    run_ranks(3, [&](int rank) {
      const Engine engine(alone_folder.path(), loading.config(rank, two_sources()));
      EXPECT_TRUE(identical(weights_of(engine), weights_of(alone)));
    });
  }
}

TEST_F(Multirank, ASaveThatFailsFailsOnAllRanksAndLeavesThemUsable) {
  const World world({.ranks = 3});
  const Documents documents = step_documents(0);
  run_ranks(3, [&](int rank) {
    Engine engine(small_model(), 7, world.config(rank, two_sources()));
    const char* message =
        rank == 0 ? "cannot save to /nowhere: no such folder" : "rank 0 could not save the model";
    EXPECT_ERROR(engine.save("/nowhere", DType::kFloat32), message);
    train(engine, rank, 3, true, 1);
  });
}

TEST_F(Multirank, AStepThatIsNotFiniteLeavesAllRanksAsTheyWere) {
  const World world({.ranks = 2});
  run_ranks(2, [&](int rank) {
    Engine engine(small_model(), 7, world.config(rank, two_sources()));
    const Documents documents = step_documents(0);
    const Documents batch = rank_batches(documents, rank, 2, true)[0];
    engine.accumulate(batch.micro_batch(), documents.token_weight());
    engine.apply(1e30);
    const std::vector<float> before = weights_of(engine);
    engine.accumulate(batch.micro_batch(), documents.token_weight());
    EXPECT_ERROR(engine.apply(1e-3), "not finite; the weights are those of step 1");
    EXPECT_TRUE(identical(weights_of(engine), before));
  });
}

TEST_F(Multirank, WeightsOfAStepAreCheckedOverAllRanks) {
  const World world({.ranks = 2});
  run_ranks(2, [&](int rank) {
    Engine engine(small_model(), 7, world.config(rank, two_sources()));
    EXPECT_ERROR(engine.apply(1e-3), "apply needs at least one accumulate before it");
    const Documents documents = step_documents(0);
    const std::vector<Documents> batches = rank_batches(documents, rank, 2, true);
    engine.accumulate(batches[0].micro_batch(), 0.5 * documents.token_weight());
    EXPECT_ERROR(engine.apply(1e-3), "the label tokens of the step weigh 0.5, together they must weigh 1");
    engine.accumulate(batches[0].micro_batch(), 0.5 * documents.token_weight());
    EXPECT_EQ(engine.apply(1e-3).label_tokens, 2 * documents.label_tokens());
  });
}

/// Greedy tokens of a prompt; none if the rank has no prompt and takes part in those of the others.
std::vector<int32_t> generate(Engine& engine, const std::vector<int32_t>& prompt, int32_t steps,
                              int prompts_of_others = 0) {
  Generation generation(engine, 1, 32);
  std::vector<int32_t> tokens;
  const bool own = !prompt.empty();
  if (own) generation.open(prompt.data(), static_cast<int32_t>(prompt.size()), SamplingConfig());
  for (int i = 0; i < prompts_of_others; ++i) generation.take_part();
  for (int32_t step = 0; step < steps; ++step) {
    int32_t token = -1;
    generation.step(&token);
    if (own) tokens.push_back(token);
  }
  return tokens;
}

TEST_P(MultirankTraining, RanksGenerateWhatOneRankDoes) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    ModelConfig model = small_model();
    model.tie_word_embeddings = dtype == DType::kBFloat16;
    EngineConfig config = two_sources();
    config.compute_dtype = dtype;
    config.trainable = false;
    const World world(GetParam());
    const int ranks = GetParam().ranks;
    const auto prompt_of = [](int rank) { return random_tokens(3 + 4 * rank, 9); };
    Engine alone(model, 7, config);
    std::vector<std::vector<int32_t>> expected;
    for (int rank = 0; rank < ranks; ++rank) expected.push_back(generate(alone, prompt_of(rank), 12));
    run_ranks(ranks, [&](int rank) {
      Engine engine(model, 7, world.config(rank, config));
      // Each rank has a prompt of its own, the last of several ranks none.
      const bool idle = ranks > 1 && rank == ranks - 1;
      const std::vector<int32_t> prompt = idle ? std::vector<int32_t>() : prompt_of(rank);
      const std::vector<int32_t> tokens = generate(engine, prompt, 12, idle ? 1 : 0);
      if (!idle) EXPECT_EQ(tokens, expected[static_cast<size_t>(rank)]) << "rank " << rank;
    });
  }
}

TEST_F(Multirank, RanksWithWholeWeightsGenerateAlone) {
  const World whole({.ranks = 2, .sharding = Sharding::kGradOp});
  run_ranks(2, [&](int rank) {
    Engine engine(small_model(), 7, whole.config(rank, two_sources()));
    train(engine, rank, 2, true, 1);
    if (rank == 0) EXPECT_EQ(generate(engine, {1, 2, 3}, 2).size(), 2u);
  });
}

TEST_F(Multirank, GroupsMustBeThoseOfTheSharding) {
  const World world({.ranks = 4});
  EngineConfig config = world.config(1, two_sources());
  config.parallel.sharding = Sharding::kHybrid;
  config.parallel.node_size = 2;
  EXPECT_ERROR(Engine(small_model(), 7, config),
               "shard_group has rank 1 of 4, this sharding needs rank 1 of 2");
  config.parallel.node_size = 3;
  EXPECT_ERROR(Engine(small_model(), 7, config),
               "hybrid sharding needs a node_size that divides the world size of 4, got 3");
  config.parallel.sharding = Sharding::kFull;
  config.parallel.shard_group = 0;
  EXPECT_ERROR(Engine(small_model(), 7, config),
               "a world of several ranks needs a process group: shard_group is null");
  config.parallel.rank = 4;
  EXPECT_ERROR(Engine(small_model(), 7, config), "rank must be in [0, world_size), got rank 4 of 4");
}

}  // namespace
}  // namespace dmt::engine_multirank_test
