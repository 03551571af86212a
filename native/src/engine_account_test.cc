// What an engine says that it holds, and what a plan says that a step will take.
#include "model/model_units.h"
#include "test_model.h"

namespace dmt::engine_account_test {
namespace {

class MemoryEngineTest : public testing::TestWithParam<DType> {
 protected:
  bool exact() const { return GetParam() == DType::kFloat32; }
  EngineConfig config() const { return small_config(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(DTypes, MemoryEngineTest, testing::Values(DType::kFloat32, DType::kBFloat16),
                         [](const auto& info) {
                           return info.param == DType::kFloat32 ? "Float32" : "BFloat16";
                         });

TEST_P(MemoryEngineTest, TheMemoryAccountAddsUp) {
  EngineConfig c = config();
  Engine engine(small_model(), 7, c);
  const int64_t parameters = engine.parameter_count();
  int64_t elements = 0;
  for (int32_t i = 0; i < engine.tensor_count(); ++i) elements += engine.tensor_size(i);
  EXPECT_EQ(parameters, elements);
  // Embeddings and head have rows of padding on a GPU.
  const ModelConfig model = small_model();
  const int64_t padding = vocabulary_rows(model, test_device()) - model.vocab_size;
  const int64_t held = parameters + 2 * padding * model.hidden_size;
  MemoryAccount account = engine.memory_account();
  EXPECT_EQ(account.weights, held * (exact() ? 4 : 2));
  EXPECT_EQ(account.master_weights, exact() ? 0 : held * 2);
  EXPECT_EQ(account.gradients, held * 4);
  EXPECT_EQ(account.optimizer_states, held * 8);
  EXPECT_EQ(account.activations_peak, 0);
  c.trainable = false;
  account = Engine(small_model(), 7, c).memory_account();
  EXPECT_EQ(account.weights, held * (exact() ? 4 : 2));
  EXPECT_EQ(account.master_weights + account.gradients + account.optimizer_states, 0);
}

TEST_P(MemoryEngineTest, ThePlanIsWhatAStepTakes) {
  Documents documents;
  for (const int32_t length : {120, 50}) documents.add(random_tokens(length, 1), 0, 0);
  std::vector<DType> gradient_types = {DType::kFloat32};
  if (!exact()) gradient_types.push_back(DType::kBFloat16);
  for (const Recompute level :
       {Recompute::kNone, Recompute::kCheap, Recompute::kAttention, Recompute::kFull}) {
    for (const int32_t ranks : {1, 2}) {
      for (const DType gradients : gradient_types) {
        EngineConfig c = config();
        c.recompute = level;
        c.loss_chunk_tokens = 32;  // a document's last token is no label
        c.gradient_dtype = gradients;
        c.parallel.world_size = ranks;
        c.parallel.group_kind = GroupKind::kSimulated;
        ModelConfig model = small_model();
        model.tie_word_embeddings = ranks == 2;
        Engine engine(model, 7, c);
        engine.accumulate(documents.micro_batch(), documents.token_weight() / ranks);
        const MemoryAccount account = engine.memory_account();
        const MemoryAccount plan = planned_memory(model, c, static_cast<int64_t>(documents.ids.size()));
        EXPECT_EQ(plan.activations_peak, account.activations_peak) << "level " << static_cast<int>(level);
        EXPECT_EQ(plan.weights + plan.gradients, account.weights + account.gradients);
        EXPECT_EQ(plan.buffers, account.buffers);
      }
    }
  }
}

TEST_P(MemoryEngineTest, ThePlanOfAnEvaluationIsWhatItTakes) {
  EngineConfig c = config();
  c.trainable = false;
  c.loss_chunk_tokens = 64;
  Engine engine(small_model(), 7, c);
  Documents documents;
  documents.add(random_tokens(200, 1), 0, 0);
  evaluate(engine, documents);
  EXPECT_EQ(planned_memory(small_model(), c, 200).activations_peak, engine.memory_account().activations_peak);
}

TEST_P(MemoryEngineTest, ThePeakOfActivationsIsReachedInTheFirstStepAndFallsWithRecomputation) {
  const std::vector<Documents> batch = {random_documents({100, 256, 256}, 1)};
  int64_t previous = std::numeric_limits<int64_t>::max();
  for (const Recompute level :
       {Recompute::kNone, Recompute::kCheap, Recompute::kAttention, Recompute::kFull}) {
    EngineConfig c = config();
    c.recompute = level;
    ModelConfig model = small_model();
    model.layers = 4;
    Engine engine(model, 7, c);
    train_step(engine, batch);
    const int64_t peak = engine.memory_account().activations_peak;
    train_step(engine, batch);
    train_step(engine, {random_documents({100, 3}, 1)});
    evaluate(engine, batch[0]);
    EXPECT_EQ(engine.memory_account().activations_peak, peak) << "level " << static_cast<int>(level);
    EXPECT_LT(peak, previous) << "level " << static_cast<int>(level);
    previous = peak;
  }
}

}  // namespace
}  // namespace dmt::engine_account_test
