#include "base/expect_error.h"
#include "dmt/engine.h"
#include "test_model.h"

namespace dmt {
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
    model_.tie_word_embeddings = false;
    elements_ = static_cast<double>(planned_memory(model_, one_rank()).weights) / 2;
    embedding_ = 100 * 48;
    // One second for each element that reaches the rank, in either direction: 3/4 of 2 bytes.
    second_ = {.all_gather = 1.5, .reduce_scatter = 1.5, .slow_down = 0.0};
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
  double elements_ = 0.0, embedding_ = 0.0;
  Interconnect second_;
};

TEST_F(StepPredictionTest, AllCollectivesAreCounted) {
  const WorkSeconds nothing = step(0, 0, 0);
  const double padding = 1e-2 * elements_;
  EXPECT_NEAR(predict_step(model_, config_, nothing, 1, second_).communication, 3 * elements_, padding);
  EXPECT_NEAR(predict_step(model_, config_, nothing, 5, second_).communication, 15 * elements_, padding);
  config_.parallel.gradient_reduction = GradientReduction::kEachStep;
  EXPECT_NEAR(predict_step(model_, config_, nothing, 5, second_).communication, 11 * elements_, padding);
  config_.parallel.sharding = Sharding::kGradOp;
  EXPECT_NEAR(predict_step(model_, config_, nothing, 5, second_).communication, 2 * elements_, padding);
  config_.gradient_dtype = DType::kFloat32;  // twice the bytes of the gradients
  EXPECT_NEAR(predict_step(model_, config_, nothing, 5, second_).communication, 3 * elements_, padding);
  config_.parallel.reduce_dtype = DType::kBFloat16;
  EXPECT_NEAR(predict_step(model_, config_, nothing, 5, second_).communication, 2 * elements_, padding);
}

TEST_F(StepPredictionTest, OnlyTheEndsAreExposedBehindMuchComputation) {
  const double computation = 100 * elements_;
  const StepPrediction p = predict_step(model_, config_, step(computation, 0, 7), 1, second_);
  EXPECT_DOUBLE_EQ(p.computation, computation);
  EXPECT_DOUBLE_EQ(p.slow_down, 0.0);
  EXPECT_NEAR(p.exposed, 2 * embedding_, 1e-6);
  EXPECT_DOUBLE_EQ(p.seconds, p.computation + p.exposed);
}

TEST_F(StepPredictionTest, ProductsLoseSpeedBesideCollectives) {
  second_.slow_down = 0.5;
  const double computation = 100 * elements_;
  const StepPrediction p =
      predict_step(model_, config_, step(0.5 * computation, 0.5 * computation, 0), 1, second_);
  EXPECT_NEAR(p.slow_down, 0.25 * (p.communication - 2 * embedding_), 1e-6);
  EXPECT_NEAR(p.seconds, p.computation + p.slow_down + p.exposed, 1e-6);
}

TEST_F(StepPredictionTest, LittleComputationWaitsForCommunication) {
  second_.slow_down = 0.5;
  const StepPrediction p = predict_step(model_, config_, step(10, 0, 0), 1, second_);
  EXPECT_DOUBLE_EQ(p.slow_down, 10.0) << "at half its speed throughout";
  EXPECT_NEAR(p.seconds, p.communication, 1e-6);
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
}  // namespace dmt
