#include "generate/gpu_decoder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "generate/sampler.h"
#include "model/model_units.h"
#include "ops/gpu_call.h"

namespace dmt {

// S: slots; other letters as in decoder_block.h.

GpuDecoder::GpuDecoder(LlamaModel& model, GpuOps& ops, int32_t slots, int64_t capacity, bool whole_weights)
    : Decoder(model),
      ops_(ops),
      slots_(slots),
      capacity_(capacity),
      whole_weights_(whole_weights),
      lengths_(static_cast<size_t>(slots)),
      arena_(ops.device()),
      scratch_(arena_),
      low_rank_(ops, arena_) {
  const ModelConfig& m = model.config();
  DMT_CHECK(m.head_dim % 8 == 0 && m.head_dim <= 256,
            "generation on a GPU needs a head_dim that is a multiple of 8 and at most 256, the model's is ",
            m.head_dim, "; generate with device=cpu");
  const at::ScalarType dtype = model.dtype();
  const int64_t A = int64_t{m.heads} * m.head_dim, E = A + 2 * int64_t{m.kv_heads} * m.head_dim;
  for (int32_t layer = 0; layer < m.layers; ++layer) {
    cache_.push_back({make({slots, m.kv_heads, capacity, m.head_dim}, dtype),
                      make({slots, m.kv_heads, capacity, m.head_dim}, dtype)});
  }
  host_ = make_state(at::TensorOptions(at::kByte).pinned_memory(ops.device().is_cuda()));
  device_ = make_state(at::TensorOptions(at::kByte).device(ops.device()));
  x_SC_ = make({slots, m.hidden_size}, dtype);
  residual_SC_ = make({slots, m.hidden_size}, dtype);
  norm_SC_ = make({slots, m.hidden_size}, dtype);
  rstd_S_ = make({slots}, at::kFloat);
  qkv_SE_ = make({slots, E}, dtype);
  attention_SA_ = make({slots, A}, dtype);
  gate_up_SG_ = make({slots, 2 * int64_t{m.intermediate_size}}, dtype);
  activation_SF_ = make({slots, m.intermediate_size}, dtype);
  logits_SV_ = make({slots, model.vocabulary_rows()}, dtype).zero_();
  prompt_hidden_SC_ = make({slots, m.hidden_size}, dtype).zero_();
  prompt_logits_SV_ = make({slots, model.vocabulary_rows()}, dtype);
  tokens_S_ = make({slots}, at::kInt);
  host_tokens_S_ = at::empty({slots}, at::TensorOptions(at::kInt).pinned_memory(ops.device().is_cuda()));
  workspace_ = make({ops.decode_workspace(slots, m.heads, m.head_dim, capacity)}, at::kFloat);
  sample_workspace_ = make({slots, m.vocab_size}, at::kLong);
  indices_.attention = {m.heads, m.kv_heads, m.head_dim, slots, 0, nullptr};
  indices_.positions_T = device_.positions_S;
  indices_.token_ids_T = device_.ids_S;
  for (size_t adapter = 0; adapter < model.adapters().size(); ++adapter)
    slots_of_.push_back(make({slots, 1}, dtype).zero_());
  model.rotary().reserve(capacity);
  ops.upload_rotary(model.rotary());
}

GpuDecoder::~GpuDecoder() {
  ops_.destroy(graph_);
}

at::Tensor GpuDecoder::make(at::IntArrayRef sizes, at::ScalarType dtype) const {
  return at::empty(sizes, at::TensorOptions(dtype).device(ops_.device()));
}

GpuDecoder::StepState GpuDecoder::make_state(at::TensorOptions options) const {
  constexpr int64_t kChoice = sizeof(DmtChoice), kInt = sizeof(int32_t);
  StepState state;
  state.bytes = at::zeros({slots_ * (kChoice + 3 * kInt)}, options);
  state.choices = state.bytes.narrow(0, 0, slots_ * kChoice);
  const auto numbers = [&](int64_t which) {
    return state.bytes.narrow(0, slots_ * (kChoice + which * kInt), slots_ * kInt).view(at::kInt);
  };
  state.ids_S = numbers(0);
  state.positions_S = numbers(1);
  state.lengths_S = numbers(2);
  return state;
}

void GpuDecoder::prefill(const std::vector<Prompt>& prompts) {
  std::vector<const Prompt*> together;
  int64_t rows = 0;
  const auto flush = [&] {
    if (!together.empty()) {
      model_.use_adapter(together.front()->adapter);
      prefill_together(together);
      model_.use_adapter(0);
    }
    together.clear();
    rows = 0;
  };
  for (const Prompt& prompt : prompts) {
    const auto length = static_cast<int64_t>(prompt.tokens.size());
    const auto adapters = static_cast<int32_t>(slots_of_.size());
    DMT_CHECK(prompt.adapter < adapters, "adapter ", prompt.adapter,
              " was added after this generation was made, ", "which has ", adapters);
    for (int32_t adapter = 0; adapter < adapters; ++adapter)
      slots_of_[static_cast<size_t>(adapter)][prompt.slot].fill_(prompt.adapter == adapter ? 1.0 : 0.0);
    const bool other = !together.empty() && together.front()->adapter != prompt.adapter;
    if (other || rows + length > kPromptRows) flush();
    together.push_back(&prompt);
    rows += length;
  }
  flush();
  model_.enter_head();
  head(prompt_logits_SV_, prompt_hidden_SC_);
  model_.leave_head();
}

void GpuDecoder::prefill_together(const std::vector<const Prompt*>& prompts) {
  std::vector<const std::vector<int32_t>*> documents;
  int64_t rows = 0;
  for (const Prompt* prompt : prompts) {
    documents.push_back(&prompt->tokens);
    rows += static_cast<int64_t>(prompt->tokens.size());
  }
  // Padding is documents of their own, which nobody looks at.
  const int64_t longest = std::min<int64_t>(model_.config().max_position_embeddings, 64);
  std::vector<std::vector<int32_t>> padding;
  for (; rows < kPromptRows; rows += static_cast<int64_t>(padding.back().size()))
    padding.emplace_back(static_cast<size_t>(std::min(longest, kPromptRows - rows)));
  for (const std::vector<int32_t>& document : padding) documents.push_back(&document);
  model_.prefill(
      documents, [&](int32_t layer, const at::Tensor& qkv_TE) { fill_caches(layer, qkv_TE, prompts); },
      [&](const at::Tensor& x_TC) {
        int64_t end = 0;
        for (const Prompt* prompt : prompts) {
          end += static_cast<int64_t>(prompt->tokens.size());
          prompt_hidden_SC_[prompt->slot].copy_(x_TC[end - 1]);
          lengths_[static_cast<size_t>(prompt->slot)] = static_cast<int32_t>(prompt->tokens.size());
          fresh_.push_back(prompt->slot);
        }
      });
}

void GpuDecoder::fill_caches(int32_t layer, const at::Tensor& qkv_TE,
                             const std::vector<const Prompt*>& prompts) {
  const ModelConfig& m = model_.config();
  const LayerCache& cache = cache_[static_cast<size_t>(layer)];
  int64_t begin = 0;
  for (const Prompt* prompt : prompts) {
    const auto length = static_cast<int64_t>(prompt->tokens.size());
    ops_.cache_fill({.keys = data(cache.keys),
                     .values = data(cache.values),
                     .qkv = data(qkv_TE.narrow(0, begin, length)),
                     .slots = slots_,
                     .capacity = capacity_,
                     .row_stride = qkv_TE.size(1),
                     .slot = prompt->slot,
                     .first = 0,
                     .tokens = length,
                     .heads = m.heads,
                     .kv_heads = m.kv_heads,
                     .head_dim = m.head_dim,
                     .dtype = kernel_dtype(qkv_TE)});
    begin += length;
  }
}

void GpuDecoder::upload(const std::vector<SlotToken>& fed, const std::vector<Choice>& choices) {
  // The copy of the step before is done: its tokens have come back.
  std::fill_n(host_.bytes.mutable_data_ptr<uint8_t>(), host_.bytes.numel(), uint8_t{0});
  auto* ids = host_.ids_S.mutable_data_ptr<int32_t>();
  auto* positions = host_.positions_S.mutable_data_ptr<int32_t>();
  auto* lengths = host_.lengths_S.mutable_data_ptr<int32_t>();
  for (const SlotToken& token : fed) {
    const int32_t position = lengths_[static_cast<size_t>(token.slot)]++;
    ids[token.slot] = token.token;
    positions[token.slot] = position;
    lengths[token.slot] = position + 1;
  }
  auto* chosen = reinterpret_cast<DmtChoice*>(host_.choices.mutable_data_ptr<uint8_t>());
  for (const Choice& choice : choices) {
    chosen[choice.slot] = {.temperature = choice.sampling.temperature,
                           .top_p = choice.sampling.top_p,
                           .random = sampling_bits(choice.sampling.seed, choice.index),
                           .open = 1};
  }
  device_.bytes.copy_(host_.bytes, /*non_blocking=*/true);
}

void GpuDecoder::step(const std::vector<SlotToken>& fed, const std::vector<Choice>& choices,
                      int32_t* tokens) {
  upload(fed, choices);
  if (!fed.empty()) run_pass();
  for (const int32_t slot : fresh_) logits_SV_[slot].copy_(prompt_logits_SV_[slot]);
  // After a pass once more, for all: the others' tokens are what they were.
  if (fed.empty() || !fresh_.empty()) sample();
  fresh_.clear();
  host_tokens_S_.copy_(tokens_S_);
  const auto* chosen = host_tokens_S_.const_data_ptr<int32_t>();
  for (const Choice& choice : choices) {
    DMT_CHECK(chosen[choice.slot] >= 0, "token ", choice.index,
              " of a request cannot be chosen: its logits are not finite");
    tokens[choice.slot] = chosen[choice.slot];
  }
}

void GpuDecoder::run_pass() {
  if (graph_ != nullptr && ops_.memory_given_back() != given_back_) {  // see [Note: graphs and memory]
    ops_.destroy(std::exchange(graph_, nullptr));
    warm_ = {};  // a pass without a graph takes the workspaces again
  }
  // All weights have been waited for: each request's prompt was read by a pass through all units.
  if (graph_ == nullptr && warm_ == std::this_thread::get_id() && whole_weights_ && ops_.has_graphs()) {
    ops_.upload_rotary(model_.rotary());  // another generation may have extended it
    graph_ = ops_.capture([this] { pass(); });
    given_back_ = ops_.memory_given_back();
  }
  if (graph_ != nullptr) {
    ops_.launch(graph_);
  } else {
    pass();
    warm_ = std::this_thread::get_id();
  }
}

void GpuDecoder::pass() {
  ops_.gather_rows(x_SC_, model_.enter_embedding(), device_.ids_S);
  model_.leave_embedding();
  for (size_t adapter = 0; adapter < slots_of_.size(); ++adapter) {
    const EmbeddingAdapter embedding = model_.embedding_adapter(static_cast<int32_t>(adapter));
    if (embedding.a_rV.defined()) low_rank_.embed_rows(x_SC_, embedding, indices_, slots_of_[adapter]);
  }
  for (int32_t layer = 0; layer < model_.config().layers; ++layer) {
    decode_block(layer, model_.enter_block(layer));
    model_.leave_block(layer);
  }
  model_.enter_head();
  head(logits_SV_, x_SC_);
  model_.leave_head();
  sample();
}

void GpuDecoder::add_low_rank(at::Tensor out_SN, const at::Tensor& x_SK,
                              const std::function<LowRankGroup(int32_t adapter)>& group_of) {
  for (size_t adapter = 0; adapter < slots_of_.size(); ++adapter)
    low_rank_.forward_rows(out_SN, x_SK, group_of(static_cast<int32_t>(adapter)), slots_of_[adapter]);
}

void GpuDecoder::decode_block(int32_t layer, const DecoderBlockWeights& w) {
  const auto weights = [&](const WeightMatrix& matrix) {
    return whole(matrix, model_.dtype(), ops_, arena_);
  };
  const auto low_rank = [&](const at::Tensor& out, const at::Tensor& x, LowRankGroup BlockAdapter::*group) {
    add_low_rank(out, x, [&](int32_t adapter) { return model_.block_adapter(adapter, layer).*group; });
  };
  const ModelConfig& m = model_.config();
  const LayerCache& cache = cache_[static_cast<size_t>(layer)];
  const int32_t dtype = kernel_dtype(x_SC_);
  const auto* lengths = data_as<int32_t>(device_.lengths_S);
  ops_.rms_norm_forward(norm_SC_, rstd_S_, x_SC_, w.attention_norm_C, m.rms_norm_eps);
  {
    Arena::Scope scope(arena_);
    ops_.linear(qkv_SE_, norm_SC_, weights(w.qkv_EC));
    low_rank(qkv_SE_, norm_SC_, &BlockAdapter::qkv);
  }
  ops_.rotary(qkv_SE_, indices_, model_.rotary(), kernels::RotaryDirection::kForward);
  ops_.cache_write({.keys = data(cache.keys),
                    .values = data(cache.values),
                    .qkv = data(qkv_SE_),
                    .lengths = lengths,
                    .slots = slots_,
                    .capacity = capacity_,
                    .row_stride = qkv_SE_.size(1),
                    .heads = m.heads,
                    .kv_heads = m.kv_heads,
                    .head_dim = m.head_dim,
                    .dtype = dtype});
  ops_.decode_attention({.out = data(attention_SA_),
                         .qkv = data(qkv_SE_),
                         .keys = data(cache.keys),
                         .values = data(cache.values),
                         .lengths = lengths,
                         .workspace = data_as<float>(workspace_),
                         .slots = slots_,
                         .capacity = capacity_,
                         .row_stride = qkv_SE_.size(1),
                         .longest = capacity_,
                         .heads = m.heads,
                         .kv_heads = m.kv_heads,
                         .head_dim = m.head_dim,
                         .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(m.head_dim))),
                         .dtype = dtype});
  Arena::Scope scope(arena_);
  add_attention(w, low_rank);
  {
    Arena::Scope gate_up(arena_);
    ops_.linear(gate_up_SG_, norm_SC_, weights(w.gate_up_GC));
    low_rank(gate_up_SG_, norm_SC_, &BlockAdapter::gate_up);
  }
  ops_.swiglu_forward(activation_SF_, gate_up_SG_);
  ops_.linear_add(x_SC_, residual_SC_, activation_SF_, weights(w.down_CF));
  low_rank(x_SC_, activation_SF_, &BlockAdapter::down);
}

void GpuDecoder::add_attention(const DecoderBlockWeights& w, const AddLowRank& low_rank) {
  Arena::Scope scope(arena_);
  const double eps = model_.config().rms_norm_eps;
  const at::Tensor output_CA = whole(w.output_CA, model_.dtype(), ops_, arena_);
  if (slots_of_.empty()) {
    ops_.linear_add_norm({.sum = residual_SC_,
                          .out = norm_SC_,
                          .rstd = rstd_S_,
                          .residual = x_SC_,
                          .x = attention_SA_,
                          .weight = output_CA,
                          .norm_weight = w.feed_forward_norm_C,
                          .eps = eps},
                         arena_);
    return;
  }
  ops_.linear_add(residual_SC_, x_SC_, attention_SA_, output_CA);
  low_rank(residual_SC_, attention_SA_, &BlockAdapter::output);
  ops_.rms_norm_forward(norm_SC_, rstd_S_, residual_SC_, w.feed_forward_norm_C, eps);
}

void GpuDecoder::head(at::Tensor logits_SV, const at::Tensor& hidden_SC) {
  ops_.rms_norm_forward(norm_SC_, rstd_S_, hidden_SC, model_.final_norm_C(), model_.config().rms_norm_eps);
  ops_.linear(logits_SV, norm_SC_, model_.unembedding_VC());
  add_low_rank(logits_SV, norm_SC_, [&](int32_t adapter) { return model_.head_adapter(adapter); });
}

void GpuDecoder::sample() {
  ops_.sample({.tokens = data_as<int32_t>(tokens_S_),
               .logits = data(logits_SV_),
               .choices = static_cast<const DmtChoice*>(data(device_.choices)),
               .workspace = static_cast<uint64_t*>(data(sample_workspace_)),
               .rows = slots_,
               .vocabulary = model_.config().vocab_size,
               .row_stride = logits_SV_.size(1),
               .dtype = kernel_dtype(logits_SV_)});
}

}  // namespace dmt
