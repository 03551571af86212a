// Saving and loading: the same bits in float32, rounded ones in bfloat16, errors that leave nothing behind.
#include "base/expect_error.h"
#include "base/files.h"
#include "base/temp_dir.h"
#include "kernels/flat.h"
#include "test_model.h"

namespace dmt::engine_save_test {
namespace {

class EngineSave : public testing::TestWithParam<DType> {};
INSTANTIATE_TEST_SUITE_P(DTypes, EngineSave, testing::Values(DType::kFloat32, DType::kBFloat16),
                         [](const auto& info) {
                           return info.param == DType::kFloat32 ? "Float32" : "BFloat16";
                         });

TEST_P(EngineSave, InFloat32ReloadsBitForBit) {
  for (const bool tied : {false, true}) {
    ModelConfig model = small_model();
    model.tie_word_embeddings = tied;
    Engine engine(model, 7, small_config(GetParam()));
    train_step(engine, {random_documents({20, 30}, 1)});
    const TempDir dir;
    engine.save(dir.path().string(), DType::kFloat32);
    Engine reloaded(dir.path().string(), small_config(GetParam()));
    EXPECT_TRUE(identical(weights_of(reloaded), weights_of(engine)));
    const Documents documents = random_documents({9, 70}, 2);
    EXPECT_TRUE(identical(logits_of(reloaded, documents), logits_of(engine, documents)));
    EXPECT_EQ(reloaded.tensor_count(), engine.tensor_count());
  }
}

TEST_P(EngineSave, InBFloat16ReloadsRoundedWeights) {
  Engine engine(small_model(), 7, small_config(GetParam()));
  train_step(engine, {random_documents({20, 30}, 1)});
  const TempDir dir;
  engine.save(dir.path().string(), DType::kBFloat16);
  const std::vector<float> weights = weights_of(engine);
  std::vector<kernels::Bf16> rounded(weights.size());
  kernels::cast(rounded.data(), weights.data(), static_cast<int64_t>(weights.size()));
  std::vector<float> expected(weights.size());
  kernels::cast(expected.data(), rounded.data(), static_cast<int64_t>(weights.size()));
  Engine reloaded(dir.path().string(), small_config(GetParam()));
  EXPECT_TRUE(identical(weights_of(reloaded), expected));
  EXPECT_TRUE(contains(read_text_file(dir / "config.json"), "\"dtype\": \"bfloat16\""));
  if (GetParam() == DType::kBFloat16) {
    // bfloat16 computes with rounded weights anyway.
    const Documents documents = random_documents({9, 70}, 2);
    EXPECT_TRUE(identical(logits_of(reloaded, documents), logits_of(engine, documents)));
  }
}

TEST(EngineSaveConfig, EveryFieldOfTheModelSurvives) {
  ModelConfig model = small_model();
  model.rope_theta = 5e5;
  model.rope_scaling = RopeScaling::kLlama3;
  model.rope_factor = 8.0;
  model.rope_low_freq_factor = 1.5;
  model.rope_high_freq_factor = 4.5;
  model.rope_original_max_position_embeddings = 64;
  const Engine engine(model, 7, small_config());
  const TempDir dir;
  engine.save(dir.path().string(), DType::kFloat32);
  const ModelConfig loaded = Engine(dir.path().string(), small_config()).model_config();
  EXPECT_EQ(loaded.vocab_size, model.vocab_size);
  EXPECT_EQ(loaded.hidden_size, model.hidden_size);
  EXPECT_EQ(loaded.intermediate_size, model.intermediate_size);
  EXPECT_EQ(loaded.layers, model.layers);
  EXPECT_EQ(loaded.heads, model.heads);
  EXPECT_EQ(loaded.kv_heads, model.kv_heads);
  EXPECT_EQ(loaded.head_dim, model.head_dim);
  EXPECT_EQ(loaded.max_position_embeddings, model.max_position_embeddings);
  EXPECT_EQ(loaded.rms_norm_eps, model.rms_norm_eps);
  EXPECT_EQ(loaded.initializer_range, model.initializer_range);
  EXPECT_EQ(loaded.tie_word_embeddings, model.tie_word_embeddings);
  EXPECT_EQ(loaded.rope_theta, model.rope_theta);
  EXPECT_EQ(loaded.rope_scaling, model.rope_scaling);
  EXPECT_EQ(loaded.rope_factor, model.rope_factor);
  EXPECT_EQ(loaded.rope_low_freq_factor, model.rope_low_freq_factor);
  EXPECT_EQ(loaded.rope_high_freq_factor, model.rope_high_freq_factor);
  EXPECT_EQ(loaded.rope_original_max_position_embeddings, model.rope_original_max_position_embeddings);
}

TEST(EngineSaveErrors, AFolderThatDoesNotExist) {
  const Engine engine(small_model(), 7, small_config());
  const TempDir dir;
  const std::filesystem::path missing = dir / "missing";
  EXPECT_ERROR(engine.save(missing.string(), DType::kFloat32), missing.string());
  EXPECT_FALSE(std::filesystem::exists(missing));
}

TEST(EngineSaveErrors, AFileWhereTheFolderShouldBe) {
  const Engine engine(small_model(), 7, small_config());
  const TempDir dir;
  const std::filesystem::path file = dir.write("file", "precious");
  EXPECT_ERROR(engine.save(file.string(), DType::kFloat32), file.string());
  EXPECT_EQ(read_text_file(file), "precious");
}

TEST(EngineLoadErrors, NoSuchModel) {
  const TempDir dir;
  EXPECT_ERROR(Engine((dir / "missing").string(), small_config()), "no such model: ");
  EXPECT_ERROR(Engine(dir.path().string(), small_config()), "no such model: ");
}

TEST(EngineSaveTwice, ReplacesTheFirst) {
  const TempDir dir;
  Engine(small_model(), 7, small_config()).save(dir.path().string(), DType::kFloat32);
  const Engine second(small_model(), 8, small_config());
  second.save(dir.path().string(), DType::kFloat32);
  EXPECT_TRUE(identical(weights_of(Engine(dir.path().string(), small_config())), weights_of(second)));
}

TEST(EngineSaveOverItself, AnEngineMayReplaceTheFolderThatItCameFrom) {
  const TempDir dir;
  Engine(small_model(), 7, small_config()).save(dir.path().string(), DType::kFloat32);
  Engine engine(dir.path().string(), small_config());
  train_step(engine, {random_documents({20, 30}, 1)});
  engine.save(dir.path().string(), DType::kFloat32);
  EXPECT_TRUE(identical(weights_of(Engine(dir.path().string(), small_config())), weights_of(engine)));
}

}  // namespace
}  // namespace dmt::engine_save_test
