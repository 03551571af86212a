#include "generate/gpu_decoder.h"

#include <cmath>
#include <utility>

#include "base/check.h"
#include "generate/sampler.h"

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
      scratch_(arena_) {
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
  state_3S_ = make({3, slots}, at::kInt);
  x_SC_ = make({slots, m.hidden_size}, dtype);
  residual_SC_ = make({slots, m.hidden_size}, dtype);
  norm_SC_ = make({slots, m.hidden_size}, dtype);
  rstd_S_ = make({slots}, at::kFloat);
  qkv_SE_ = make({slots, E}, dtype);
  attention_SA_ = make({slots, A}, dtype);
  gate_up_SG_ = make({slots, 2 * int64_t{m.intermediate_size}}, dtype);
  activation_SF_ = make({slots, m.intermediate_size}, dtype);
  logits_SV_ = make({slots, m.vocab_size}, dtype).zero_();
  largest_S_ = make({slots}, at::kInt);
  workspace_ = make({ops.decode_workspace(slots, m.heads, m.head_dim, capacity)}, at::kFloat);
  indices_.attention = {m.heads, m.kv_heads, m.head_dim, slots, 0, nullptr};
  indices_.positions_T = state_3S_[1];
  model.rotary().reserve(capacity);
  ops.upload_rotary(model.rotary());
}

GpuDecoder::~GpuDecoder() {
  ops_.destroy(graph_);
}

at::Tensor GpuDecoder::make(at::IntArrayRef sizes, at::ScalarType dtype) const {
  return at::empty(sizes, at::TensorOptions(dtype).device(ops_.device()));
}

void GpuDecoder::prefill(int32_t slot, const int32_t* prompt, int32_t length) {
  const ModelConfig& m = model_.config();
  const at::Tensor hidden_1C = make({1, m.hidden_size}, model_.dtype());
  model_.prefill(
      prompt, length,
      [&](int32_t layer, const at::Tensor& qkv_TE) {
        const LayerCache& cache = cache_[static_cast<size_t>(layer)];
        ops_.cache_fill({cache.keys.mutable_data_ptr(), cache.values.mutable_data_ptr(),
                         qkv_TE.const_data_ptr(), slots_, capacity_, qkv_TE.size(1), slot, 0, length, m.heads,
                         m.kv_heads, m.head_dim, kernel_dtype(qkv_TE)});
      },
      hidden_1C);
  model_.enter_head();
  head(logits_SV_.narrow(0, slot, 1), hidden_1C);
  model_.leave_head();
  lengths_[static_cast<size_t>(slot)] = length;
  largest_.reset();
}

void GpuDecoder::upload(const std::vector<SlotToken>& tokens) {
  const at::Tensor host =
      at::zeros({3, slots_}, at::TensorOptions(at::kInt).pinned_memory(ops_.device().is_cuda()));
  auto* ids = host.mutable_data_ptr<int32_t>();
  int32_t *positions = ids + slots_, *lengths = positions + slots_;
  for (const SlotToken& fed : tokens) {
    const int32_t position = lengths_[static_cast<size_t>(fed.slot)]++;
    ids[fed.slot] = fed.token;
    positions[fed.slot] = position;
    lengths[fed.slot] = position + 1;
  }
  state_3S_.copy_(host, /*non_blocking=*/true);
}

void GpuDecoder::decode(const std::vector<SlotToken>& tokens) {
  // Rows of slots without a token are computed, too, but what a prompt left there is still to be asked for.
  std::vector<bool> fed(lengths_.size());
  for (const SlotToken& token : tokens) fed[static_cast<size_t>(token.slot)] = true;
  std::vector<std::pair<int32_t, at::Tensor>> kept;
  for (int32_t slot = 0; slot < slots_; ++slot) {
    if (!fed[static_cast<size_t>(slot)] && length(slot) > 0)
      kept.emplace_back(slot, logits_SV_[slot].clone());
  }
  upload(tokens);
  if (whole_weights_) walk();  // waits for weights that are on their way, which a graph does not
  if (graph_ != nullptr && ops_.memory_given_back() != given_back_) {  // see [Note: graphs and memory]
    ops_.destroy(std::exchange(graph_, nullptr));
    warm_ = {};  // a pass without a graph takes the workspaces again
  }
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
  for (const auto& [slot, logits] : kept) logits_SV_[slot].copy_(logits);
  largest_.reset();
}

void GpuDecoder::pass() {
  ops_.gather_rows(x_SC_, model_.enter_embedding(), state_3S_[0]);
  model_.leave_embedding();
  for (int32_t layer = 0; layer < model_.config().layers; ++layer) {
    decode_block(layer, model_.enter_block(layer));
    model_.leave_block(layer);
  }
  model_.enter_head();
  head(logits_SV_, x_SC_);
  model_.leave_head();
}

void GpuDecoder::decode_block(int32_t layer, const DecoderBlockParameters& w) {
  const ModelConfig& m = model_.config();
  const LayerCache& cache = cache_[static_cast<size_t>(layer)];
  const int32_t dtype = kernel_dtype(x_SC_);
  const auto* lengths = state_3S_[2].const_data_ptr<int32_t>();
  ops_.rms_norm_forward(norm_SC_, rstd_S_, x_SC_, w.attention_norm_C, m.rms_norm_eps);
  ops_.linear(qkv_SE_, norm_SC_, w.qkv_EC);
  ops_.rotary(qkv_SE_, indices_, model_.rotary(), kernels::RotaryDirection::kForward);
  ops_.cache_write({cache.keys.mutable_data_ptr(), cache.values.mutable_data_ptr(), qkv_SE_.const_data_ptr(),
                    lengths, slots_, capacity_, qkv_SE_.size(1), m.heads, m.kv_heads, m.head_dim, dtype});
  ops_.decode_attention({attention_SA_.mutable_data_ptr(), qkv_SE_.const_data_ptr(),
                         cache.keys.const_data_ptr(), cache.values.const_data_ptr(), lengths,
                         workspace_.mutable_data_ptr<float>(), slots_, capacity_, qkv_SE_.size(1), capacity_,
                         m.heads, m.kv_heads, m.head_dim,
                         static_cast<float>(1.0 / std::sqrt(static_cast<double>(m.head_dim))), dtype});
  ops_.linear_add_norm({residual_SC_, norm_SC_, rstd_S_, x_SC_, attention_SA_, w.output_CA,
                        w.feed_forward_norm_C, m.rms_norm_eps},
                       arena_);
  ops_.linear(gate_up_SG_, norm_SC_, w.gate_up_GC);
  ops_.swiglu_forward(activation_SF_, gate_up_SG_);
  ops_.linear_add(x_SC_, residual_SC_, activation_SF_, w.down_CF);
}

void GpuDecoder::head(at::Tensor logits, const at::Tensor& hidden) {
  const int64_t rows = hidden.size(0);
  const at::Tensor norm = norm_SC_.narrow(0, 0, rows);
  ops_.rms_norm_forward(norm, rstd_S_.narrow(0, 0, rows), hidden, model_.final_norm_C(),
                        model_.config().rms_norm_eps);
  ops_.linear(logits, norm, model_.unembedding_VC());
}

const std::vector<int32_t>& GpuDecoder::largest() {
  if (!largest_) {
    ops_.argmax({largest_S_.mutable_data_ptr<int32_t>(), logits_SV_.const_data_ptr(), slots_,
                 logits_SV_.size(1), kernel_dtype(logits_SV_)});
    const at::Tensor host = largest_S_.cpu();
    const auto* tokens = host.const_data_ptr<int32_t>();
    largest_.emplace(tokens, tokens + slots_);
  }
  return *largest_;
}

int32_t GpuDecoder::choose(int32_t slot, const SamplingConfig& sampling, int64_t index) {
  if (sampling.temperature == 0.0) {
    const int32_t token = largest()[static_cast<size_t>(slot)];
    DMT_CHECK(token >= 0, "token ", index, " of a request cannot be chosen: its logits are not finite");
    return token;
  }
  const at::Tensor logits = logits_SV_[slot].to(at::kCPU, at::kFloat);
  return sample_token(logits.const_data_ptr<float>(), logits.numel(), sampling, index);
}

}  // namespace dmt
