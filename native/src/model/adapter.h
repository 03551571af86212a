// Low-rank adapters (LoRA, arXiv 2106.09685) beside a model's matrices: where their parameters lie, under
// which names, and how they begin.
//
// Shapes: a matrix is [N, K]; r its adapter's rank, R the ranks of a group together; V tokens of the
// vocabulary, C hidden size.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dist/sharded_unit.h"
#include "dmt/engine.h"
#include "model/model_units.h"

namespace dmt {

/// Whether any matrix is a target.
bool has_adapter(const AdapterConfig& adapter);
/// Throws unless ranks, alphas and dropout are in range for the model, and its matrices can be targets.
void validate(const AdapterConfig& adapter, const ModelConfig& model);
/// What the product of A and B is multiplied by.
double adapter_scale(const AdapterConfig& adapter, AdapterTarget target);
/// PEFT's name of the module, such as "q_proj".
const char* module_name(AdapterTarget target);

/// Beside one matrix of a group.
struct LowRankPart {
  int64_t first_rank;  ///< of its A in the group's
  int64_t rank;
  int64_t first_column;  ///< of its outputs among the group's
  int64_t columns;       ///< N
  double scale;
  at::Tensor b_Nr;
};

/// Beside matrices that have the same input and whose outputs lie next to each other, such as those of query,
/// key and value: their A lie next to each other, too. Of weights or of gradients.
struct LowRankGroup {
  at::Tensor a_RK;
  std::vector<LowRankPart> parts;
  bool empty() const { return parts.empty(); }
};

/// Of a decoder block.
struct BlockAdapter {
  LowRankGroup qkv, output, gate_up, down;
};

/// Beside the embeddings: a row is A[:, token], B's input.
struct EmbeddingAdapter {
  at::Tensor a_rV, b_Cr;
  double scale = 0.0;
};

/// An adapter's parameters as units beside those of the model (see [Note: units]). Weights are whole on every
/// rank, gathered once after each update; gradients and optimizer states are cut as the model's would be.
class AdapterUnits {
 public:
  /// @param device kMeta: sizes without memory
  AdapterUnits(const ModelConfig& model, const EngineConfig& config, const AdapterConfig& adapter,
               RankGrid& grid, Ops& ops, at::Device device)
      : AdapterUnits(model, adapter, plans(model, config, adapter, device), config, grid, ops, device) {}
  AdapterUnits(const AdapterUnits&) = delete;
  AdapterUnits& operator=(const AdapterUnits&) = delete;

  const AdapterConfig& config() const { return adapter_; }
  std::vector<ShardedUnit>& all() { return units_; }
  const std::vector<ShardedUnit>& all() const { return units_; }
  /// Null where nothing of it is a target.
  ShardedUnit* embedding() { return at(embedding_); }
  ShardedUnit* block(int32_t layer) { return blocks_ < 0 ? nullptr : at(blocks_ + layer); }
  ShardedUnit* head() { return at(head_); }

  /// Views of a unit's flat weights or gradients.
  BlockAdapter block_of(const at::Tensor& flat) const;
  EmbeddingAdapter embedding_of(const at::Tensor& flat) const;
  LowRankGroup head_of(const at::Tensor& flat) const;

  MemoryAccount memory_account() const { return account_of(units_, buffers_); }

 private:
  static std::vector<UnitPlan> plans(const ModelConfig& model, const EngineConfig& config,
                                     const AdapterConfig& adapter, at::Device device);
  AdapterUnits(const ModelConfig& model, const AdapterConfig& adapter, const std::vector<UnitPlan>& plans,
               const EngineConfig& config, RankGrid& grid, Ops& ops, at::Device device);
  ShardedUnit* at(int index) { return index < 0 ? nullptr : &units_[static_cast<size_t>(index)]; }

  ModelConfig model_;
  AdapterConfig adapter_;
  int embedding_ = -1, blocks_ = -1, head_ = -1;  // first index of the kind, -1: there is none
  UnitBuffers buffers_;
  std::vector<ShardedUnit> units_;
};

/// Layouts of an adapter's units in their order, with PEFT's names; empty ones are left out.
std::vector<UnitLayout> adapter_layouts(const ModelConfig& model, const AdapterConfig& adapter);

/// Fresh: A uniform in +-1 / sqrt(K), B zeros, an embedding's A zeros and its B normal (PEFT 0.21,
/// tuners/lora/layer.py: reset_lora_parameters). The same for every world size.
void initialise_adapter(AdapterUnits& adapter);

/// One line that tells all of an adapter but its weights, for the metadata of state files.
std::string adapter_text(const AdapterConfig& adapter);
/// @param text of adapter_text(); "" gives an adapter without targets @param origin for messages
AdapterConfig parse_adapter_text(const std::string& text, const std::string& origin);

}  // namespace dmt
