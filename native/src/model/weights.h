// Filling a model's units from a checkpoint or from a seed, and writing them back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dist/sharded_unit.h"
#include "dmt/engine.h"

namespace dmt {

/// One named tensor and where it lies.
struct TensorLocation {
  size_t unit;
  const ParameterSpec* parameter;
};

/// All tensors in the order in which they are saved.
std::vector<TensorLocation> tensors_of(const std::vector<ShardedUnit>& units);

/// Reads all weights of a Hugging Face folder. Refuses missing, misshaped and unexpected tensors, and values
/// that are not finite.
void load_weights(std::vector<ShardedUnit>& units, const std::filesystem::path& model_dir);

/// Fresh weights: matrices normal with the given deviation, norms 1.
void initialise_weights(std::vector<ShardedUnit>& units, uint64_t seed, double deviation);

/// Writes weights and both configs to a directory that exists.
/// @param original_config, original_generation_config texts that the model came with, or ""
void save_weights(const std::vector<ShardedUnit>& units, const ModelConfig& model, DType dtype,
                  const std::filesystem::path& directory, const std::string& original_config,
                  const std::string& original_generation_config);

}  // namespace dmt
