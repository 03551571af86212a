#include "model/llama.h"

#include <algorithm>
#include <numeric>

#include "model/packed_block.h"

namespace dmt {
namespace {

void fill_zeros(at::Tensor tensor) {
  const TimedWork timed(Work::kElementWise);
  tensor.zero_();
}

}  // namespace

double SourceLosses::total_loss() const {
  return std::accumulate(loss_sums.begin(), loss_sums.end(), 0.0);
}

int64_t SourceLosses::total_label_tokens() const {
  return std::accumulate(label_tokens.begin(), label_tokens.end(), int64_t{0});
}

LossAccumulator::LossAccumulator(int32_t source_count, at::Device device)
    : sums(at::zeros({source_count}, at::TensorOptions(at::kDouble).device(device))),
      label_tokens(static_cast<size_t>(source_count)) {}

void LossAccumulator::clear() {
  sums.zero_();
  std::fill(label_tokens.begin(), label_tokens.end(), 0);
}

SourceLosses LossAccumulator::read() const {
  SourceLosses losses(static_cast<int32_t>(label_tokens.size()));
  const at::Tensor host = sums.cpu();
  std::copy_n(host.const_data_ptr<double>(), losses.loss_sums.size(), losses.loss_sums.begin());
  losses.label_tokens = label_tokens;
  return losses;
}

LlamaModel::LlamaModel(const ModelConfig& model, const EngineConfig& config, RankGrid& grid, Ops& ops)
    : model_(model),
      config_(config),
      ops_(ops),
      dtype_(scalar_type(config.compute_dtype)),
      vocabulary_rows_(dmt::vocabulary_rows(model, config.device)),
      arena_(ops.device()),
      rotary_(model),
      decoder_block_(model_, config.recompute, dtype_, ops, arena_),
      low_rank_(ops, arena_),
      grid_(grid),
      units_(model, config, grid, ops) {
  if (!has_adapter(config.adapter)) return;
  add_adapter(config.adapter);
  in_use_ = 0;
}

int32_t LlamaModel::add_adapter(const AdapterConfig& adapter) {
  adapters_.push_back(std::make_unique<AdapterUnits>(model_, config_, adapter, grid_, ops_, ops_.device()));
  return static_cast<int32_t>(adapters_.size()) - 1;
}

MemoryAccount LlamaModel::memory_account() const {
  MemoryAccount account = units_.memory_account();
  for (const auto& adapter : adapters_) account += adapter->memory_account();
  account.activations_peak = arena_.peak_bytes();
  return account;
}

at::Tensor LlamaModel::vocabulary_matrix(const at::Tensor& flat, int64_t offset) const {
  return flat.narrow(0, offset, vocabulary_rows_ * model_.hidden_size)
      .view({vocabulary_rows_, model_.hidden_size});
}

BlockAdapter LlamaModel::block_adapter(int32_t adapter, int32_t layer) {
  if (adapter < 0) return {};
  AdapterUnits& units = *adapters_[static_cast<size_t>(adapter)];
  ShardedUnit* unit = units.block(layer);
  return unit == nullptr ? BlockAdapter() : units.block_of(unit->unshard());
}

EmbeddingAdapter LlamaModel::embedding_adapter(int32_t adapter) {
  if (adapter < 0) return {};
  AdapterUnits& units = *adapters_[static_cast<size_t>(adapter)];
  ShardedUnit* unit = units.embedding();
  return unit == nullptr ? EmbeddingAdapter() : units.embedding_of(unit->unshard());
}

LowRankGroup LlamaModel::head_adapter(int32_t adapter) {
  if (adapter < 0) return {};
  AdapterUnits& units = *adapters_[static_cast<size_t>(adapter)];
  ShardedUnit* unit = units.head();
  return unit == nullptr ? LowRankGroup() : units.head_of(unit->unshard());
}

DecoderBlockWeights LlamaModel::block_weights(int32_t layer) {
  const at::Tensor& flat = units_.block(layer).unshard();
  DecoderBlockWeights weights = is_packed(config_)
                                    ? packed_weights(flat, decoder_block_layout(model_, layer), config_)
                                    : DecoderBlockWeights(flat, model_);
  weights.is_frozen = trained_adapter() != nullptr;
  if (in_use_ < 0) return weights;
  const AdapterConfig& adapter = adapters_[static_cast<size_t>(in_use_)]->config();
  weights.adapter = block_adapter(in_use_, layer);
  weights.dropout = adapter.dropout;
  weights.dropout_seed =
      kernels::random_key(adapter.seed, static_cast<uint64_t>(layer), static_cast<uint64_t>(step_));
  return weights;
}

DecoderBlockGradients LlamaModel::block_gradients(int32_t layer) {
  AdapterUnits* adapter = trained_adapter();
  DecoderBlockGradients gradients;
  if (adapter == nullptr) {
    gradients.model = units_.block(layer).gradients_to_write();
  } else if (ShardedUnit* unit = adapter->block(layer)) {
    const WeightGradient flat = unit->gradients_to_write();
    gradients.adapter = adapter->block_of(flat.sum);
    gradients.adapter_into = flat.into;
  }
  return gradients;
}

/// Ends the backward pass of a unit of the model, or, with an adapter, of the adapter's.
void LlamaModel::reduce_gradients(ShardedUnit& unit, ShardedUnit* adapter) {
  if (trained_adapter() == nullptr) {
    unit.reduce_gradients();
  } else if (adapter != nullptr) {
    adapter->reduce_gradients();
  }
}

InputDropout LlamaModel::head_dropout(const Batch& batch, int64_t first, int64_t L) const {
  if (in_use_ < 0 || batch.host.dropout_keys.empty()) return {};
  const AdapterConfig& adapter = adapters_[static_cast<size_t>(in_use_)]->config();
  const uint64_t key =
      kernels::random_key(adapter.seed, static_cast<uint64_t>(model_.layers), static_cast<uint64_t>(step_));
  return {adapter.dropout, key, batch.indices.label_dropout_keys_L.narrow(0, first, L)};
}

at::Tensor LlamaModel::enter_embedding() {
  const at::Tensor table_VC = vocabulary_matrix(units_.embedding().unshard(), 0);
  units_.block(0).prefetch();
  return table_VC;
}

DecoderBlockWeights LlamaModel::enter_block(int32_t layer) {
  DecoderBlockWeights weights = block_weights(layer);
  after_block(layer).prefetch();
  return weights;
}

at::Tensor LlamaModel::final_norm_C() {
  return units_.head().unshard().narrow(0, 0, model_.hidden_size);
}

at::Tensor LlamaModel::unembedding_VC() {
  return vocabulary_matrix(unembedding().unshard(), unembedding_offset());
}

void LlamaModel::enter_head() {
  unembedding().unshard();
  units_.head().unshard();
}

void LlamaModel::leave_head() {
  unembedding().reshard();
  if (model_.tie_word_embeddings) units_.head().reshard();
}

at::Tensor LlamaModel::embed(const Batch& batch) {
  at::Tensor x_TC = arena_.allocate({batch.tokens, model_.hidden_size}, dtype_);
  ops_.gather_rows(x_TC, enter_embedding(), batch.indices.token_ids_T);
  leave_embedding();
  const EmbeddingAdapter adapter = embedding_adapter(in_use_);
  if (adapter.a_rV.defined()) low_rank_.embed(x_TC, adapter, batch.indices);
  return x_TC;
}

void LlamaModel::forward_backward(const Batch& batch, double loss_scale, LossAccumulator& losses,
                                  int64_t step) {
  Arena::Scope scope(arena_);
  step_ = step;
  rotary_.reserve(batch.host.longest_document);
  at::Tensor x_TC = embed(batch);
  std::vector<DecoderBlockActivations> kept;
  for (int32_t layer = 0; layer < model_.layers; ++layer) {
    at::Tensor out_TC = arena_.allocate(x_TC.sizes(), dtype_);
    const DecoderBlockWeights weights = enter_block(layer);
    kept.push_back(decoder_block_.forward(out_TC, x_TC, weights, batch, rotary_));
    leave_block(layer);
    x_TC = out_TC;
  }
  at::Tensor gradient_TC = arena_.allocate(x_TC.sizes(), dtype_);
  enter_head();
  units_.block(model_.layers - 1).prefetch();
  head_loss(x_TC, gradient_TC, batch, loss_scale, losses);
  leave_head();
  AdapterUnits* adapter = trained_adapter();
  reduce_gradients(unembedding(), adapter == nullptr ? nullptr : adapter->head());
  for (int32_t layer = model_.layers - 1; layer >= 0; --layer) {
    ShardedUnit& unit = units_.block(layer);
    const DecoderBlockWeights weights = block_weights(layer);
    if (layer > 0) units_.block(layer - 1).prefetch();
    decoder_block_.backward(gradient_TC, kept[static_cast<size_t>(layer)], weights, block_gradients(layer),
                            batch, rotary_);
    unit.reshard();
    reduce_gradients(unit, adapter == nullptr ? nullptr : adapter->block(layer));
  }
  embedding_backward(gradient_TC, batch);
  reduce_gradients(units_.embedding(), adapter == nullptr ? nullptr : adapter->embedding());
}

void LlamaModel::embedding_backward(const at::Tensor& gradient_TC, const Batch& batch) {
  AdapterUnits* adapter = trained_adapter();
  if (adapter == nullptr) {
    ops_.embedding_backward(vocabulary_matrix(units_.embedding().gradients(), 0), gradient_TC, batch.indices);
  } else if (ShardedUnit* unit = adapter->embedding()) {
    low_rank_.embed_backward(adapter->embedding_of(unit->gradients()), gradient_TC,
                             embedding_adapter(in_use_), batch.indices);
  }
}

at::Tensor LlamaModel::forward_only(const Batch& batch, const OnBlock& on_block, const OnLayer& on_layer,
                                    AttentionHead without) {
  rotary_.reserve(batch.host.longest_document);
  at::Tensor x_TC = embed(batch);
  if (on_layer) on_layer(0, x_TC);
  at::Tensor out_TC = arena_.allocate(x_TC.sizes(), dtype_);
  for (int32_t layer = 0; layer < model_.layers; ++layer) {
    Arena::Scope scope(arena_);
    DecoderBlockWeights weights = enter_block(layer);
    if (layer == without.layer) decoder_block_.forget_head(weights, without.head);
    const at::Tensor qkv_TE = decoder_block_.forward_only(out_TC, x_TC, weights, batch, rotary_);
    if (on_block) on_block(layer, qkv_TE);
    leave_block(layer);
    std::swap(x_TC, out_TC);
    if (on_layer) on_layer(layer + 1, x_TC);
  }
  return x_TC;
}

void LlamaModel::visit_blocks(const Batch& batch, const OnBlock& on_block) {
  Arena::Scope scope(arena_);
  forward_only(batch, on_block);
  enter_head();  // the pass has begun to gather it
  leave_head();
}

void LlamaModel::evaluate(const Batch& batch, LossAccumulator& losses, AttentionHead without) {
  Arena::Scope scope(arena_);
  const at::Tensor x_TC = forward_only(batch, nullptr, nullptr, without);
  enter_head();
  head_loss(x_TC, at::Tensor(), batch, 0.0, losses);
  leave_head();
}

void LlamaModel::prefill(const std::vector<const std::vector<int32_t>*>& prompts, const OnBlock& on_block,
                         const OnHidden& on_hidden) {
  std::vector<int32_t> ids, offsets = {0};
  for (const std::vector<int32_t>* prompt : prompts) {
    ids.insert(ids.end(), prompt->begin(), prompt->end());
    offsets.push_back(static_cast<int32_t>(ids.size()));
  }
  const std::vector<int32_t> labels(ids.size(), kIgnoreIndex), sources(prompts.size());
  const Batch batch({static_cast<int64_t>(ids.size()), static_cast<int32_t>(prompts.size()), ids.data(),
                     labels.data(), offsets.data(), sources.data()},
                    model_, EngineConfig{}, ops_);
  Arena::Scope scope(arena_);
  on_hidden(forward_only(batch, on_block));
}

void LlamaModel::logits(const Batch& batch, float* logits) {
  Arena::Scope scope(arena_);
  const at::Tensor x_TC = forward_only(batch, nullptr);
  enter_head();
  const int64_t C = model_.hidden_size, V = model_.vocab_size;
  for (int64_t first = 0; first < batch.tokens; first += config_.loss_chunk_tokens) {
    Arena::Scope chunk(arena_);
    const int64_t L = std::min<int64_t>(config_.loss_chunk_tokens, batch.tokens - first);
    at::Tensor norm_LC = arena_.allocate({L, C}, dtype_);
    at::Tensor rstd_L = arena_.allocate({L}, at::kFloat);
    at::Tensor logits_LV = arena_.allocate({L, vocabulary_rows_}, dtype_);
    ops_.rms_norm_forward(norm_LC, rstd_L, x_TC.narrow(0, first, L), final_norm_C(), model_.rms_norm_eps);
    ops_.linear(logits_LV, norm_LC, unembedding_VC());
    low_rank_.forward(logits_LV, norm_LC, head_adapter(in_use_), {});
    at::from_blob(logits + first * V, {L, V}, at::kFloat).copy_(logits_LV.narrow(1, 0, V));
  }
  leave_head();
}

void LlamaModel::hidden_states(const Batch& batch, Pooling pooling, float* states) {
  Arena::Scope scope(arena_);
  const kernels::AttentionShape& shape = batch.host.attention;
  const int64_t C = model_.hidden_size;
  forward_only(batch, nullptr, [&](int32_t layer, const at::Tensor& x_TC) {
    for (int64_t d = 0; d < shape.documents; ++d) {
      const int32_t begin = shape.document_offsets[d], end = shape.document_offsets[d + 1];
      const at::Tensor pooled_C = pooling == Pooling::kLast
                                      ? x_TC[end - 1]
                                      : x_TC.narrow(0, begin, end - begin).to(at::kFloat).mean(0);
      float* state = states + (int64_t{layer} * shape.documents + d) * C;
      at::from_blob(state, {C}, at::kFloat).copy_(pooled_C);
    }
  });
  enter_head();  // the pass has begun to gather it
  leave_head();
}

void LlamaModel::head_loss(const at::Tensor& x_TC, at::Tensor gradient_TC, const Batch& batch,
                           double loss_scale, LossAccumulator& losses) {
  const bool backward = gradient_TC.defined();
  if (backward) fill_zeros(gradient_TC);
  const int64_t L = batch.label_count();
  for (int64_t first = 0; first < L; first += config_.loss_chunk_tokens) {
    Arena::Scope scope(arena_);
    const int64_t count = std::min<int64_t>(config_.loss_chunk_tokens, L - first);
    const at::Tensor rows_L = batch.indices.label_rows_L.narrow(0, first, count);
    at::Tensor hidden_LC = arena_.allocate({count, model_.hidden_size}, dtype_);
    at::Tensor dhidden_LC;
    ops_.gather_rows(hidden_LC, x_TC, rows_L);
    if (backward) {
      dhidden_LC = arena_.allocate(hidden_LC.sizes(), dtype_);
      fill_zeros(dhidden_LC);
    }
    head_chunk(hidden_LC, dhidden_LC, batch, first, loss_scale, losses);
    if (backward) ops_.add_to_rows(gradient_TC, dhidden_LC, rows_L);
  }
  for (size_t source = 0; source < losses.label_tokens.size(); ++source)
    losses.label_tokens[source] += batch.source_label_tokens[source];
}

void LlamaModel::head_products(at::Tensor dnorm_LC, const at::Tensor& dlogits_LV, const at::Tensor& norm_LC,
                               const LowRankGroup& adapter, const InputDropout& dropout) {
  if (trained_adapter() == nullptr) {
    const WeightGradient flat = unembedding().gradients_to_write();
    ops_.linear_backward_weight({vocabulary_matrix(flat.sum, unembedding_offset()), flat.into}, dlogits_LV,
                                norm_LC, arena_);
  }
  ops_.linear_backward_input(dnorm_LC, dlogits_LV, unembedding_VC());
  if (adapter.empty()) return;
  AdapterUnits& trained = *trained_adapter();
  const WeightGradient flat = trained.head()->gradients_to_write();
  low_rank_.backward(dnorm_LC, trained.head_of(flat.sum), flat.into, dlogits_LV, norm_LC, adapter, dropout);
}

void LlamaModel::head_chunk(const at::Tensor& hidden_LC, at::Tensor dhidden_LC, const Batch& batch,
                            int64_t first, double loss_scale, LossAccumulator& losses) {
  const int64_t L = hidden_LC.size(0);
  const at::Tensor labels_L = batch.indices.labels_L.narrow(0, first, L);
  at::Tensor loss_L = arena_.allocate({L}, at::kFloat);
  at::Tensor norm_LC = arena_.allocate(hidden_LC.sizes(), dtype_);
  at::Tensor rstd_L = arena_.allocate({L}, at::kFloat);
  at::Tensor logits_LV = arena_.allocate({L, vocabulary_rows_}, dtype_);
  ops_.rms_norm_forward(norm_LC, rstd_L, hidden_LC, final_norm_C(), model_.rms_norm_eps);
  ops_.linear(logits_LV, norm_LC, unembedding_VC());
  const LowRankGroup adapter = head_adapter(in_use_);
  const InputDropout dropout = adapter.empty() ? InputDropout() : head_dropout(batch, first, L);
  low_rank_.forward(logits_LV, norm_LC, adapter, dropout);
  forbid_padding(logits_LV, model_);
  if (dhidden_LC.defined()) {
    ops_.cross_entropy_forward_backward(loss_L, logits_LV, labels_L, static_cast<float>(loss_scale));
    at::Tensor dnorm_LC = arena_.allocate(hidden_LC.sizes(), dtype_);
    head_products(dnorm_LC, logits_LV, norm_LC, adapter, dropout);
    const at::Tensor norm_sum_C = trained_adapter() == nullptr
                                      ? units_.head().gradients().narrow(0, 0, model_.hidden_size)
                                      : arena_.allocate({model_.hidden_size}, at::kFloat);  // not wanted
    ops_.rms_norm_backward(dhidden_LC, norm_sum_C, dnorm_LC, hidden_LC, rstd_L, final_norm_C(), arena_);
  } else {
    ops_.cross_entropy_forward(loss_L, logits_LV, labels_L);
  }
  ops_.add_losses(losses.sums, loss_L, batch.indices.label_sources_L.narrow(0, first, L));
}

}  // namespace dmt
