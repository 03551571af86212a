// Engines with a low-rank adapter: what is trained, saved and computed with. What it should compute is in
// engine_lora_golden_test.cc.
#include <filesystem>
#include <fstream>

#include "base/expect_error.h"
#include "base/temp_dir.h"
#include "model/adapter_files.h"
#include "test_world.h"

namespace dmt::engine_adapter_test {
namespace {

/// On all that can be a target, with ranks and scales that differ.
AdapterConfig everywhere(double dropout = 0.0) {
  AdapterConfig adapter;
  for (int32_t i = 0; i < kAdapterTargets; ++i) {
    adapter.ranks[i] = 2 + i % 3;
    adapter.alphas[i] = 3.0 + i;
  }
  adapter.dropout = dropout;
  adapter.seed = 11;
  return adapter;
}

AdapterConfig query_and_value() {
  AdapterConfig adapter;
  for (const AdapterTarget target : {AdapterTarget::kQuery, AdapterTarget::kValue}) {
    adapter.ranks[static_cast<size_t>(target)] = 3;
    adapter.alphas[static_cast<size_t>(target)] = 6.0;
  }
  return adapter;
}

EngineConfig with_adapter(const AdapterConfig& adapter, DType dtype = DType::kFloat32) {
  EngineConfig config = small_config(dtype);
  config.adapter = adapter;
  config.threads = 1;
  return config;
}

/// Writes an adapter whose weights are all far from zero. @return the file
std::string random_adapter(const std::filesystem::path& directory, const AdapterConfig& adapter,
                           uint64_t seed = 3) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<float> normal(0.0f, 0.3f);
  write_adapter(directory, small_model(), adapter, DType::kFloat32,
                [&](size_t, int64_t, int64_t count, float* out) {
                  std::generate_n(out, count, [&] { return normal(generator); });
                });
  return (directory / kAdapterFile).string();
}

const std::vector<int32_t> kLengths = {9, 17, 4, 12};

TEST(EngineAdapter, AFreshOneChangesNothingAndTheModelStaysAsItIs) {
  const Documents documents = random_documents(kLengths, 1);
  Engine base(small_model(), 7, small_config()), engine(small_model(), 7, with_adapter(everywhere()));
  EXPECT_EQ(logits_of(base, documents), logits_of(engine, documents));
  train_step(engine, {documents});
  EXPECT_NE(logits_of(base, documents), logits_of(engine, documents));
  EXPECT_EQ(engine.parameter_count(), base.parameter_count());
  int64_t elements = 0;
  for (int32_t i = 0; i < engine.tensor_count(); ++i) {
    EXPECT_TRUE(engine.tensor_name(i).starts_with("base_model.model.")) << engine.tensor_name(i);
    elements += engine.tensor_size(i);
  }
  EXPECT_EQ(engine.trained_parameter_count(), elements);
}

TEST(EngineAdapter, TheModelTakesNoGradientsAndNoStates) {
  const AdapterConfig adapter = query_and_value();
  const Engine engine(small_model(), 7, with_adapter(adapter));
  const int64_t trained = engine.trained_parameter_count();
  const MemoryAccount account = engine.memory_account();
  EngineConfig frozen = small_config();
  frozen.trainable = false;
  EXPECT_EQ(account.weights, planned_memory(small_model(), frozen).weights + trained * 4);
  EXPECT_EQ(account.gradients, trained * 4);
  EXPECT_EQ(account.optimizer_states, trained * 8);
}

TEST(EngineAdapter, GradientsAreThoseOfFiniteDifferences) {
  for (const double dropout : {0.0, 0.3}) {
    SCOPED_TRACE(dropout);
    const TempDir dir;
    const AdapterConfig adapter = everywhere(dropout);
    const std::string file = random_adapter(dir.path(), adapter);
    const Documents documents = random_documents(kLengths, 1);
    // The loss of a training step, so that the same inputs are dropped.
    const auto loss_at = [&](const std::string& weights) {
      Engine engine(small_model(), 7, with_adapter(adapter));
      engine.load_adapter(weights);
      return train_step(engine, {documents}, 0.0).loss;
    };
    Engine engine(small_model(), 7, with_adapter(adapter));
    engine.load_adapter(file);
    engine.accumulate(documents.micro_batch(), documents.token_weight());
    const std::vector<float> gradients = gradients_of(engine), at = weights_of(engine);
    double norm = 0.0;
    for (const float gradient : gradients)
      norm += static_cast<double>(gradient) * static_cast<double>(gradient);
    norm = std::sqrt(norm);
    const double step = 5e-4;
    const auto moved = [&](double by) {
      const TempDir moved_dir;
      size_t next = 0;  // the engine's tensors are in the file's order
      write_adapter(moved_dir.path(), small_model(), adapter, DType::kFloat32,
                    [&](size_t, int64_t, int64_t count, float* out) {
                      for (int64_t i = 0; i < count; ++i, ++next)
                        out[i] = at[next] + static_cast<float>(by / norm) * gradients[next];
                    });
      return loss_at((moved_dir.path() / kAdapterFile).string());
    };
    EXPECT_NEAR((moved(step) - moved(-step)) / (2 * step), norm, 1e-2 * norm);
  }
}

TEST(EngineAdapter, HowAStepIsCutChangesNothingNotEvenWithDropout) {
  const Documents documents = random_documents(kLengths, 1);
  for (const double dropout : {0.0, 0.5}) {
    Engine together(small_model(), 7, with_adapter(everywhere(dropout)));
    Engine apart(small_model(), 7, with_adapter(everywhere(dropout)));
    const StepMetrics one = train_step(together, {documents});
    const StepMetrics four = train_step(
        apart, {documents.document(2), documents.document(0), documents.document(3), documents.document(1)});
    EXPECT_NEAR(one.loss, four.loss, 1e-6);
    EXPECT_NEAR(one.gradient_norm, four.gradient_norm, 1e-5 * one.gradient_norm);
  }
}

TEST(EngineAdapter, DropoutIsOfTrainingAlone) {
  const Documents documents = random_documents(kLengths, 1);
  const TempDir dir;
  const std::string file = random_adapter(dir.path(), everywhere());
  Engine with(small_model(), 7, with_adapter(everywhere(0.5))),
      without(small_model(), 7, with_adapter(everywhere()));
  with.load_adapter(file);
  without.load_adapter(file);
  EXPECT_EQ(logits_of(with, documents), logits_of(without, documents));
  EXPECT_EQ(evaluate(with, documents).sums, evaluate(without, documents).sums);
  EXPECT_NE(train_step(with, {documents}).loss, train_step(without, {documents}).loss);
}

TEST(EngineAdapter, MergedAModelComputesTheSame) {
  const TempDir base_dir, adapter_dir, merged_dir;
  Engine(small_model(), 7, small_config()).save(base_dir.path().string(), DType::kFloat32);
  const std::string file = random_adapter(adapter_dir.path(), everywhere());
  merge_adapter(base_dir.path().string(), everywhere(), file, merged_dir.path().string(), DType::kFloat32);
  Engine engine(base_dir.path().string(), with_adapter(everywhere()));
  engine.load_adapter(file);
  Engine merged(merged_dir.path().string(), small_config());
  const Documents documents = random_documents(kLengths, 1);
  // Sums of products in another order; logits are of the order of 10.
  EXPECT_TRUE(close(logits_of(engine, documents), logits_of(merged, documents), {1e-4, 1e-5}));
}

TEST(EngineAdapter, WhatIsSavedIsLoaded) {
  const TempDir dir;
  Engine engine(small_model(), 7, with_adapter(everywhere()));
  train_step(engine, {random_documents(kLengths, 1)});
  engine.save_adapter(dir.path().string(), DType::kFloat32);
  Engine other(small_model(), 7, with_adapter(everywhere()));
  other.load_adapter((dir.path() / kAdapterFile).string());
  EXPECT_EQ(weights_of(engine), weights_of(other));
}

/// On one target.
AdapterConfig beside(AdapterTarget target, double dropout) {
  AdapterConfig adapter;
  adapter.ranks[static_cast<size_t>(target)] = 3;
  adapter.alphas[static_cast<size_t>(target)] = 6.0;
  adapter.dropout = dropout;
  return adapter;
}

/// What a frozen block does not need for the backward pass is neither kept nor computed again: which that is
/// depends on level and targets, gradients do not.
TEST(EngineAdapter, EveryLevelGivesTheSameGradientsBesideEachTarget) {
  const Documents documents = random_documents(kLengths, 1);
  for (int32_t target = 0; target < kAdapterTargets; ++target) {
    for (const double dropout : {0.0, 0.3}) {
      const AdapterConfig adapter = beside(static_cast<AdapterTarget>(target), dropout);
      const TempDir dir;
      const std::string file = random_adapter(dir.path(), adapter);
      std::vector<float> expected;
      for (const Recompute level :
           {Recompute::kNone, Recompute::kCheap, Recompute::kAttention, Recompute::kFull}) {
        SCOPED_TRACE(testing::Message() << target << " " << dropout << " " << static_cast<int>(level));
        EngineConfig config = with_adapter(adapter);
        config.recompute = level;
        Engine engine(small_model(), 7, config);
        engine.load_adapter(file);
        engine.accumulate(documents.micro_batch(), documents.token_weight());
        const std::vector<float> gradients = gradients_of(engine);
        if (expected.empty()) expected = gradients;
        EXPECT_EQ(gradients, expected);
      }
    }
  }
}

TEST(EngineAdapter, AFrozenBlockKeepsNoInputsThatNobodyReads) {
  constexpr int64_t kTokens = 1000;
  const ModelConfig model = small_model();
  const int64_t C = model.hidden_size, F = model.intermediate_size;
  const auto activations = [&](const AdapterConfig& adapter) {
    return planned_memory(model, with_adapter(adapter), kTokens).activations_peak;
  };
  const int64_t all = activations(everywhere()), attention = activations(query_and_value());
  EXPECT_GE(all - attention, int64_t{4} * model.layers * kTokens * (C + F));  // a norm and the activation
  EXPECT_GE(attention - activations(beside(AdapterTarget::kOutput, 0.0)),
            int64_t{4} * model.layers * kTokens * C);  // and the other norm
}

TEST(EngineAdapter, ThePlanIsWhatAStepTakes) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    for (const Recompute level :
         {Recompute::kNone, Recompute::kCheap, Recompute::kAttention, Recompute::kFull}) {
      for (const AdapterConfig& adapter :
           {everywhere(), everywhere(0.1), query_and_value(), beside(AdapterTarget::kDown, 0.1)}) {
        Documents all;
        for (const int32_t length : {120, 50}) all.add(random_tokens(length, 1), 0, 0);
        EngineConfig config = with_adapter(adapter, dtype);
        config.recompute = level;
        config.loss_chunk_tokens = 32;  // a document's last token is no label
        Engine engine(small_model(), 7, config);
        const MemoryAccount before = planned_memory(small_model(), config);
        EXPECT_EQ(engine.memory_account().total(), before.total());
        engine.accumulate(all.micro_batch(), all.token_weight());
        const MemoryAccount account = engine.memory_account(),
                            plan = planned_memory(small_model(), config, 170);
        EXPECT_EQ(account.weights, plan.weights);
        EXPECT_EQ(account.gradients, plan.gradients);
        EXPECT_EQ(account.optimizer_states, plan.optimizer_states);
        EXPECT_EQ(account.buffers, plan.buffers);
        EXPECT_EQ(account.activations_peak, plan.activations_peak);
      }
    }
  }
}

std::vector<int32_t> generate(Engine& engine, const std::vector<int32_t>& prompt, int32_t adapter = 0) {
  Generation generation(engine, 1, 64);
  generation.open(prompt.data(), static_cast<int32_t>(prompt.size()), {}, adapter);
  std::vector<int32_t> tokens(12);
  for (int32_t& token : tokens) generation.step(&token);
  return tokens;
}

TEST(EngineAdapter, RequestsOfOneBatchHaveAdaptersOfTheirOwn) {
  const TempDir first_dir, second_dir;
  const std::string first = random_adapter(first_dir.path(), everywhere(), 1);
  const std::string second = random_adapter(second_dir.path(), query_and_value(), 2);
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    EngineConfig config = small_config(dtype);
    config.trainable = false;
    Engine engine(small_model(), 7, config);
    EXPECT_EQ(engine.add_adapter(everywhere(), first), 0);
    EXPECT_EQ(engine.add_adapter(query_and_value(), second), 1);
    const std::vector<int32_t> prompt = random_tokens(8, 9);
    Generation generation(engine, 3, 64);
    int32_t slots[3];
    for (const int32_t adapter : {-1, 0, 1})
      slots[adapter + 1] = generation.open(prompt.data(), 8, {}, adapter);
    std::vector<std::vector<int32_t>> tokens(3);
    for (int step = 0; step < 12; ++step) {
      int32_t chosen[3];
      generation.step(chosen);
      for (int i = 0; i < 3; ++i) tokens[static_cast<size_t>(i)].push_back(chosen[slots[i]]);
    }
    const auto alone = [&](const AdapterConfig& adapter, const std::string& file) {
      EngineConfig own = config;
      own.adapter = adapter;
      Engine with_one(small_model(), 7, own);
      with_one.load_adapter(file);
      return generate(with_one, prompt);
    };
    Engine base(small_model(), 7, config);
    EXPECT_EQ(tokens[0], generate(base, prompt));
    EXPECT_EQ(tokens[1], alone(everywhere(), first));
    EXPECT_EQ(tokens[2], alone(query_and_value(), second));
    EXPECT_NE(tokens[1], tokens[0]);
    EXPECT_NE(tokens[2], tokens[0]);
  }
}

/// Steps [first, end) of a run. @return their losses
std::vector<double> train(Engine& engine, int rank, int ranks, int first, int end) {
  std::vector<double> losses;
  for (int step = first; step < end; ++step) {
    const Documents documents = random_documents({9, 17, 4, 12, 7}, static_cast<uint64_t>(10 * step));
    for (const Documents& batch : rank_batches(documents, rank, ranks, false))
      engine.accumulate(batch.micro_batch(), documents.token_weight());
    losses.push_back(engine.apply(1e-2).loss);
  }
  return losses;
}

TEST(MultirankAdapter, RanksOfAnyNumberTrainTheSame) {
  Engine alone(small_model(), 7, with_adapter(everywhere(0.2)));
  const std::vector<double> expected = train(alone, 0, 1, 0, 4);
  const std::vector<float> weights = weights_of(alone);
  for (const Sharding sharding : {Sharding::kFull, Sharding::kGradOp, Sharding::kHybrid, Sharding::kNone}) {
    for (const int ranks : {2, 3}) {
      for (const auto reduction : {GradientReduction::kEachMicroBatch, GradientReduction::kEachStep}) {
        const World world({.ranks = ranks, .sharding = sharding, .gradient_reduction = reduction});
        run_ranks(ranks, [&](int rank) {
          Engine engine(small_model(), 7, world.config(rank, with_adapter(everywhere(0.2))));
          const std::vector<double> losses = train(engine, rank, ranks, 0, 4);
          for (size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(losses[i], expected[i], 1e-5);
          // AdamW divides by the root of the second moment: small gradients make large differences.
          EXPECT_TRUE(close(weights_of(engine), weights, {2e-3, 1e-3}));
        });
      }
    }
  }
}

TEST(MultirankAdapter, AStateGoesOnAcrossRanksAndIsExported) {
  const TempDir state, exported, saved;
  Engine whole(small_model(), 7, with_adapter(everywhere(0.2)));
  train(whole, 0, 1, 0, 2);
  const std::vector<double> expected = train(whole, 0, 1, 2, 4);
  const World two({.ranks = 2});
  run_ranks(2, [&](int rank) {
    Engine engine(small_model(), 7, two.config(rank, with_adapter(everywhere(0.2))));
    train(engine, rank, 2, 0, 2);
    TrainingState(engine, StateMemory::kCopied).write(state.path().string());
    engine.save_adapter(saved.path().string(), DType::kFloat32);
  });
  export_model(state.path().string(), exported.path().string(), DType::kFloat32);
  const AdapterFile one(saved.path() / kAdapterFile, small_model(), everywhere(0.2));
  const AdapterFile other(exported.path() / kAdapterFile, small_model(), everywhere(0.2));
  const std::string name = "base_model.model.model.layers.1.mlp.down_proj.lora_B.weight";
  std::vector<float> a(72), b(72);
  one.read(name, 0, 72, a.data());
  other.read(name, 0, 72, b.data());
  EXPECT_EQ(a, b);
  const World three({.ranks = 3});
  run_ranks(3, [&](int rank) {
    Engine engine(small_model(), 7, three.config(rank, with_adapter(everywhere(0.2))));
    engine.restore(state.path().string());
    const std::vector<double> losses = train(engine, rank, 3, 2, 4);
    for (size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(losses[i], expected[i], 1e-5);
  });
}

TEST(EngineAdapterErrors, WhatCannotBeIsNamed) {
  AdapterConfig adapter = query_and_value();
  adapter.ranks[0] = 37;
  EXPECT_ERROR(Engine(small_model(), 7, with_adapter(adapter)),
               "x 36, expected 1 to 36, or 0 for no adapter there");
  adapter = query_and_value();
  adapter.alphas[2] = 0.0;
  EXPECT_ERROR(Engine(small_model(), 7, with_adapter(adapter)), "the adapter's alpha for v_proj is 0");
  adapter = query_and_value();
  adapter.dropout = 1.0;
  EXPECT_ERROR(Engine(small_model(), 7, with_adapter(adapter)), "adapter dropout must be in [0, 1), got 1");
  ModelConfig tied = small_model();
  tied.tie_word_embeddings = true;
  EXPECT_ERROR(Engine(tied, 7, with_adapter(everywhere())),
               "embed_tokens cannot have an adapter in this model");
  EngineConfig quantised = small_config();
  quantised.base_weights = BaseWeights::kNf4;
  EXPECT_ERROR(Engine(small_model(), 7, quantised),
               "base_weights nf4 cannot be trained: they need an adapter");
}

TEST(EngineAdapterErrors, AFileOfAnotherAdapterOrBaseIsRefused) {
  const TempDir dir;
  const std::string file = random_adapter(dir.path(), query_and_value());
  Engine engine(small_model(), 7, with_adapter(everywhere()));
  const std::vector<float> before = weights_of(engine);
  EXPECT_ERROR(engine.load_adapter(file),
               "base_model.model.model.embed_tokens.lora_embedding_A is missing; expected shape [3, 97]");
  AdapterConfig wider = query_and_value();
  wider.ranks[0] = 5;
  EXPECT_ERROR(Engine(small_model(), 7, with_adapter(wider)).load_adapter(file),
               "q_proj.lora_A.weight has shape [3, 36], expected [5, 36]");
  AdapterConfig fewer = query_and_value();
  fewer.ranks[2] = 0;
  EXPECT_ERROR(Engine(small_model(), 7, with_adapter(fewer)).load_adapter(file),
               "v_proj.lora_A.weight is no part of such an adapter");
  EXPECT_EQ(weights_of(engine), before);
}

TEST(EngineAdapterErrors, AStateOfAnotherAdapterIsRefused) {
  const TempDir dir;
  const Engine engine(small_model(), 7, with_adapter(query_and_value()));
  TrainingState(engine, StateMemory::kShared).write(dir.path().string());
  EXPECT_ERROR(Engine(small_model(), 7, with_adapter(everywhere())).restore(dir.path().string()),
               "is of the adapter {");
  EXPECT_ERROR(Engine(small_model(), 7, small_config()).restore(dir.path().string()),
               "this engine's is none");
}

TEST(EngineAdapterErrors, CallsThatMakeNoSenseSayWhatDoes) {
  const TempDir dir;
  Engine with(small_model(), 7, with_adapter(query_and_value())), without(small_model(), 7, small_config());
  EXPECT_ERROR(with.save(dir.path().string(), DType::kFloat32),
               "an engine with an adapter saves the adapter");
  EXPECT_ERROR(without.save_adapter(dir.path().string(), DType::kFloat32), "save_adapter needs an adapter");
  EXPECT_ERROR(without.load_adapter("x"), "load_adapter needs an adapter");
  EXPECT_ERROR(with.add_adapter(query_and_value(), "x"),
               "add_adapter needs an engine that was opened for inference");
  Generation generation(without, 1, 16);
  const int32_t token = 3;
  EXPECT_ERROR(generation.open(&token, 1, {}, 1), "adapter 1 does not exist, the engine has 0");
}

}  // namespace
}  // namespace dmt::engine_adapter_test
