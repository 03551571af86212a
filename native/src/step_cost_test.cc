#include "base/expect_error.h"
#include "dmt/engine.h"
#include "test_model.h"

namespace dmt::step_cost_test {
namespace {

/// LLaMA-7B and 33B at 2048 tokens, in GFLOP for each token.
TEST(TrainingFlops, AreThePublishedOnes) {
  ModelConfig model;
  model.vocab_size = 32000;
  model.max_position_embeddings = 2048;
  model.hidden_size = 4096;
  model.intermediate_size = 11008;
  model.layers = model.heads = model.kv_heads = 32;
  model.head_dim = 128;
  EXPECT_NEAR(training_flops_per_token(model, 2048) / 1e9, 41.25, 0.01);
  model.hidden_size = 6656;
  model.intermediate_size = 17920;
  model.layers = 60;
  model.heads = model.kv_heads = 52;
  EXPECT_NEAR(training_flops_per_token(model, 2048) / 1e9, 198.8, 0.1);
}

class StepPredictionTest : public testing::Test {
 protected:
  StepPredictionTest() {
    config_ = small_config(DType::kBFloat16);
    config_.gradient_dtype = DType::kBFloat16;
    config_.parallel.world_size = 4;
    config_.parallel.group_kind = GroupKind::kSimulated;
    model_.vocab_size = 100;
    model_.hidden_size = 48;
    const auto elements = static_cast<double>(planned_memory(model_, one_rank()).weights) / 2;
    const double embedding = 100 * 48, head = 101 * 48, block = (elements - embedding - head) / 2;
    ends_ = 2 * (embedding + block);
    // One second for each element that reaches the rank, in either direction: 3/4 of 2 bytes.
    second_ = {.all_gather = 1.5, .reduce_scatter = 1.5, .product_speed_lost = 0.0};
  }
  EngineConfig one_rank() const {
    EngineConfig config = config_;
    config.parallel.world_size = 1;
    return config;
  }
  static WorkSeconds step(double products, double other, double communication) {
    WorkSeconds step;
    step.products = products;
    step.communication = communication;
    step.total = products + other + communication;
    return step;
  }

  ModelConfig model_ = small_model();
  EngineConfig config_;
  double ends_ = 0.0;  // seconds of what nothing can hide
  Interconnect second_;
};

TEST_F(StepPredictionTest, OnlyTheEndsAreExposedBehindMuchComputation) {
  const StepPrediction p = predict_step(model_, config_, step(1e6, 0, 7), 1, second_);
  EXPECT_DOUBLE_EQ(p.computation, 1e6);
  EXPECT_DOUBLE_EQ(p.slow_down, 0.0);
  EXPECT_NEAR(p.exposed, ends_, 1e-6);
  EXPECT_DOUBLE_EQ(p.seconds, p.computation + p.exposed);
}

TEST_F(StepPredictionTest, WhatTravelsOncePerStepIsExposed) {
  const StepPrediction hidden = predict_step(model_, config_, step(1e6, 0, 0), 1, second_);
  config_.parallel.gradient_reduction = GradientReduction::kEachStep;
  const StepPrediction exposed = predict_step(model_, config_, step(1e6, 0, 0), 1, second_);
  EXPECT_NEAR(exposed.communication, hidden.communication, 1e-6);
  EXPECT_GT(exposed.exposed, hidden.exposed + 0.1 * hidden.communication);
}

TEST_F(StepPredictionTest, ProductsLoseSpeedBesideCollectives) {
  second_.product_speed_lost = 0.5;
  const StepPrediction p = predict_step(model_, config_, step(5e5, 5e5, 0), 1, second_);
  // Work of a second, half of it products, takes a second and a half: a third of the time is lost.
  EXPECT_NEAR(p.slow_down, (p.communication - ends_) / 3, 1e-6);
  EXPECT_NEAR(p.seconds, p.computation + p.slow_down + p.exposed, 1e-6);
}

TEST_F(StepPredictionTest, LittleComputationWaitsForCommunication) {
  second_.product_speed_lost = 0.5;
  const StepPrediction p = predict_step(model_, config_, step(10, 0, 0), 1, second_);
  EXPECT_DOUBLE_EQ(p.slow_down, 10.0) << "at half its speed throughout";
  EXPECT_NEAR(p.seconds, p.communication, 1e-6);
}

TEST_F(StepPredictionTest, NothingHidesBehindTheOptimizer) {
  WorkSeconds work = step(0, 100, 0);
  work.optimizer = 100;
  const StepPrediction p = predict_step(model_, config_, work, 1, second_);
  EXPECT_NEAR(p.seconds, 100 + p.communication, 1e-6);
}

TEST_F(StepPredictionTest, OneRankHasNoCommunication) {
  const StepPrediction p = predict_step(model_, one_rank(), step(3, 4, 0), 2, Interconnect{});
  EXPECT_DOUBLE_EQ(p.seconds, 7.0);
  EXPECT_EQ(p.communication, 0.0);
}

TEST_F(StepPredictionTest, WhatItCannotPredictIsSaid) {
  EXPECT_ERROR(predict_step(model_, config_, step(1, 1, 1), 0, second_), "micro_batches");
  EXPECT_ERROR(predict_step(model_, config_, step(1, 1, 1), 1, Interconnect{.all_gather = 0}), "bandwidths");
  config_.parallel.sharding = Sharding::kNone;
  EXPECT_ERROR(predict_step(model_, config_, step(1, 1, 1), 1, second_), "grad_op (1), got 3");
}

}  // namespace
}  // namespace dmt::step_cost_test
