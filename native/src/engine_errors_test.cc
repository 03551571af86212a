// Every refusal of the engine, with its message; and that the engine can be used afterwards.
#include <cmath>
#include <limits>

#include "base/expect_error.h"
#include "base/temp_dir.h"
#include "checkpoint/safetensors_writer.h"
#include "model/llama_config.h"
#include "test_model.h"

namespace dmt::engine_errors_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Two documents of three and two tokens, to be broken in one place.
Documents good_batch() {
  return Documents().add({1, 2, 3}).add({4, 5});
}

class BatchErrors : public testing::Test {
 protected:
  /// All calls that take a micro-batch refuse it, and the next good step is the same as without it.
  void expect_refused(const MicroBatch& batch, const std::string& message) {
    Losses losses(1);
    std::vector<float> logits(5 * 97);
    EXPECT_ERROR(engine_.accumulate(batch, 1.0 / 3), message);
    EXPECT_ERROR(engine_.evaluate(batch, losses.sums.data(), losses.tokens.data()), message);
    EXPECT_ERROR(engine_.logits(batch, logits.data()), message);
    EXPECT_EQ(losses.tokens[0], 0);
    expect_usable();
  }
  void expect_refused(const Documents& documents, const std::string& message) {
    expect_refused(documents.micro_batch(), message);
  }
  void expect_usable() {
    Engine untouched(small_model(), 7, small_config());
    good_batch_twice(untouched);
    good_batch_twice(engine_);
    EXPECT_TRUE(identical(gradients_of(engine_), gradients_of(untouched)));
    engine_.apply(0.0);
  }
  static void good_batch_twice(Engine& engine) {
    for (int i = 0; i < 2; ++i) engine.accumulate(good_batch().micro_batch(), 1.0 / 6);
  }
  Engine engine_{small_model(), 7, small_config()};
};

TEST_F(BatchErrors, TokenIdOutsideTheVocabulary) {
  for (const int32_t id : {97, -1, std::numeric_limits<int32_t>::max()}) {
    Documents bad = good_batch();
    bad.ids[3] = id;
    expect_refused(
        bad, "token id " + std::to_string(id) + " at position 3 is outside the model's vocabulary of 97");
  }
}

TEST_F(BatchErrors, LabelOutsideTheVocabulary) {
  for (const int32_t label : {97, -1, -101}) {
    Documents bad = good_batch();
    bad.labels[1] = label;
    expect_refused(bad, "label " + std::to_string(label) +
                            " at position 1 is neither -100 nor inside the model's vocabulary of 97");
  }
}

TEST_F(BatchErrors, OffsetsThatDoNotCoverTheTokens) {
  Documents bad = good_batch();
  bad.offsets = {1, 3, 5};
  expect_refused(bad, "document offsets start at 1, they must start at 0");
  bad.offsets = {0, 3, 4};
  expect_refused(bad, "document offsets end at 4, the micro-batch has 5 tokens");
  bad.offsets = {0, 3, 6};
  expect_refused(bad, "document offsets end at 6, the micro-batch has 5 tokens");
}

TEST_F(BatchErrors, EmptyDocument) {
  Documents bad = good_batch();
  bad.offsets = {0, 5, 5};
  expect_refused(bad, "document 1 of the micro-batch has 0 tokens, it needs at least 1");
  bad.offsets = {0, 6, 5};
  expect_refused(bad, "document 1 of the micro-batch has -1 tokens");
  bad.offsets = {0, -2, 5};
  expect_refused(bad, "document 0 of the micro-batch has -2 tokens");
}

TEST_F(BatchErrors, OffsetsWhoseDifferenceOverflows) {
  Documents bad = good_batch();
  bad.offsets = {0, std::numeric_limits<int32_t>::min(), 5};
  expect_refused(bad, "document 0 of the micro-batch has -2147483648 tokens");
}

TEST_F(BatchErrors, DocumentLongerThanTheModelsLimit) {
  expect_refused(
      Documents().add({1, 2}).add(random_tokens(257, 1)),
      "document 1 of the micro-batch has 257 tokens, the model's limit (max_position_embeddings) is 256");
  const Documents longest = Documents().add(random_tokens(256, 1));
  engine_.accumulate(longest.micro_batch(), 1.0 / 255);
  EXPECT_EQ(engine_.apply(0.0).label_tokens, 255);
}

TEST_F(BatchErrors, SourceOutOfRange) {
  for (const int32_t source : {1, -1}) {
    Documents bad = good_batch();
    bad.sources[1] = source;
    expect_refused(
        bad, "document 1 has source " + std::to_string(source) + ", the engine was made for sources 0 to 0");
  }
}

TEST_F(BatchErrors, NoTokensOrMissingArrays) {
  const Documents good = good_batch();
  MicroBatch batch = good.micro_batch();
  batch.token_count = 0;
  expect_refused(batch,
                 "a micro-batch needs at least one token and one document, it has 0 tokens in 2 documents");
  batch = good.micro_batch();
  batch.document_count = 0;
  expect_refused(batch, "it has 5 tokens in 0 documents");
  for (const int missing : {0, 1, 2, 3}) {
    batch = good.micro_batch();
    if (missing == 0) batch.token_ids = nullptr;
    if (missing == 1) batch.labels = nullptr;
    if (missing == 2) batch.document_offsets = nullptr;
    if (missing == 3) batch.document_sources = nullptr;
    expect_refused(batch, "a micro-batch needs all of its four arrays");
  }
}

TEST_F(BatchErrors, TokenWeights) {
  const Documents good = good_batch();  // three label tokens
  for (const double weight : {0.0, -0.5, kNan, kInfinity}) {
    EXPECT_ERROR(engine_.accumulate(good.micro_batch(), weight),
                 "token_weight must be finite and above 0, got ");
  }
  EXPECT_ERROR(engine_.accumulate(good.micro_batch(), 3),
               "the label tokens of the step weigh 9 so far, together they must weigh 1");
  expect_usable();
  engine_.accumulate(good.micro_batch(), 0.25);
  const std::vector<float> before = weights_of(engine_);
  EXPECT_ERROR(engine_.apply(1e-2), "the label tokens of the step weigh 0.75, together they must weigh 1");
  EXPECT_TRUE(identical(weights_of(engine_), before));
  EXPECT_ERROR(engine_.accumulate(good.micro_batch(), 0.25), "weigh 1.5 so far");
  engine_.accumulate(good.micro_batch(), 0.25 / 3);  // what was missing
  EXPECT_EQ(engine_.apply(0.0).label_tokens, 6);
}

TEST_F(BatchErrors, ApplyWithoutAccumulateOrWithABadLearningRate) {
  EXPECT_ERROR(engine_.apply(1e-3), "apply needs at least one accumulate before it");
  engine_.accumulate(good_batch().micro_batch(), 1.0 / 3);
  for (const double rate : {-1.0, kNan, kInfinity}) {
    EXPECT_ERROR(engine_.apply(rate), "learning_rate must be finite and at least 0, got ");
  }
  EXPECT_EQ(engine_.apply(1e-3).step, 1);
  EXPECT_ERROR(engine_.apply(1e-3), "apply needs at least one accumulate before it");
}

TEST_F(BatchErrors, TensorsThatDoNotExist) {
  const int32_t count = engine_.tensor_count();
  std::vector<float> out(1);
  for (const int32_t tensor : {-1, count}) {
    const std::string message =
        "tensor " + std::to_string(tensor) + " does not exist, the model has " + std::to_string(count);
    EXPECT_ERROR(engine_.tensor_name(tensor), message);
    EXPECT_ERROR(engine_.tensor_size(tensor), message);
    EXPECT_ERROR(engine_.read_weight(tensor, out.data()), message);
    EXPECT_ERROR(engine_.read_gradient(tensor, out.data()), message);
  }
}

TEST(InferenceEngine, RefusesToTrainAndEvaluates) {
  EngineConfig config = small_config();
  config.trainable = false;
  Engine engine(small_model(), 7, config), trainable(small_model(), 7, small_config());
  std::vector<float> gradient(97 * 36);
  EXPECT_ERROR(engine.accumulate(good_batch().micro_batch(), 1.0 / 3),
               "this engine was opened for inference: accumulate needs trainable=true");
  EXPECT_ERROR(engine.apply(1e-3), "this engine was opened for inference: apply needs trainable=true");
  EXPECT_ERROR(engine.read_gradient(0, gradient.data()),
               "this engine was opened for inference: it has no gradients");
  EXPECT_TRUE(identical(logits_of(engine, good_batch()), logits_of(trainable, good_batch())));
  EXPECT_EQ(evaluate(engine, good_batch()).sums, evaluate(trainable, good_batch()).sums);
}

struct BadConfig {
  const char* message;
  void (*change)(EngineConfig&);
};

TEST(EngineConfig, RefusesValuesOutOfRange) {
  const BadConfig cases[] = {
      {"source_count must be at least 1, got 0", [](EngineConfig& c) { c.source_count = 0; }},
      {"loss_chunk_tokens must be at least 1, got 0", [](EngineConfig& c) { c.loss_chunk_tokens = 0; }},
      {"threads must be between 0 (one per core) and ", [](EngineConfig& c) { c.threads = -1; }},
      {", got 100000", [](EngineConfig& c) { c.threads = 100000; }},
      {"adam_beta1 must be in [0, 1), got 1", [](EngineConfig& c) { c.adam_beta1 = 1.0; }},
      {"adam_beta1 must be in [0, 1), got nan", [](EngineConfig& c) { c.adam_beta1 = kNan; }},
      {"adam_beta2 must be in [0, 1), got -0.1", [](EngineConfig& c) { c.adam_beta2 = -0.1; }},
      {"adam_epsilon must be positive, got 0", [](EngineConfig& c) { c.adam_epsilon = 0.0; }},
      {"weight_decay must be at least 0, got -1", [](EngineConfig& c) { c.weight_decay = -1.0; }},
      {"weight_decay must be at least 0, got inf", [](EngineConfig& c) { c.weight_decay = kInfinity; }},
      {"max_gradient_norm must be at least 0 (0: no clipping), got -1",
       [](EngineConfig& c) { c.max_gradient_norm = -1.0; }},
      {"max_gradient_norm must be at least 0 (0: no clipping), got nan",
       [](EngineConfig& c) { c.max_gradient_norm = kNan; }},
      {"compute_dtype", [](EngineConfig& c) { c.compute_dtype = static_cast<DType>(7); }},
      {"recompute", [](EngineConfig& c) { c.recompute = static_cast<Recompute>(9); }},
  };
  for (const BadConfig& bad : cases) {
    EngineConfig config = small_config();
    bad.change(config);
    EXPECT_ERROR(Engine(small_model(), 7, config), bad.message);
  }
}

struct BadModel {
  const char* message;
  void (*change)(ModelConfig&);
};

TEST(EngineModelConfig, RefusesShapesThatAreNotSupported) {
  const BadModel cases[] = {
      {"model config: vocab_size is 0; expected 1 to", [](ModelConfig& m) { m.vocab_size = 0; }},
      {"model config: num_hidden_layers is -1; expected 1 to", [](ModelConfig& m) { m.layers = -1; }},
      {"num_attention_heads is 6; expected a multiple of num_key_value_heads = 4",
       [](ModelConfig& m) { m.kv_heads = 4; }},
      {"head_dim is 9; expected an even number", [](ModelConfig& m) { m.head_dim = 9; }},
      {"max_position_embeddings is 0; expected 1 to", [](ModelConfig& m) { m.max_position_embeddings = 0; }},
      {"rms_norm_eps is 0; expected above 0", [](ModelConfig& m) { m.rms_norm_eps = 0.0; }},
      {"initializer_range is -1; expected 0 to 1", [](ModelConfig& m) { m.initializer_range = -1.0; }},
      {"rope_theta is nan; expected above 0", [](ModelConfig& m) { m.rope_theta = kNan; }},
  };
  for (const BadModel& bad : cases) {
    ModelConfig model = small_model();
    bad.change(model);
    EXPECT_ERROR(Engine(model, 7, small_config()), bad.message);
  }
}

constexpr int32_t kPoison = 5;

ModelConfig poisonous_model() {
  ModelConfig model = small_model();
  model.initializer_range = 0.02;
  return model;
}

/// Saves a model in which the row of the head for token kPoison is 2e38 in one place: where that token is the
/// label the gradient overflows float32, elsewhere all is well.
void save_poisonous_model(const std::filesystem::path& directory) {
  const Engine engine(poisonous_model(), 7, small_config());
  std::vector<TensorSpec> specs;
  std::vector<std::vector<float>> values;
  for (int32_t i = 0; i < engine.tensor_count(); ++i) {
    values.emplace_back(static_cast<size_t>(engine.tensor_size(i)));
    engine.read_weight(i, values.back().data());
    const std::string name = engine.tensor_name(i);
    const auto is = [&](const char* part) { return name.find(part) != std::string::npos; };
    const int64_t columns = is("down_proj") ? 44
                            : is("o_proj")  ? 60
                                            : 36,
                  rows = engine.tensor_size(i) / columns;
    specs.push_back({name, is("norm") ? std::vector<int64_t>{columns} : std::vector<int64_t>{rows, columns}});
    if (is("lm_head")) {
      std::fill_n(values.back().begin() + kPoison * 36, 36, 0.0f);
      values.back()[kPoison * 36] = 2e38f;
    }
  }
  WriteOptions options;
  options.text_files["config.json"] = config_json(poisonous_model(), DType::kFloat32, "");
  write_model(directory, specs, options, [&](size_t tensor, int64_t begin, int64_t count, float* out) {
    std::copy_n(values[tensor].begin() + begin, count, out);
  });
}

/// A token after which the poisonous one is as good as impossible.
int32_t harmless_token(Engine& engine) {
  for (int32_t token = 0; token < 97; ++token) {
    const float logit = logits_of(engine, Documents().add({token}))[kPoison];
    if (logit < -1e38f && logit > -2e38f) return token;
  }
  ADD_FAILURE() << "no token gives the poisonous one a logit between -2e38 and -1e38";
  return 0;
}

TEST(NonFiniteStep, ThrowsNamesTheStepAndLeavesTheWeights) {
  const TempDir dir;
  save_poisonous_model(dir.path());
  Engine engine(dir.path().string(), small_config()), spared(dir.path().string(), small_config());
  const int32_t token = harmless_token(engine);
  const std::vector<Documents> good = {Documents().add({token, 1})},
                               poison = {Documents().add({token, kPoison})};
  constexpr double kRate = 1e-4;
  EXPECT_EQ(train_step(engine, good, kRate).step, 1);
  const std::vector<float> before = weights_of(engine);
  Losses losses(1), after(1);
  engine.step_source_losses(losses.sums.data(), losses.tokens.data());
  for (int i = 0; i < 2; ++i) {
    const std::string message = error_of([&] { train_step(engine, poison, kRate); });
    EXPECT_TRUE(contains(message, "step 2: loss "));
    EXPECT_TRUE(contains(message, "not finite; the weights are those of step 1"));
    EXPECT_TRUE(identical(weights_of(engine), before));
  }
  engine.step_source_losses(after.sums.data(), after.tokens.data());
  EXPECT_EQ(after.sums, losses.sums);
  // Neither gradients nor moments have been touched: the next step is that of an engine that never saw it.
  train_step(spared, good, kRate);
  const StepMetrics expected = train_step(spared, good, kRate), actual = train_step(engine, good, kRate);
  EXPECT_EQ(actual.step, 2);
  EXPECT_EQ(actual.loss, expected.loss);
  EXPECT_TRUE(identical(weights_of(engine), weights_of(spared)));
}

TEST(NonFiniteStep, StopsAfterALearningRateThatBlowsUpTheWeights) {
  for (const DType dtype : {DType::kFloat32, DType::kBFloat16}) {
    Engine engine(small_model(), 7, small_config(dtype));
    const std::vector<Documents> batch = {random_documents({20, 30}, 1)};
    train_step(engine, batch, 1e30);
    const std::vector<float> before = weights_of(engine);
    EXPECT_ERROR(train_step(engine, batch), "step 2: loss ");
    EXPECT_TRUE(identical(weights_of(engine), before));
    EXPECT_ERROR(train_step(engine, batch), "step 2: loss ");
  }
}

}  // namespace
}  // namespace dmt::engine_errors_test
