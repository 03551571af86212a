// Engines whose model is kept in 8 or 4 bits. What the formats are is in kernels/quantized_test.cc.
#include "base/expect_error.h"
#include "base/temp_dir.h"
#include "kernels/quantized.h"
#include "model/adapter_files.h"
#include "model/model_units.h"
#include "model/weights.h"
#include "test_world.h"

namespace dmt::engine_quantized_test {
namespace {

AdapterConfig projections() {
  AdapterConfig adapter;
  for (int32_t i = 0; i < 7; ++i) {
    adapter.ranks[i] = 3;
    adapter.alphas[i] = 6.0;
  }
  return adapter;
}

EngineConfig quantized(BaseWeights weights, DType dtype = DType::kFloat32) {
  EngineConfig config = small_config(dtype);
  config.base_weights = weights;
  config.threads = 1;
  return config;
}

EngineConfig inference(EngineConfig config) {
  config.trainable = false;
  return config;
}

/// Writes the model of small_model() with each matrix of a block as the format has it.
void save_rounded(BaseWeights weights, const std::filesystem::path& directory) {
  Engine engine(small_model(), 7, small_config());
  std::vector<TensorSpec> specs;
  std::vector<std::vector<float>> values;
  for (const UnitLayout& layout : unit_layouts(small_model())) {
    for (const ParameterSpec& parameter : layout.parameters) {
      specs.push_back({parameter.name, parameter.shape});
      values.push_back(weight(engine, parameter.name));
      if (!layout.name.starts_with("model.layers.") || parameter.shape.size() == 1) continue;
      const kernels::QuantizedFormat format = format_of(weights);
      const int64_t N = parameter.shape[0], K = parameter.shape[1];
      std::vector<uint8_t> packed(static_cast<size_t>(kernels::packed_bytes(format, N, K)) + 16);
      auto* aligned = packed.data() + (16 - reinterpret_cast<uintptr_t>(packed.data()) % 16) % 16;
      kernels::quantize(format, aligned, values.back().data(), N, K);
      kernels::dequantize(values.back().data(), {format, aligned, N, K});
    }
  }
  write_model(directory, specs, model_options(small_model(), DType::kFloat32, {}),
              [&](size_t tensor, int64_t begin, int64_t count, float* out) {
                std::copy_n(values[tensor].begin() + begin, count, out);
              });
}

class EngineQuantized : public testing::TestWithParam<BaseWeights> {
 protected:
  /// A folder with the model that the codes stand for.
  void SetUp() override { save_rounded(GetParam(), rounded_.path()); }
  std::string rounded() const { return rounded_.path().string(); }

  TempDir rounded_;
  const Documents documents_ = random_documents({9, 17, 4, 12}, 1);
};
INSTANTIATE_TEST_SUITE_P(Formats, EngineQuantized, testing::Values(BaseWeights::kInt8, BaseWeights::kNf4),
                         [](const auto& info) { return info.param == BaseWeights::kInt8 ? "Int8" : "Nf4"; });

TEST_P(EngineQuantized, ComputesWithWhatTheCodesStandFor) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    Engine packed(small_model(), 7, inference(quantized(GetParam(), dtype)));
    Engine whole(rounded(), inference(small_config(dtype)));
    EXPECT_EQ(logits_of(packed, documents_), logits_of(whole, documents_));
    EXPECT_EQ(evaluate(packed, documents_).sums, evaluate(whole, documents_).sums);
    EXPECT_LT(packed.memory_account().weights, whole.memory_account().weights);
    EXPECT_EQ(packed.parameter_count(), whole.parameter_count());
  }
}

TEST_P(EngineQuantized, GeneratesTheTokensOfThatModel) {
  Engine packed(small_model(), 7, inference(quantized(GetParam())));
  Engine whole(rounded(), inference(small_config()));
  const auto generate = [](Engine& engine) {
    Generation generation(engine, 3, 64);
    for (int32_t i = 0; i < 3; ++i)
      generation.open(random_tokens(5 + i, static_cast<uint64_t>(i)).data(), 5 + i, {});
    std::vector<int32_t> tokens(3 * 10);
    for (int step = 0; step < 10; ++step) generation.step(tokens.data() + 3 * step);
    return tokens;
  };
  EXPECT_EQ(generate(packed), generate(whole));
}

TEST_P(EngineQuantized, TrainsAnAdapterAsBesideThatModel) {
  for (const Recompute level : {Recompute::kNone, Recompute::kFull}) {
    EngineConfig config = quantized(GetParam());
    config.adapter = projections();
    config.recompute = level;
    Engine packed(small_model(), 7, config);
    config.base_weights = BaseWeights::kComputeDtype;
    Engine whole(rounded(), config);
    for (int step = 0; step < 3; ++step) {
      const StepMetrics one = train_step(packed, {documents_}), other = train_step(whole, {documents_});
      EXPECT_EQ(one.loss, other.loss);
      EXPECT_EQ(one.gradient_norm, other.gradient_norm);
    }
    EXPECT_EQ(weights_of(packed), weights_of(whole));
  }
}

TEST_P(EngineQuantized, ThePlanIsWhatAStepTakes) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    EngineConfig config = quantized(GetParam(), dtype);
    config.adapter = projections();
    Engine engine(small_model(), 7, config);
    engine.accumulate(documents_.micro_batch(), documents_.token_weight());
    const MemoryAccount account = engine.memory_account(), plan = planned_memory(small_model(), config, 42);
    EXPECT_EQ(account.weights, plan.weights);
    EXPECT_EQ(account.buffers, plan.buffers);
    EXPECT_EQ(account.total() - account.activations_peak, plan.total() - plan.activations_peak);
  }
}

TEST_P(EngineQuantized, WeightsThatAreNoLongerThereCannotBeSaved) {
  const TempDir dir;
  Engine engine(small_model(), 7, inference(quantized(GetParam())));
  EXPECT_ERROR(engine.save(dir.path().string(), DType::kFloat32),
               "save needs weights as they are, this engine's are quantised");
}

class MultirankQuantized : public EngineQuantized {};
INSTANTIATE_TEST_SUITE_P(Formats, MultirankQuantized, testing::Values(BaseWeights::kInt8, BaseWeights::kNf4),
                         [](const auto& info) { return info.param == BaseWeights::kInt8 ? "Int8" : "Nf4"; });

TEST_P(MultirankQuantized, RanksKeepSlicesOfTheSameBytes) {
  EngineConfig config = quantized(GetParam());
  config.adapter = projections();
  Engine alone(small_model(), 7, config);
  const StepMetrics expected = train_step(alone, {documents_});
  for (const Sharding sharding : {Sharding::kFull, Sharding::kGradOp, Sharding::kNone}) {
    for (const int ranks : {2, 3}) {
      const World world({.ranks = ranks, .sharding = sharding});
      run_ranks(ranks, [&](int rank) {
        const EngineConfig c = world.config(rank, config);
        Engine engine(small_model(), 7, c);
        EXPECT_EQ(engine.memory_account().total(), planned_memory(small_model(), c).total());
        for (const Documents& batch : rank_batches(documents_, rank, ranks, false))
          engine.accumulate(batch.micro_batch(), documents_.token_weight());
        const StepMetrics metrics = engine.apply(1e-2);
        EXPECT_NEAR(metrics.loss, expected.loss, 1e-6);
        EXPECT_NEAR(metrics.gradient_norm, expected.gradient_norm, 1e-5 * expected.gradient_norm);
      });
    }
  }
}

}  // namespace
}  // namespace dmt::engine_quantized_test
