#include "model/adapter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/check.h"
#include "kernels/flat.h"
#include "kernels/stochastic_rounding.h"
#include "model/flat_cursor.h"

namespace dmt {
namespace {

constexpr std::array<const char*, kAdapterTargets> kModules = {
    "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "embed_tokens", "lm_head"};

/// Of decoder blocks, by their input.
using Group = std::vector<AdapterTarget>;
const std::array<Group, 4> kGroups = {
    Group{AdapterTarget::kQuery, AdapterTarget::kKey, AdapterTarget::kValue}, Group{AdapterTarget::kOutput},
    Group{AdapterTarget::kGate, AdapterTarget::kUp}, Group{AdapterTarget::kDown}};

/// PEFT's names begin so.
const std::string kPrefix = "base_model.model.";

struct MatrixSize {
  int64_t rows, columns;  // N, K
};

MatrixSize size_of(const ModelConfig& model, AdapterTarget target) {
  const int64_t C = model.hidden_size, F = model.intermediate_size, V = model.vocab_size;
  const int64_t A = int64_t{model.heads} * model.head_dim, kv = int64_t{model.kv_heads} * model.head_dim;
  switch (target) {
    case AdapterTarget::kQuery:
      return {A, C};
    case AdapterTarget::kKey:
    case AdapterTarget::kValue:
      return {kv, C};
    case AdapterTarget::kOutput:
      return {C, A};
    case AdapterTarget::kGate:
    case AdapterTarget::kUp:
      return {F, C};
    case AdapterTarget::kDown:
      return {C, F};
    case AdapterTarget::kEmbedding:
      return {C, V};
    case AdapterTarget::kHead:
      return {V, C};
  }
  fail("adapter target ", static_cast<int32_t>(target), " does not exist");
}

int64_t rank_of(const AdapterConfig& adapter, AdapterTarget target) {
  return adapter.ranks[static_cast<size_t>(target)];
}

bool has_any(const AdapterConfig& adapter, const Group& group) {
  return std::any_of(group.begin(), group.end(),
                     [&](AdapterTarget target) { return rank_of(adapter, target) > 0; });
}

bool has_block(const AdapterConfig& adapter) {
  return std::any_of(kGroups.begin(), kGroups.end(),
                     [&](const Group& group) { return has_any(adapter, group); });
}

/// "self_attn.q_proj" and the like.
std::string module_path(AdapterTarget target) {
  const bool attention = target <= AdapterTarget::kOutput;
  return std::string(attention ? "self_attn." : "mlp.") + module_name(target);
}

/// Adds the adapters of a group: first all A, then all B.
void add_group(UnitLayout& layout, const std::string& prefix, const Group& group, const ModelConfig& model,
               const AdapterConfig& adapter) {
  for (const bool first : {true, false}) {
    for (const AdapterTarget target : group) {
      const int64_t rank = rank_of(adapter, target);
      if (rank == 0) continue;
      const MatrixSize size = size_of(model, target);
      const std::string name = prefix + module_path(target);
      if (first) {
        layout.add(name + ".lora_A.weight", {rank, size.columns});
      } else {
        layout.add(name + ".lora_B.weight", {size.rows, rank});
      }
    }
  }
}

UnitLayout block_layout(const ModelConfig& model, const AdapterConfig& adapter, int32_t layer) {
  const std::string name = "model.layers." + std::to_string(layer);
  UnitLayout layout("adapter." + name);
  for (const Group& group : kGroups) add_group(layout, kPrefix + name + ".", group, model, adapter);
  return layout;
}

UnitLayout adapter_embedding_layout(const ModelConfig& model, const AdapterConfig& adapter) {
  const int64_t rank = rank_of(adapter, AdapterTarget::kEmbedding);
  const std::string name = "model.embed_tokens";
  UnitLayout layout("adapter." + name);
  layout.add(kPrefix + name + ".lora_embedding_A", {rank, model.vocab_size});
  layout.add(kPrefix + name + ".lora_embedding_B", {model.hidden_size, rank});
  return layout;
}

UnitLayout adapter_head_layout(const ModelConfig& model, const AdapterConfig& adapter) {
  const int64_t rank = rank_of(adapter, AdapterTarget::kHead);
  UnitLayout layout("adapter.lm_head");
  layout.add(kPrefix + "lm_head.lora_A.weight", {rank, model.hidden_size});
  layout.add(kPrefix + "lm_head.lora_B.weight", {model.vocab_size, rank});
  return layout;
}

/// The views of a group that add_group() laid out.
LowRankGroup take_group(FlatCursor& cursor, const Group& group, const ModelConfig& model,
                        const AdapterConfig& adapter) {
  LowRankGroup taken;
  int64_t ranks = 0, column = 0;
  for (const AdapterTarget target : group) {
    const int64_t rank = rank_of(adapter, target), rows = size_of(model, target).rows;
    if (rank > 0)
      taken.parts.push_back({ranks, rank, column, rows, adapter_scale(adapter, target), at::Tensor()});
    ranks += rank;
    column += rows;
  }
  if (ranks == 0) return taken;
  taken.a_RK = cursor.take({ranks, size_of(model, group.front()).columns});
  for (LowRankPart& part : taken.parts) part.b_Nr = cursor.take({part.columns, part.rank});
  return taken;
}

/// Uniform in [-1, 1): a function of seed, tensor and element alone.
float uniform(uint64_t key, int64_t element) {
  const uint64_t bits = kernels::mix(key + static_cast<uint64_t>(element));
  return static_cast<float>(static_cast<double>(bits >> 11) * 0x1p-52 - 1.0);
}

}  // namespace

bool has_adapter(const AdapterConfig& adapter) {
  return std::any_of(std::begin(adapter.ranks), std::end(adapter.ranks),
                     [](int32_t rank) { return rank != 0; });
}

const char* module_name(AdapterTarget target) {
  return kModules[static_cast<size_t>(target)];
}

double adapter_scale(const AdapterConfig& adapter, AdapterTarget target) {
  const auto rank = static_cast<double>(rank_of(adapter, target));
  return adapter.alphas[static_cast<size_t>(target)] / (adapter.rank_stabilized ? std::sqrt(rank) : rank);
}

void validate(const AdapterConfig& adapter, const ModelConfig& model) {
  DMT_CHECK(adapter.dropout >= 0 && adapter.dropout < 1, "adapter dropout must be in [0, 1), got ",
            adapter.dropout);
  for (int32_t i = 0; i < kAdapterTargets; ++i) {
    const auto target = static_cast<AdapterTarget>(i);
    const int64_t rank = rank_of(adapter, target);
    const MatrixSize size = size_of(model, target);
    const int64_t most = std::min(size.rows, size.columns);
    DMT_CHECK(rank >= 0 && rank <= most, "the adapter's rank for ", module_name(target), " is ", rank,
              "; its matrix is ", size.rows, " x ", size.columns, ", expected 1 to ", most,
              ", or 0 for no adapter there");
    if (rank == 0) continue;
    const double alpha = adapter.alphas[i];
    DMT_CHECK(alpha > 0 && std::isfinite(alpha), "the adapter's alpha for ", module_name(target), " is ",
              alpha, "; expected a positive number");
    DMT_CHECK(!model.tie_word_embeddings || target < AdapterTarget::kEmbedding, module_name(target),
              " cannot have an adapter in this model: embeddings and head are tied to one matrix, so that it "
              "could not be merged");
  }
}

std::vector<UnitLayout> adapter_layouts(const ModelConfig& model, const AdapterConfig& adapter) {
  std::vector<UnitLayout> layouts;
  if (rank_of(adapter, AdapterTarget::kEmbedding) > 0)
    layouts.push_back(adapter_embedding_layout(model, adapter));
  for (int32_t layer = 0; has_block(adapter) && layer < model.layers; ++layer)
    layouts.push_back(block_layout(model, adapter, layer));
  if (rank_of(adapter, AdapterTarget::kHead) > 0) layouts.push_back(adapter_head_layout(model, adapter));
  return layouts;
}

std::vector<UnitPlan> AdapterUnits::plans(const ModelConfig& model, const EngineConfig& config,
                                          const AdapterConfig& adapter, at::Device device) {
  UnitOptions options = unit_options(config, device);
  options.weights = WeightPlacement::kStaying;
  std::vector<UnitPlan> plans;
  for (UnitLayout& layout : adapter_layouts(model, adapter)) plans.push_back({std::move(layout), options});
  return plans;
}

AdapterUnits::AdapterUnits(const ModelConfig& model, const AdapterConfig& adapter,
                           const std::vector<UnitPlan>& plans, const EngineConfig& config, RankGrid& grid,
                           Ops& ops, at::Device device)
    : model_(model),
      adapter_(adapter),
      buffers_(make_buffers(plans, grid, config, ops, device)),
      units_(make_units(plans, grid, buffers_)) {
  if (rank_of(adapter, AdapterTarget::kEmbedding) > 0) embedding_ = 0;
  if (has_block(adapter)) blocks_ = embedding_ + 1;
  if (rank_of(adapter, AdapterTarget::kHead) > 0) head_ = static_cast<int>(units_.size()) - 1;
}

BlockAdapter AdapterUnits::block_of(const at::Tensor& flat) const {
  FlatCursor cursor{flat};
  BlockAdapter block;
  block.qkv = take_group(cursor, kGroups[0], model_, adapter_);
  block.output = take_group(cursor, kGroups[1], model_, adapter_);
  block.gate_up = take_group(cursor, kGroups[2], model_, adapter_);
  block.down = take_group(cursor, kGroups[3], model_, adapter_);
  return block;
}

EmbeddingAdapter AdapterUnits::embedding_of(const at::Tensor& flat) const {
  const int64_t rank = rank_of(adapter_, AdapterTarget::kEmbedding);
  FlatCursor cursor{flat};
  EmbeddingAdapter embedding;
  embedding.a_rV = cursor.take({rank, model_.vocab_size});
  embedding.b_Cr = cursor.take({model_.hidden_size, rank});
  embedding.scale = adapter_scale(adapter_, AdapterTarget::kEmbedding);
  return embedding;
}

LowRankGroup AdapterUnits::head_of(const at::Tensor& flat) const {
  FlatCursor cursor{flat};
  return take_group(cursor, {AdapterTarget::kHead}, model_, adapter_);
}

void initialise_adapter(AdapterUnits& adapter) {
  uint64_t tensor = 0;
  for (ShardedUnit& unit : adapter.all()) {
    const uint64_t first_tensor = tensor;
    tensor += unit.layout().parameters.size();
    unit.initialise([&](int64_t first, int64_t count, float* out) {
      for (size_t p = 0; p < unit.layout().parameters.size(); ++p) {
        const ParameterSpec& parameter = unit.layout().parameters[p];
        const int64_t begin = std::max(first, parameter.offset) - parameter.offset;
        const int64_t end =
            std::min(first + count, parameter.offset + parameter.elements()) - parameter.offset;
        if (begin >= end) continue;
        float* part = out + (begin + parameter.offset - first);
        const uint64_t key = kernels::random_key(adapter.config().seed, first_tensor + p, 0);
        if (parameter.name.ends_with(".lora_A.weight")) {
          const float bound = 1.0f / std::sqrt(static_cast<float>(parameter.shape[1]));
          for (int64_t i = begin; i < end; ++i) part[i - begin] = bound * uniform(key, i);
        } else if (parameter.name.ends_with(".lora_embedding_B")) {
          kernels::fill_normal(part, begin, end - begin, key, 1.0f);
        } else {
          std::fill_n(part, end - begin, 0.0f);
        }
      }
    });
  }
}

std::string adapter_text(const AdapterConfig& adapter) {
  nlohmann::json text;
  for (int32_t i = 0; i < kAdapterTargets; ++i) {
    if (adapter.ranks[i] == 0) continue;
    text["targets"][kModules[static_cast<size_t>(i)]] = {{"rank", adapter.ranks[i]},
                                                         {"alpha", adapter.alphas[i]}};
  }
  text["rank_stabilized"] = adapter.rank_stabilized;
  text["dropout"] = adapter.dropout;
  text["seed"] = adapter.seed;
  return text.dump();
}

AdapterConfig parse_adapter_text(const std::string& text, const std::string& origin) {
  if (text.empty()) return {};
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    AdapterConfig adapter;
    for (const auto& [module, target] : json.at("targets").items()) {
      const auto* found = std::find(kModules.begin(), kModules.end(), module);
      DMT_CHECK(found != kModules.end(), origin, ": metadata \"adapter\" names a target that does not exist");
      const auto i = static_cast<size_t>(found - kModules.begin());
      adapter.ranks[i] = target.at("rank").get<int32_t>();
      adapter.alphas[i] = target.at("alpha").get<double>();
    }
    adapter.rank_stabilized = json.at("rank_stabilized").get<bool>();
    adapter.dropout = json.at("dropout").get<double>();
    adapter.seed = json.at("seed").get<uint64_t>();
    return adapter;
  } catch (const nlohmann::json::exception&) {
    fail(origin, ": metadata \"adapter\" is not what this program writes");
  }
}

}  // namespace dmt
