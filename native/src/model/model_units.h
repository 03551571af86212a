#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "dist/sharded_unit.h"
#include "dmt/engine.h"

namespace dmt {

/// Layouts of a model's units in their order: embedding, decoder blocks, head.
std::vector<UnitLayout> unit_layouts(const ModelConfig& model);

/// The units of a model (see [Note: units]) and the buffers that they share.
class ModelUnits {
 public:
  ModelUnits(const ModelConfig& model, const EngineConfig& config, RankGrid& grid, Ops& ops)
      : ModelUnits(model, config, grid, ops, ops.device()) {}
  /// @param device kMeta: sizes without memory
  ModelUnits(const ModelConfig& model, const EngineConfig& config, RankGrid& grid, Ops& ops,
             at::Device device);
  ModelUnits(const ModelUnits&) = delete;
  ModelUnits& operator=(const ModelUnits&) = delete;

  std::vector<ShardedUnit>& all() { return units_; }
  const std::vector<ShardedUnit>& all() const { return units_; }
  ShardedUnit& embedding() { return units_.front(); }
  ShardedUnit& block(int32_t layer) { return units_[static_cast<size_t>(layer) + 1]; }
  ShardedUnit& head() { return units_.back(); }

  /// Everything but activations.
  MemoryAccount memory_account() const;

 private:
  UnitBuffers buffers_;
  std::vector<ShardedUnit> units_;
};

}  // namespace dmt
