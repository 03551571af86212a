#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "dist/sharded_unit.h"
#include "dmt/engine.h"

namespace dmt {

/// Rows of the matrices of embedding and unembedding. On a GPU a multiple of 8, so that rows of logits lie
/// where products and kernels read 16 bytes at a time; rows behind the vocabulary are zeros, their logits
/// count as -inf (see forbid_padding()), and no file holds them.
int64_t vocabulary_rows(const ModelConfig& model, Device device);
/// Takes all probability from what is no token. @param logits_LV [L, vocabulary_rows()]
void forbid_padding(at::Tensor logits_LV, const ModelConfig& model);

/// Layouts of a model's units in their order: embedding, decoder blocks, head.
/// @param vocabulary_rows 0: as many as there are tokens
std::vector<UnitLayout> unit_layouts(const ModelConfig& model, int64_t vocabulary_rows = 0);

/// A unit before it is made.
struct UnitPlan {
  UnitLayout layout;
  UnitOptions options;
};

/// What a config says of units.
UnitOptions unit_options(const EngineConfig& config, at::Device device);
/// The buffers that these units share.
UnitBuffers make_buffers(const std::vector<UnitPlan>& plans, const RankGrid& grid, const EngineConfig& config,
                         Ops& ops, at::Device device);
/// @param buffers must outlive the units, and stay where they are
std::vector<ShardedUnit> make_units(const std::vector<UnitPlan>& plans, RankGrid& grid, UnitBuffers& buffers);
/// Adds part by part.
MemoryAccount& operator+=(MemoryAccount& account, const MemoryAccount& more);
/// Everything but activations.
MemoryAccount account_of(const std::vector<ShardedUnit>& units, const UnitBuffers& buffers);

/// The units of a model (see [Note: units]) and the buffers that they share.
class ModelUnits {
 public:
  ModelUnits(const ModelConfig& model, const EngineConfig& config, RankGrid& grid, Ops& ops)
      : ModelUnits(model, config, grid, ops, ops.device()) {}
  /// @param device kMeta: sizes without memory
  ModelUnits(const ModelConfig& model, const EngineConfig& config, RankGrid& grid, Ops& ops,
             at::Device device)
      : ModelUnits(model_plans(model, config, device), config, grid, ops, device) {}
  ModelUnits(const ModelUnits&) = delete;
  ModelUnits& operator=(const ModelUnits&) = delete;

  std::vector<ShardedUnit>& all() { return units_; }
  const std::vector<ShardedUnit>& all() const { return units_; }
  ShardedUnit& embedding() { return units_.front(); }
  ShardedUnit& block(int32_t layer) { return units_[static_cast<size_t>(layer) + 1]; }
  ShardedUnit& head() { return units_.back(); }

  MemoryAccount memory_account() const { return account_of(units_, buffers_); }

 private:
  static std::vector<UnitPlan> model_plans(const ModelConfig& model, const EngineConfig& config,
                                           at::Device device);
  ModelUnits(const std::vector<UnitPlan>& plans, const EngineConfig& config, RankGrid& grid, Ops& ops,
             at::Device device)
      : buffers_(make_buffers(plans, grid, config, ops, device)), units_(make_units(plans, grid, buffers_)) {}

  UnitBuffers buffers_;
  std::vector<ShardedUnit> units_;
};

}  // namespace dmt
