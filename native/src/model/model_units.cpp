#include "model/model_units.h"

#include <algorithm>
#include <limits>

#include "model/decoder_block.h"

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
                         const RankGrid& grid, const ParallelConfig& parallel, Ops& ops) {
  // Of what travels along either axis the backend leaves one rank's part, where it adds.
  const int64_t adds_up = parallel.reduce_collective == ReduceCollective::kAllToAll ? 1
                          : grid.shards() > 1                                       ? grid.shards()
                                                                                    : grid.replicas();
  int64_t gathered = 0;
  GradientBuffers::Sizes gradients;
  for (const UnitLayout& layout : layouts) {
    const UnitOptions unit = options_of(layout, options);
    const ShardSpec spec(layout.elements, grid, layout.tail);
    const bool cut = grid.shards() > 1;
    if (cut && unit.weights == WeightPlacement::kRotating) gathered = std::max(gathered, spec.padded);
    if (!options.trainable) continue;
    if (cut && unit.gradients == GradientPlacement::kRotating)
      gradients.whole = std::max(gradients.whole, spec.padded);
    if (grid.world_size() > 1) gradients.wire = std::max(gradients.wire, spec.padded);
  }
  gradients.arrives = gradients.wire / adds_up;
  return {GatherBuffers(gathered, options.compute_dtype, options.device),
          GradientBuffers(gradients, {options.gradient_dtype, scalar_type(parallel.reduce_dtype)},
                          options.device, ops)};
}

}  // namespace

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

ModelUnits::ModelUnits(const ModelConfig& model, const EngineConfig& config, RankGrid& grid, Ops& ops,
                       at::Device device)
    : buffers_(make_buffers(unit_layouts(model, vocabulary_rows(model, config.device)),
                            options_of(config, device), grid, config.parallel, ops)) {
  for (UnitLayout& layout : unit_layouts(model, vocabulary_rows(model, config.device))) {
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
