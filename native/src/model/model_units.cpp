#include "model/model_units.h"

#include <algorithm>

#include "model/decoder_block.h"

namespace dmt {
namespace {

UnitLayout embedding_layout(const ModelConfig& model) {
  UnitLayout layout("model.embed_tokens");
  layout.add("model.embed_tokens.weight", {model.vocab_size, model.hidden_size});
  return layout;
}

UnitLayout head_layout(const ModelConfig& model) {
  UnitLayout layout("lm_head");
  layout.add("model.norm.weight", {model.hidden_size});
  if (!model.tie_word_embeddings) layout.add("lm_head.weight", {model.vocab_size, model.hidden_size});
  return layout;
}

UnitOptions options_of(const EngineConfig& config, at::Device device) {
  const ParallelConfig& parallel = config.parallel;
  UnitOptions options;
  options.compute_dtype = scalar_type(config.compute_dtype);
  options.trainable = config.trainable;
  options.state_dtype = scalar_type(config.optimizer_states);
  options.gradient_dtype = scalar_type(config.gradient_dtype);
  options.device = device;
  if (parallel.sharding == Sharding::kGradOp) options.weights = WeightPlacement::kStaying;
  if (parallel.gradient_reduction == GradientReduction::kEachStep)
    options.gradients = GradientPlacement::kStaying;
  return options;
}

/// Those of one unit. A tied head is the final norm alone, needed together with the embedding: it stays, so
/// that two buffers are enough.
UnitOptions options_of(const UnitLayout& layout, UnitOptions options) {
  if (layout.parameters.size() > 1 || layout.parameters.front().shape.size() > 1) return options;
  options.weights = WeightPlacement::kStaying;
  options.gradients = GradientPlacement::kStaying;
  return options;
}

UnitBuffers make_buffers(const std::vector<UnitLayout>& layouts, const UnitOptions& options,
                         const RankGrid& grid, at::ScalarType wire_dtype, Ops& ops) {
  int64_t gathered = 0;
  GradientBuffers::Sizes gradients;
  for (const UnitLayout& layout : layouts) {
    const UnitOptions unit = options_of(layout, options);
    const ShardSpec spec(layout.elements, grid);
    const bool cut = grid.shards() > 1;
    if (cut && unit.weights == WeightPlacement::kRotating) gathered = std::max(gathered, spec.padded);
    if (!options.trainable) continue;
    if (cut && unit.gradients == GradientPlacement::kRotating)
      gradients.whole = std::max(gradients.whole, spec.padded);
    if (grid.world_size() > 1) gradients.wire = std::max(gradients.wire, spec.padded);
  }
  return {GatherBuffers(gathered, options.compute_dtype, options.device),
          GradientBuffers(gradients, {options.gradient_dtype, wire_dtype}, options.device, ops)};
}

}  // namespace

std::vector<UnitLayout> unit_layouts(const ModelConfig& model) {
  std::vector<UnitLayout> layouts{embedding_layout(model)};
  for (int32_t layer = 0; layer < model.layers; ++layer)
    layouts.push_back(decoder_block_layout(model, layer));
  layouts.push_back(head_layout(model));
  return layouts;
}

ModelUnits::ModelUnits(const ModelConfig& model, const EngineConfig& config, RankGrid& grid, Ops& ops,
                       at::Device device)
    : buffers_(make_buffers(unit_layouts(model), options_of(config, device), grid,
                            scalar_type(config.parallel.reduce_dtype), ops)) {
  for (UnitLayout& layout : unit_layouts(model)) {
    const UnitOptions options = options_of(layout, options_of(config, device));
    const auto index = static_cast<int>(units_.size());
    units_.emplace_back(index, std::move(layout), options, grid, buffers_);
  }
}

MemoryAccount ModelUnits::memory_account() const {
  MemoryAccount account;
  for (const ShardedUnit& unit : units_) {
    account.weights += unit.weight_bytes();
    account.master_weights += unit.master_bytes();
    account.gradients += unit.gradient_bytes();
    account.optimizer_states += unit.optimizer_bytes();
  }
  account.buffers = buffers_.weights.bytes() + buffers_.gradients.bytes();
  return account;
}

}  // namespace dmt
