/// config.json of a Hugging Face LlamaForCausalLM: what it says about the model, and how it is written.
#pragma once

#include <filesystem>
#include <string>

#include "dmt/engine.h"

namespace dmt {

/// Reads config.json of a model folder. Both spellings of the rotary keys are understood: rope_theta with
/// rope_scaling (transformers 4) and rope_parameters (transformers 5).
/// @throws EngineError naming the file, the key, the value found and what is supported
ModelConfig read_model_config(const std::filesystem::path& model_dir);

/// The same for the text of a config.json. @param origin names the text in messages, such as its path
ModelConfig parse_model_config(const std::string& json, const std::string& origin);

/// Throws unless every field is in the range that the engine supports, so that no product of sizes
/// overflows later. @param origin who made the config, such as a path; starts the message
void validate(const ModelConfig& config, const std::string& origin);

/// Text of the config.json to save with the model. It holds both spellings of the rotary keys and of the
/// dtype, so that transformers 4 and 5 read the same model.
/// @param original_json config.json that the model came with, or "": keys that the engine does not use,
///     such as bos_token_id, are taken from it
std::string config_json(const ModelConfig& config, DType dtype, const std::string& original_json);

/// Text of the generation_config.json to save with the model: the original, reformatted.
/// @param original_json generation_config.json that the model came with, or "" to derive one from the
///     special tokens in config_json
/// @param config_json text of a config.json, or ""
std::string generation_config_json(const std::string& original_json, const std::string& config_json = "");

}  // namespace dmt
