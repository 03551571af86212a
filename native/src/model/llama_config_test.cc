#include "model/llama_config.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/expect_error.h"
#include "base/temp_dir.h"

namespace dmt::llama_config_test {
namespace {

using nlohmann::json;

// What a LLaMA-2 repository holds, in small; every test changes a key or two.
json base_config() {
  return json::parse(R"({
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "bos_token_id": 1, "eos_token_id": 2,
    "pad_token_id": 0, "hidden_act": "silu", "hidden_size": 64, "initializer_range": 0.01,
    "intermediate_size": 176, "max_position_embeddings": 256, "num_attention_heads": 4,
    "num_hidden_layers": 3, "num_key_value_heads": 2, "pretraining_tp": 2, "rms_norm_eps": 1e-05,
    "rope_scaling": null, "tie_word_embeddings": false, "torch_dtype": "float16",
    "transformers_version": "4.31.0", "use_cache": true, "vocab_size": 259})");
}

const json kLlama3 = json::parse(R"({"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
    "high_freq_factor": 4.0, "original_max_position_embeddings": 64})");

json with(const char* key, const json& value) {
  json config = base_config();
  config[key] = value;
  return config;
}

json without(const char* key) {
  json config = base_config();
  config.erase(key);
  return config;
}

ModelConfig parse(const json& config) {
  return parse_model_config(config.dump(), "config.json");
}

TEST(LlamaConfig, ReadsEveryField) {
  const ModelConfig config = parse(base_config());
  EXPECT_EQ(config.vocab_size, 259);
  EXPECT_EQ(config.hidden_size, 64);
  EXPECT_EQ(config.intermediate_size, 176);
  EXPECT_EQ(config.layers, 3);
  EXPECT_EQ(config.heads, 4);
  EXPECT_EQ(config.kv_heads, 2);
  EXPECT_EQ(config.head_dim, 16);
  EXPECT_EQ(config.max_position_embeddings, 256);
  EXPECT_EQ(config.rms_norm_eps, 1e-5);
  EXPECT_EQ(config.initializer_range, 0.01);
  EXPECT_FALSE(config.tie_word_embeddings);
  EXPECT_EQ(config.rope_theta, 10000.0);
  EXPECT_EQ(config.rope_scaling, RopeScaling::kNone);
}

TEST(LlamaConfig, AbsentAndNullOptionalKeysMeanWhatTheyMeanInTransformers) {
  EXPECT_EQ(parse(without("num_key_value_heads")).kv_heads, 4);
  EXPECT_EQ(parse(with("num_key_value_heads", nullptr)).kv_heads, 4);
  EXPECT_EQ(parse(with("head_dim", nullptr)).head_dim, 16);
  EXPECT_EQ(parse(with("head_dim", 32)).head_dim, 32);  // need not be hidden_size / heads
  EXPECT_EQ(parse(without("max_position_embeddings")).max_position_embeddings, 2048);
  EXPECT_EQ(parse(without("rms_norm_eps")).rms_norm_eps, 1e-6);
  EXPECT_FALSE(parse(without("tie_word_embeddings")).tie_word_embeddings);
  EXPECT_TRUE(parse(with("tie_word_embeddings", true)).tie_word_embeddings);
  EXPECT_NO_THROW(parse(without("architectures")));
  EXPECT_NO_THROW(parse(without("hidden_act")));
  EXPECT_NO_THROW(parse(with("attention_dropout", 0)));
  EXPECT_NO_THROW(parse(with("sliding_window", nullptr)));
}

TEST(LlamaConfig, ReadsTheOldSpellingOfRotaryKeys) {
  json config = with("rope_theta", 5e5);
  EXPECT_EQ(parse(config).rope_theta, 5e5);
  config["rope_scaling"] = {{"type", "linear"}, {"factor", 2}};
  EXPECT_EQ(parse(config).rope_theta, 5e5);
  EXPECT_EQ(parse(config).rope_scaling, RopeScaling::kLinear);
  EXPECT_EQ(parse(config).rope_factor, 2.0);
  config["rope_scaling"] = kLlama3;
  EXPECT_EQ(parse(config).rope_scaling, RopeScaling::kLlama3);
  EXPECT_EQ(parse(config).rope_low_freq_factor, 1.0);
  EXPECT_EQ(parse(config).rope_high_freq_factor, 4.0);
  EXPECT_EQ(parse(config).rope_original_max_position_embeddings, 64);
}

TEST(LlamaConfig, ReadsTheNewSpellingOfRotaryKeys) {
  json config = with("rope_parameters", {{"rope_type", "default"}, {"rope_theta", 20000}});
  EXPECT_EQ(parse(config).rope_theta, 20000.0);
  EXPECT_EQ(parse(config).rope_scaling, RopeScaling::kNone);
  config["rope_parameters"] = kLlama3;
  config["rope_parameters"]["rope_theta"] = 5e5;
  EXPECT_EQ(parse(config).rope_theta, 5e5);
  EXPECT_EQ(parse(config).rope_factor, 8.0);
  config["rope_parameters"].erase("original_max_position_embeddings");
  EXPECT_EQ(parse(config).rope_original_max_position_embeddings, 256);  // as in transformers 5
}

TEST(LlamaConfig, RefusesSpellingsThatContradictEachOther) {
  json config = with("rope_parameters", {{"rope_type", "linear"}, {"factor", 2.0}});
  config["rope_scaling"] = {{"type", "linear"}, {"factor", 4.0}};
  EXPECT_ERROR(parse(config), R"(rope_scaling is {"factor":4.0,"type":"linear"} and rope_parameters is )");
  config["rope_scaling"]["factor"] = 2;
  EXPECT_EQ(parse(config).rope_factor, 2.0);
}

TEST(LlamaConfig, RefusesOtherArchitectures) {
  EXPECT_ERROR(parse(with("model_type", "mistral")),
               R"(config.json: model_type is "mistral"; only "llama" is supported)");
  EXPECT_ERROR(
      parse(with("architectures", {"LlamaForSequenceClassification"})),
      R"(architectures is ["LlamaForSequenceClassification"]; only ["LlamaForCausalLM"] is supported)");
  EXPECT_ERROR(parse(with("hidden_act", "gelu")), R"(hidden_act is "gelu"; only "silu" is supported)");
  EXPECT_ERROR(parse(with("attention_bias", true)), "attention_bias is true; only false is supported");
  EXPECT_ERROR(parse(with("mlp_bias", true)), "mlp_bias is true; only false is supported");
  EXPECT_ERROR(parse(with("attention_dropout", 0.1)), "attention_dropout is 0.1; only 0.0 is supported");
  EXPECT_ERROR(parse(with("sliding_window", 4096)), "sliding_window is 4096; only null is supported");
  EXPECT_ERROR(parse(with("partial_rotary_factor", 0.5)),
               "partial_rotary_factor is 0.5; only 1.0 is supported");
  EXPECT_ERROR(parse(with("quantization_config", {{"bits", 4}})),
               R"(quantization_config is {"bits":4}; only null)");
}

TEST(LlamaConfig, RefusesOtherRotaryTypes) {
  for (const char* type : {"dynamic", "yarn", "longrope", "mrope"}) {
    EXPECT_ERROR(parse(with("rope_scaling", {{"type", type}, {"factor", 2.0}})),
                 concat("config.json: rope_scaling: type is \"", type,
                        "\"; only \"default\", \"linear\" and \"llama3\" are supported"));
    EXPECT_ERROR(parse(with("rope_parameters", {{"rope_type", type}})),
                 concat("config.json: rope_parameters: rope_type is \"", type, "\"; only"));
  }
  EXPECT_ERROR(parse(with("rope_parameters", {{"partial_rotary_factor", 0.25}})),
               "rope_parameters: partial_rotary_factor is 0.25");
}

TEST(LlamaConfig, RefusesRotaryValuesOutOfRange) {
  const auto changed = [](const char* key, const json& value) {
    json rope = kLlama3;
    rope[key] = value;
    return with("rope_scaling", rope);
  };
  EXPECT_ERROR(parse(changed("factor", 0.5)), "config.json: rope factor is 0.5; expected 1 to 1e6");
  EXPECT_ERROR(parse(changed("factor", nullptr)), "config.json: rope_scaling: key \"factor\" is missing");
  EXPECT_ERROR(parse(changed("low_freq_factor", 0)), "rope low_freq_factor is 0; expected above 0");
  EXPECT_ERROR(parse(changed("high_freq_factor", 1.0)),
               "rope high_freq_factor is 1; expected above low_freq_factor = 1");
  EXPECT_ERROR(parse(changed("original_max_position_embeddings", 0)),
               "original_max_position_embeddings is 0; expected");
  EXPECT_ERROR(parse(changed("rope_type", 3)), "rope_type is 3; expected a string");
  EXPECT_ERROR(parse(with("rope_theta", 0)), "rope_theta is 0; expected above 0");
  EXPECT_ERROR(parse(with("rope_theta", "x")), R"(rope_theta is "x"; expected a number)");
  EXPECT_ERROR(parse(with("rope_parameters", 1)), "rope_parameters is 1; expected an object");
}

TEST(LlamaConfig, NamesAMissingRequiredKey) {
  EXPECT_ERROR(parse(without("model_type")), "config.json: key \"model_type\" is missing");
}

TEST(LlamaConfig, SizesThatAreAbsentAreThoseOfTransformers) {
  const ModelConfig config = parse({{"model_type", "llama"}});
  EXPECT_EQ(config.vocab_size, 32000);
  EXPECT_EQ(config.hidden_size, 4096);
  EXPECT_EQ(config.intermediate_size, 11008);
  EXPECT_EQ(config.layers, 32);
  EXPECT_EQ(config.heads, 32);
  EXPECT_EQ(config.kv_heads, 32);
  EXPECT_EQ(config.head_dim, 128);
}

TEST(LlamaConfig, ReadsTheFirstConversionsOfLlama1) {
  json config = with("architectures", {"LLaMAForCausalLM"});
  config["max_sequence_length"] = 4096;  // transformers does not read it
  config["pad_token_id"] = -1;
  config.erase("max_position_embeddings");
  EXPECT_EQ(parse(config).max_position_embeddings, 2048);
}

TEST(LlamaConfig, EscapesAndCutsWhatItQuotes) {
  EXPECT_ERROR(parse(with("model_type", "a\x1b[2Jb")), R"(model_type is "a\x1b[2Jb"; only "llama")");
  EXPECT_ERROR(parse(with("model_type", std::string("a\0b", 3))), R"(model_type is "a\x00b"; only)");
  EXPECT_ERROR(parse(with("model_type", std::string(100'000, 'm'))), "mmm... (99800 bytes cut) ...mmm");
  EXPECT_ERROR(parse(with("architectures", {std::string(100'000, 'm')})), " bytes cut) ...mmm");
}

TEST(LlamaConfig, RefusesWrongTypes) {
  EXPECT_ERROR(parse(with("vocab_size", "32000")), R"(vocab_size is "32000"; expected an integer)");
  EXPECT_ERROR(parse(with("hidden_size", 64.0)), "hidden_size is 64.0; expected an integer");
  EXPECT_ERROR(parse(with("rms_norm_eps", true)), "rms_norm_eps is true; expected a number");
  EXPECT_ERROR(parse(with("tie_word_embeddings", 1)), "tie_word_embeddings is 1; expected true or false");
  EXPECT_ERROR(parse(with("model_type", json::array({1}))), "model_type is [1]; expected a string");
}

TEST(LlamaConfig, RefusesSizesOutOfRange) {
  for (const char* key : {"vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "head_dim",
                          "num_attention_heads", "num_key_value_heads", "max_position_embeddings"}) {
    EXPECT_ERROR(parse(with(key, 0)), concat("config.json: ", key, " is 0; expected 1 to "));
    EXPECT_ERROR(parse(with(key, -4)), concat("config.json: ", key, " is -4; expected 1 to "));
    EXPECT_ERROR(parse(with(key, 4294967360)),
                 concat("config.json: ", key, " is 4294967360; expected 1 to "));
    EXPECT_ERROR(parse(with(key, UINT64_MAX)),
                 concat("config.json: ", key, " is 9223372036854775807; expected"));
  }
  EXPECT_ERROR(parse(with("rms_norm_eps", 0)), "rms_norm_eps is 0; expected above 0");
  EXPECT_ERROR(parse(with("initializer_range", -1)), "initializer_range is -1; expected 0 to 1");
}

TEST(LlamaConfig, RefusesSizesThatDoNotFitTogether) {
  EXPECT_ERROR(parse(with("num_key_value_heads", 3)),
               "num_attention_heads is 4; expected a multiple of num_key_value_heads = 3");
  EXPECT_ERROR(parse(with("hidden_size", 66)),
               "hidden_size is 66; expected a multiple of num_attention_heads = 4");
  EXPECT_ERROR(parse(with("hidden_size", 2)),
               "hidden_size is 2; expected a multiple of num_attention_heads = 4");
  EXPECT_ERROR(parse(with("head_dim", 15)), "head_dim is 15; expected an even number");
  EXPECT_ERROR(parse(with("hidden_size", 60)), "head_dim is 15; expected an even number");
}

TEST(LlamaConfig, ValidateNamesTheOrigin) {
  ModelConfig config = parse(base_config());
  EXPECT_NO_THROW(validate(config, "ModelConfig"));
  config.layers = 0;
  EXPECT_ERROR(validate(config, "ModelConfig"), "ModelConfig: num_hidden_layers is 0; expected 1 to 4096");
  EXPECT_ERROR(validate(ModelConfig{}, "ModelConfig"), "ModelConfig: vocab_size is 0");
}

TEST(LlamaConfig, NotANumberIsRefused) {
  ModelConfig config = parse(base_config());
  config.rope_theta = std::numeric_limits<double>::quiet_NaN();
  EXPECT_ERROR(validate(config, "c"), "c: rope_theta is nan");
  config = parse(base_config());
  config.rms_norm_eps = std::numeric_limits<double>::quiet_NaN();
  EXPECT_ERROR(validate(config, "c"), "c: rms_norm_eps is nan");
  config = parse(base_config());
  config.initializer_range = std::numeric_limits<double>::infinity();
  EXPECT_ERROR(validate(config, "c"), "c: initializer_range is inf");
}

TEST(LlamaConfig, RefusesAFolderWithoutAModel) {
  const TempDir dir;
  EXPECT_ERROR(read_model_config(dir / "absent"), "no such model: ");
  EXPECT_ERROR(read_model_config(dir.path()),
               "no such model: " + (dir / "config.json").string() + " does not exist");
  dir.write("config.json", "{\"vocab_size\": 3,");
  EXPECT_ERROR(read_model_config(dir.path()),
               (dir / "config.json").string() + ": malformed JSON: parse error");
  dir.write("config.json", base_config().dump());
  EXPECT_EQ(read_model_config(dir.path()).vocab_size, 259);
}

TEST(LlamaConfig, WhatIsWrittenReadsBackEqual) {
  json original = base_config();
  for (const json& rope : {json(nullptr), json{{"type", "linear"}, {"factor", 2.5}}, kLlama3}) {
    original["rope_scaling"] = rope;
    const ModelConfig config = parse(original);
    const std::string text = config_json(config, DType::kBFloat16, original.dump());
    const ModelConfig again = parse_model_config(text, "again");
    EXPECT_EQ(config_json(again, DType::kBFloat16, text), text);
    EXPECT_EQ(again.rope_scaling, config.rope_scaling);
    EXPECT_EQ(again.rope_factor, config.rope_factor);
    EXPECT_EQ(again.head_dim, config.head_dim);
  }
}

TEST(LlamaConfig, WritingKeepsForeignKeysAndUpdatesTheDType) {
  json original = with("my_own_key", {{"nested", json::array({1, nullptr})}});
  const json written = json::parse(config_json(parse(original), DType::kBFloat16, original.dump()));
  EXPECT_EQ(written["bos_token_id"], 1);
  EXPECT_EQ(written["eos_token_id"], 2);
  EXPECT_EQ(written["my_own_key"], original["my_own_key"]);
  EXPECT_EQ(written["dtype"], "bfloat16");
  EXPECT_EQ(written["torch_dtype"], "bfloat16");
  EXPECT_EQ(written["rope_parameters"], json({{"rope_type", "default"}, {"rope_theta", 10000.0}}));
  EXPECT_EQ(written["rope_scaling"], json(nullptr));
}

TEST(LlamaConfig, WritesBothSpellingsOfRotaryKeys) {
  ModelConfig config = parse(with("rope_scaling", kLlama3));
  config.rope_theta = 5e5;
  const json written = json::parse(config_json(config, DType::kFloat32, ""));
  json both = kLlama3;
  EXPECT_EQ(written["rope_scaling"], both);
  both["rope_theta"] = 5e5;
  EXPECT_EQ(written["rope_parameters"], both);
  EXPECT_EQ(written["dtype"], "float32");
  EXPECT_FALSE(written.contains("bos_token_id"));
}

TEST(LlamaConfig, GenerationConfigIsKeptOrDerived) {
  const json kept = json::parse(generation_config_json(R"({"eos_token_id": [7, 8], "top_p": 0.9})", "{}"));
  EXPECT_EQ(kept, json::parse(R"({"eos_token_id": [7, 8], "top_p": 0.9})"));
  const json derived = json::parse(generation_config_json("", base_config().dump()));
  EXPECT_EQ(derived, json::parse(R"({"_from_model_config": true, "bos_token_id": 1, "eos_token_id": 2,
                                     "pad_token_id": 0})"));
  EXPECT_EQ(json::parse(generation_config_json("")), json::parse(R"({"_from_model_config": true})"));
  EXPECT_ERROR(generation_config_json("[]"),
               "generation_config.json that the model came with: expected a JSON object");
}

}  // namespace
}  // namespace dmt::llama_config_test
