#include "model/llama_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/check.h"
#include "base/files.h"
#include "base/json.h"

namespace dmt {
namespace {

using nlohmann::json;

// Largest sizes accepted: far above any model, and so low that the bytes of all parameters of all layers
// together (2^59) still fit int64_t.
constexpr int64_t kMaxVocabSize = 1 << 24;
constexpr int64_t kMaxWidth = 1 << 20;
constexpr int64_t kMaxLayers = 1 << 12;
constexpr int64_t kMaxHeads = 1 << 12;
constexpr int64_t kMaxHeadDim = 1 << 10;
constexpr int64_t kMaxPositions = 1 << 30;

// Short enough for a message.
std::string excerpt(const json& value) {
  return printable_value(value.dump(-1, ' ', /*ensure_ascii=*/true));
}

// Typed access to one JSON object. A null counts as absent, as it does in transformers.
class Keys {
 public:
  Keys(const json& object, std::string origin) : object_(object), origin_(std::move(origin)) {}

  const json* find(const char* key) const {
    const auto it = object_.find(key);
    return it == object_.end() || it->is_null() ? nullptr : &*it;
  }

  int64_t integer(const char* key) const {
    const json& value = required(key);
    DMT_CHECK(value.is_number_integer(), origin_, ": ", key, " is ", excerpt(value), "; expected an integer");
    // A literal above int64's range is stored as unsigned; reading it as signed would wrap.
    constexpr uint64_t kLargest = INT64_MAX;
    return value.is_number_unsigned() && value.get<uint64_t>() > kLargest ? INT64_MAX : value.get<int64_t>();
  }
  int64_t integer(const char* key, int64_t absent) const { return find(key) ? integer(key) : absent; }

  double number(const char* key) const {
    const json& value = required(key);
    DMT_CHECK(value.is_number(), origin_, ": ", key, " is ", excerpt(value), "; expected a number");
    return value.get<double>();
  }
  double number(const char* key, double absent) const { return find(key) ? number(key) : absent; }

  bool boolean(const char* key, bool absent) const {
    const json* value = find(key);
    if (!value) return absent;
    DMT_CHECK(value->is_boolean(), origin_, ": ", key, " is ", excerpt(*value), "; expected true or false");
    return value->get<bool>();
  }

  std::string string(const char* key) const {
    const json& value = required(key);
    DMT_CHECK(value.is_string(), origin_, ": ", key, " is ", excerpt(value), "; expected a string");
    return value.get<std::string>();
  }

  // An object within the object; its messages say where it is.
  Keys object(const char* key) const {
    const json& value = required(key);
    DMT_CHECK(value.is_object(), origin_, ": ", key, " is ", excerpt(value), "; expected an object");
    return Keys(value, concat(origin_, ": ", key));
  }

  // The engine supports one value only, which is also what an absent key means.
  void expect(const char* key, const json& supported) const {
    const json* value = find(key);
    DMT_CHECK(!value || *value == supported, origin_, ": ", key, " is ", excerpt(*value), "; only ",
              excerpt(supported), " is supported");
  }

  const std::string& origin() const { return origin_; }

 private:
  const json& required(const char* key) const {
    const json* value = find(key);
    DMT_CHECK(value, origin_, ": key \"", key, "\" is missing");
    return *value;
  }

  const json& object_;
  std::string origin_;
};

void check_size(const std::string& origin, const char* key, int64_t value, int64_t largest) {
  DMT_CHECK(value >= 1 && value <= largest, origin, ": ", key, " is ", value, "; expected 1 to ", largest);
}

int32_t size(const Keys& keys, const char* key, int64_t value, int64_t largest) {
  check_size(keys.origin(), key, value, largest);
  return static_cast<int32_t>(value);
}

void refuse_other_architectures(const Keys& keys) {
  DMT_CHECK(keys.string("model_type") == "llama", keys.origin(), ": model_type is \"",
            printable_value(keys.string("model_type")), "\"; only \"llama\" is supported");
  const json* architectures = keys.find("architectures");
  if (!architectures || *architectures != json::array({"LLaMAForCausalLM"})) {  // spelt so in 2023
    keys.expect("architectures", json::array({"LlamaForCausalLM"}));
  }
  keys.expect("hidden_act", "silu");
  keys.expect("attention_bias", false);
  keys.expect("mlp_bias", false);
  keys.expect("attention_dropout", 0.0);
  keys.expect("partial_rotary_factor", 1.0);
  for (const char* key : {"sliding_window", "quantization_config"}) {
    const json* value = keys.find(key);
    DMT_CHECK(!value, keys.origin(), ": ", key, " is ", excerpt(*value), "; only null is supported");
  }
}

void read_llama3_scaling(const Keys& rope, ModelConfig& config) {
  config.rope_scaling = RopeScaling::kLlama3;
  config.rope_factor = rope.number("factor");
  config.rope_low_freq_factor = rope.number("low_freq_factor");
  config.rope_high_freq_factor = rope.number("high_freq_factor");
  config.rope_original_max_position_embeddings =
      size(rope, "original_max_position_embeddings",
           rope.integer("original_max_position_embeddings", config.max_position_embeddings), kMaxPositions);
}

// transformers 5 lets rope_scaling win where a file has both, so a file in which they differ says two
// things; which one its author meant cannot be known.
void refuse_contradiction(const Keys& keys, const ModelConfig& config, const ModelConfig& other) {
  const bool equal =
      config.rope_scaling == other.rope_scaling && config.rope_factor == other.rope_factor &&
      config.rope_theta == other.rope_theta && config.rope_low_freq_factor == other.rope_low_freq_factor &&
      config.rope_high_freq_factor == other.rope_high_freq_factor &&
      config.rope_original_max_position_embeddings == other.rope_original_max_position_embeddings;
  DMT_CHECK(equal, keys.origin(), ": rope_scaling is ", excerpt(*keys.find("rope_scaling")),
            " and rope_parameters is ", excerpt(*keys.find("rope_parameters")),
            "; expected one of them, or the same values in both");
}

void read_rope_object(const Keys& rope, ModelConfig& config) {
  config.rope_theta = rope.number("rope_theta", config.rope_theta);
  rope.expect("partial_rotary_factor", 1.0);
  const char* type_key = rope.find("rope_type") ? "rope_type" : "type";
  const std::string type = rope.find(type_key) ? rope.string(type_key) : "default";
  if (type == "linear") {
    config.rope_scaling = RopeScaling::kLinear;
    config.rope_factor = rope.number("factor");
  } else if (type == "llama3") {
    read_llama3_scaling(rope, config);
  } else {
    DMT_CHECK(type == "default", rope.origin(), ": ", type_key, " is \"", printable_value(type),
              "\"; only \"default\", \"linear\" and \"llama3\" are supported");
  }
}

void read_rope(const Keys& keys, ModelConfig& config) {
  config.rope_theta = keys.number("rope_theta", config.rope_theta);
  const ModelConfig unscaled = config;
  if (keys.find("rope_parameters")) read_rope_object(keys.object("rope_parameters"), config);
  if (keys.find("rope_scaling")) {
    ModelConfig other = unscaled;
    read_rope_object(keys.object("rope_scaling"), other);
    if (keys.find("rope_parameters")) refuse_contradiction(keys, config, other);
    config = other;
  }
}

void check_positive(const std::string& origin, const char* key, double value, double largest) {
  DMT_CHECK(value > 0 && value <= largest, origin, ": ", key, " is ", value, "; expected above 0, at most ",
            largest);
}

void validate_rope(const ModelConfig& config, const std::string& origin) {
  check_positive(origin, "rope_theta", config.rope_theta, 1e15);
  if (config.rope_scaling == RopeScaling::kNone) return;
  DMT_CHECK(config.rope_factor >= 1 && config.rope_factor <= 1e6, origin, ": rope factor is ",
            config.rope_factor, "; expected 1 to 1e6");
  if (config.rope_scaling == RopeScaling::kLinear) return;
  check_positive(origin, "rope low_freq_factor", config.rope_low_freq_factor, 1e6);
  check_positive(origin, "rope high_freq_factor", config.rope_high_freq_factor, 1e6);
  DMT_CHECK(config.rope_high_freq_factor > config.rope_low_freq_factor, origin, ": rope high_freq_factor is ",
            config.rope_high_freq_factor, "; expected above low_freq_factor = ", config.rope_low_freq_factor);
  check_size(origin, "rope original_max_position_embeddings", config.rope_original_max_position_embeddings,
             kMaxPositions);
}

json rope_json(const ModelConfig& config) {
  switch (config.rope_scaling) {
    case RopeScaling::kNone:
      return {{"rope_type", "default"}};
    case RopeScaling::kLinear:
      return {{"rope_type", "linear"}, {"factor", config.rope_factor}};
    case RopeScaling::kLlama3:
      return {{"rope_type", "llama3"},
              {"factor", config.rope_factor},
              {"low_freq_factor", config.rope_low_freq_factor},
              {"high_freq_factor", config.rope_high_freq_factor},
              {"original_max_position_embeddings", config.rope_original_max_position_embeddings}};
  }
  fail("unknown rope scaling ", static_cast<int>(config.rope_scaling));
}

void write_rope(const ModelConfig& config, json& out) {
  json rope = rope_json(config);
  out["rope_theta"] = config.rope_theta;
  out["rope_scaling"] = config.rope_scaling == RopeScaling::kNone ? json(nullptr) : rope;
  rope["rope_theta"] = config.rope_theta;
  out["rope_parameters"] = rope;
}

// At least 1, so that heads that do not divide hidden_size are reported as such.
int64_t default_head_dim(const ModelConfig& config) {
  return std::max(1, config.hidden_size / config.heads);
}

json parse_or_empty(const std::string& text, const char* origin) {
  return text.empty() ? json::object() : parse_json_object(text, origin);
}

}  // namespace

ModelConfig parse_model_config(const std::string& text, const std::string& origin) {
  const json document = parse_json_object(text, origin);
  const Keys keys(document, origin);
  refuse_other_architectures(keys);
  ModelConfig config;
  // The defaults are those of transformers' LlamaConfig, which leaves out keys that have their default value.
  config.vocab_size = size(keys, "vocab_size", keys.integer("vocab_size", 32000), kMaxVocabSize);
  config.hidden_size = size(keys, "hidden_size", keys.integer("hidden_size", 4096), kMaxWidth);
  config.intermediate_size =
      size(keys, "intermediate_size", keys.integer("intermediate_size", 11008), kMaxWidth);
  config.layers = size(keys, "num_hidden_layers", keys.integer("num_hidden_layers", 32), kMaxLayers);
  config.heads = size(keys, "num_attention_heads", keys.integer("num_attention_heads", 32), kMaxHeads);
  config.kv_heads =
      size(keys, "num_key_value_heads", keys.integer("num_key_value_heads", config.heads), kMaxHeads);
  config.head_dim = size(keys, "head_dim", keys.integer("head_dim", default_head_dim(config)), kMaxHeadDim);
  config.max_position_embeddings =
      size(keys, "max_position_embeddings", keys.integer("max_position_embeddings", 2048), kMaxPositions);
  config.rms_norm_eps = keys.number("rms_norm_eps", 1e-6);
  config.initializer_range = keys.number("initializer_range", 0.02);
  config.tie_word_embeddings = keys.boolean("tie_word_embeddings", false);
  read_rope(keys, config);
  validate(config, origin);
  return config;
}

ModelConfig read_model_config(const std::filesystem::path& model_dir) {
  check_model_dir(model_dir);
  const std::filesystem::path path = model_dir / "config.json";
  std::error_code error;  // a file that exists but cannot be read is reported by read_text_file
  DMT_CHECK(std::filesystem::exists(path, error) || error, "no such model: ", path.string(),
            " does not exist");
  return parse_model_config(read_text_file(path), path.string());
}

void validate(const ModelConfig& config, const std::string& origin) {
  check_size(origin, "vocab_size", config.vocab_size, kMaxVocabSize);
  check_size(origin, "hidden_size", config.hidden_size, kMaxWidth);
  check_size(origin, "intermediate_size", config.intermediate_size, kMaxWidth);
  check_size(origin, "num_hidden_layers", config.layers, kMaxLayers);
  check_size(origin, "num_attention_heads", config.heads, kMaxHeads);
  check_size(origin, "num_key_value_heads", config.kv_heads, kMaxHeads);
  check_size(origin, "head_dim", config.head_dim, kMaxHeadDim);
  check_size(origin, "max_position_embeddings", config.max_position_embeddings, kMaxPositions);
  DMT_CHECK(config.heads % config.kv_heads == 0, origin, ": num_attention_heads is ", config.heads,
            "; expected a multiple of num_key_value_heads = ", config.kv_heads);
  DMT_CHECK(config.hidden_size % config.heads == 0, origin, ": hidden_size is ", config.hidden_size,
            "; expected a multiple of num_attention_heads = ", config.heads);
  DMT_CHECK(config.head_dim % 2 == 0, origin, ": head_dim is ", config.head_dim,
            "; expected an even number, rotary positions turn pairs");
  check_positive(origin, "rms_norm_eps", config.rms_norm_eps, 1);
  DMT_CHECK(config.initializer_range >= 0 && config.initializer_range <= 1, origin, ": initializer_range is ",
            config.initializer_range, "; expected 0 to 1");
  validate_rope(config, origin);
}

std::string config_json(const ModelConfig& config, DType dtype, const std::string& original_json) {
  json out = parse_or_empty(original_json, "the config.json that the model came with");
  out["architectures"] = {"LlamaForCausalLM"};
  out["model_type"] = "llama";
  out["vocab_size"] = config.vocab_size;
  out["hidden_size"] = config.hidden_size;
  out["intermediate_size"] = config.intermediate_size;
  out["num_hidden_layers"] = config.layers;
  out["num_attention_heads"] = config.heads;
  out["num_key_value_heads"] = config.kv_heads;
  out["head_dim"] = config.head_dim;
  out["max_position_embeddings"] = config.max_position_embeddings;
  out["rms_norm_eps"] = config.rms_norm_eps;
  out["initializer_range"] = config.initializer_range;
  out["tie_word_embeddings"] = config.tie_word_embeddings;
  out["hidden_act"] = "silu";
  out["attention_bias"] = false;
  out["mlp_bias"] = false;
  write_rope(config, out);
  out["dtype"] = dtype == DType::kBFloat16 ? "bfloat16" : "float32";
  out["torch_dtype"] = out["dtype"];  // what transformers before 4.56 reads
  return out.dump(2) + "\n";
}

std::string generation_config_json(const std::string& original_json, const std::string& config_json) {
  json out = parse_or_empty(original_json, "the generation_config.json that the model came with");
  if (original_json.empty()) {
    const json config = parse_or_empty(config_json, "config.json");
    out["_from_model_config"] = true;
    for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id"}) {
      if (config.contains(key) && !config[key].is_null()) out[key] = config[key];
    }
  }
  return out.dump(2) + "\n";
}

}  // namespace dmt
