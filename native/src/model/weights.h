// Filling a model's units from a checkpoint or from a seed, and writing them back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "checkpoint/safetensors_writer.h"
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

/// Reads this rank's slices of the weights of a Hugging Face folder. Refuses missing, misshaped and
/// unexpected tensors, and values in its slices that are not finite.
void load_weights(std::vector<ShardedUnit>& units, const ModelConfig& model, const EngineConfig& config,
                  const std::filesystem::path& model_dir);

/// Fresh weights: matrices normal with the given deviation, norms 1. The same for every world size.
void initialise_weights(std::vector<ShardedUnit>& units, const ModelConfig& model, const EngineConfig& config,
                        uint64_t seed, double deviation);

/// Texts that a model came with, or "".
struct OriginalConfigs {
  std::string config;
  std::string generation_config;
};

/// Those of a model's folder.
OriginalConfigs read_originals(const std::filesystem::path& model_dir);

/// How a model is written: its configs stand beside the weights.
WriteOptions model_options(const ModelConfig& model, DType dtype, const OriginalConfigs& originals);

/// Gathers units one by one, in their order; one is held at a time. All of them are gathered in the end,
/// whatever becomes of who reads: the other ranks do.
class GatheredUnits {
 public:
  explicit GatheredUnits(const std::vector<ShardedUnit>& units)
      : units_(units), tensors_(tensors_of(units)) {}
  ~GatheredUnits();
  GatheredUnits(const GatheredUnits&) = delete;
  GatheredUnits& operator=(const GatheredUnits&) = delete;

  /// Copies elements of a tensor, by its number in tensors_of(), of a unit that is not before the one asked
  /// for last.
  void read(size_t tensor, int64_t begin, int64_t count, float* out);

 private:
  void gather_next();

  const std::vector<ShardedUnit>& units_;
  std::vector<TensorLocation> tensors_;
  size_t next_ = 0;
  at::Tensor whole_;  // of unit next_ - 1
};

/// Writes weights and both configs to a directory that exists. In a world of several ranks one rank does, and
/// the others call send_weights(): units travel one by one.
void save_weights(const std::vector<ShardedUnit>& units, const ModelConfig& model, DType dtype,
                  const std::filesystem::path& directory, const OriginalConfigs& originals);
/// Takes part in the gathers of another rank's save_weights().
void send_weights(const std::vector<ShardedUnit>& units);

}  // namespace dmt
