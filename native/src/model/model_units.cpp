#include "model/model_units.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/adapter.h"
#include "model/decoder_block.h"
#include "model/packed_block.h"

namespace dmt {
namespace {

/// The last parameter of its unit, so that rows that are padding lie behind it.
void add_vocabulary(UnitLayout& layout, const std::string& name, const ModelConfig& model,
                    int64_t vocabulary_rows) {
  layout.add(name, {model.vocab_size, model.hidden_size});
  if (vocabulary_rows > 0) layout.tail = (vocabulary_rows - model.vocab_size) * model.hidden_size;
}

UnitLayout embedding_layout(const ModelConfig& model, int64_t vocabulary_rows) {
  UnitLayout layout("model.embed_tokens");
  add_vocabulary(layout, "model.embed_tokens.weight", model, vocabulary_rows);
  return layout;
}

UnitLayout head_layout(const ModelConfig& model, int64_t vocabulary_rows) {
  UnitLayout layout("lm_head");
  layout.add("model.norm.weight", {model.hidden_size});
  if (!model.tie_word_embeddings) add_vocabulary(layout, "lm_head.weight", model, vocabulary_rows);
  return layout;
}

}  // namespace

UnitOptions unit_options(const EngineConfig& config, at::Device device) {
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

UnitBuffers make_buffers(const std::vector<UnitPlan>& plans, const RankGrid& grid, const EngineConfig& config,
                         Ops& ops, at::Device device) {
  const ParallelConfig& parallel = config.parallel;
  // Of what travels along either axis the backend leaves one rank's part, where it adds.
  const int64_t adds_up = parallel.reduce_collective == ReduceCollective::kAllToAll ? 1
                          : grid.shards() > 1                                       ? grid.shards()
                                                                                    : grid.replicas();
  int64_t gathered = 0;
  GradientBuffers::Sizes gradients;
  for (const auto& [layout, options] : plans) {
    const ShardSpec spec(layout.elements, grid, layout.tail);
    const bool cut = grid.shards() > 1;
    if (cut && options.weights == WeightPlacement::kRotating) {
      const auto size = static_cast<int64_t>(c10::elementSize(options.compute_dtype));
      gathered = std::max(gathered, spec.padded * size);
    }
    if (!options.trainable) continue;
    if (cut && options.gradients == GradientPlacement::kRotating)
      gradients.whole = std::max(gradients.whole, spec.padded);
    if (grid.world_size() > 1) gradients.wire = std::max(gradients.wire, spec.padded);
  }
  gradients.arrives = gradients.wire / adds_up;
  return {GatherBuffers(gathered, device),
          GradientBuffers(gradients, {scalar_type(config.gradient_dtype), scalar_type(parallel.reduce_dtype)},
                          device, ops)};
}

std::vector<ShardedUnit> make_units(const std::vector<UnitPlan>& plans, RankGrid& grid,
                                    UnitBuffers& buffers) {
  std::vector<ShardedUnit> units;
  for (const auto& [layout, options] : plans)
    units.emplace_back(static_cast<int>(units.size()), layout, options, grid, buffers);
  return units;
}

int64_t vocabulary_rows(const ModelConfig& model, Device device) {
  constexpr int64_t kAligned = 8;  // bfloat16 values of 16 bytes
  const int64_t rows = model.vocab_size;
  return device == Device::kCpu ? rows : (rows + kAligned - 1) / kAligned * kAligned;
}

void forbid_padding(at::Tensor logits_LV, const ModelConfig& model) {
  const int64_t V = model.vocab_size, padding = logits_LV.size(1) - V;
  if (padding == 0) return;
  const TimedWork timed(Work::kLoss);
  logits_LV.narrow(1, V, padding).fill_(-std::numeric_limits<float>::infinity());
}

std::vector<UnitLayout> unit_layouts(const ModelConfig& model, int64_t vocabulary_rows) {
  std::vector<UnitLayout> layouts{embedding_layout(model, vocabulary_rows)};
  for (int32_t layer = 0; layer < model.layers; ++layer)
    layouts.push_back(decoder_block_layout(model, layer));
  layouts.push_back(head_layout(model, vocabulary_rows));
  return layouts;
}

std::vector<UnitPlan> ModelUnits::model_plans(const ModelConfig& model, const EngineConfig& config,
                                              at::Device device) {
  UnitOptions options = unit_options(config, device);
  options.trainable = config.trainable && !has_adapter(config.adapter);
  std::vector<UnitPlan> plans;
  for (UnitLayout& layout : unit_layouts(model, vocabulary_rows(model, config.device)))
    plans.push_back({std::move(layout), options});
  for (size_t i = 1; is_packed(config) && i + 1 < plans.size(); ++i) {
    plans[i].layout = packed_layout(plans[i].layout, config);
    plans[i].options.compute_dtype = at::kByte;
  }
  if (model.tie_word_embeddings) {
    // The head is the final norm alone, needed together with the embedding: it stays, so that two buffers are
    // enough.
    plans.back().options.weights = WeightPlacement::kStaying;
    plans.back().options.gradients = GradientPlacement::kStaying;
  }
  return plans;
}

MemoryAccount& operator+=(MemoryAccount& account, const MemoryAccount& more) {
  account.weights += more.weights;
  account.master_weights += more.master_weights;
  account.gradients += more.gradients;
  account.optimizer_states += more.optimizer_states;
  account.buffers += more.buffers;
  account.activations_peak += more.activations_peak;
  return account;
}

MemoryAccount account_of(const std::vector<ShardedUnit>& units, const UnitBuffers& buffers) {
  MemoryAccount account;
  for (const ShardedUnit& unit : units) {
    account.weights += unit.weight_bytes();
    account.master_weights += unit.master_bytes();
    account.gradients += unit.gradient_bytes();
    account.optimizer_states += unit.optimizer_bytes();
  }
  account.buffers = buffers.weights.bytes() + buffers.gradients.bytes();
  return account;
}

}  // namespace dmt
