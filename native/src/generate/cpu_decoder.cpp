#include "generate/cpu_decoder.h"

#include <algorithm>

#include "base/parallel.h"
#include "generate/sampler.h"
#include "kernels/embedding.h"
#include "kernels/flat.h"
#include "kernels/quantized.h"
#include "kernels/rms_norm.h"
#include "kernels/rotary.h"
#include "kernels/swiglu.h"

namespace dmt {
namespace {

template <typename TWeight>
const TWeight* data(const at::Tensor& tensor) {
  return static_cast<const TWeight*>(tensor.const_data_ptr());
}

void to_float(float* out, const float* x, int64_t count) {
  std::copy_n(x, count, out);
}
void to_float(float* out, const kernels::Bf16* x, int64_t count) {
  kernels::cast(out, x, count);
}

}  // namespace

CpuDecoder::CpuDecoder(LlamaModel& model, int32_t slots, int64_t capacity)
    : Decoder(model), capacity_(capacity), slots_(static_cast<size_t>(slots)) {}

void CpuDecoder::reserve(int64_t rows) {
  const ModelConfig& m = model_.config();
  rows_ = rows;
  const auto size = [rows](int64_t columns) { return static_cast<size_t>(rows * columns); };
  const int64_t A = int64_t{m.heads} * m.head_dim;
  x_.resize(size(m.hidden_size));
  norm_.resize(size(m.hidden_size));
  rstd_.resize(size(1));
  norm_weight_.resize(static_cast<size_t>(m.hidden_size));
  qkv_.resize(size(A + 2 * int64_t{m.kv_heads} * m.head_dim));
  attention_.resize(size(A));
  gate_up_.resize(size(2 * int64_t{m.intermediate_size}));
  activation_.resize(size(m.intermediate_size));
  if (static_cast<int64_t>(scores_.size()) < rows * m.heads) scores_.resize(size(m.heads));
}

template <typename TWeight>
void CpuDecoder::norm(const at::Tensor& weight_C) {
  const ModelConfig& m = model_.config();
  to_float(norm_weight_.data(), data<TWeight>(weight_C), m.hidden_size);
  kernels::rms_norm_forward(norm_.data(), rstd_.data(), x_.data(), norm_weight_.data(), rows_, m.hidden_size,
                            static_cast<float>(m.rms_norm_eps));
}

template <typename TWeight>
void CpuDecoder::products(float* out, const float* x, const WeightMatrix& weight, const float* residual,
                          int64_t N, int64_t K) {
  if (weight.dense_NK.defined()) {
    kernels::row_products(out, x, data<TWeight>(weight.dense_NK), residual, rows_, N, K);
    return;
  }
  int64_t column = 0;
  for (const QuantizedMatrix& part : weight.parts) {
    const kernels::QuantizedMatrix matrix = {format_of(part.format),
                                             static_cast<const uint8_t*>(part.packed.const_data_ptr()),
                                             part.rows, part.columns};
    if (part.rows == N) {
      kernels::row_products(out, x, matrix, residual, rows_);
    } else {  // parts of the outputs, which have no residual
      part_.resize(static_cast<size_t>(rows_ * part.rows));
      kernels::row_products(part_.data(), x, matrix, nullptr, rows_);
      for (int64_t row = 0; row < rows_; ++row)
        std::copy_n(part_.data() + row * part.rows, part.rows, out + row * N + column);
    }
    column += part.rows;
  }
}

template <typename TWeight>
void CpuDecoder::add_low_rank(float* out_N, const float* x_K, const LowRankGroup& group) {
  if (group.empty()) return;
  const int64_t R = group.a_RK.size(0), K = group.a_RK.size(1);
  ranks_.resize(static_cast<size_t>(R));
  kernels::row_products(ranks_.data(), x_K, data<TWeight>(group.a_RK), nullptr, 1, R, K);
  for (const LowRankPart& part : group.parts) {
    float* h = ranks_.data() + part.first_rank;
    for (int64_t r = 0; r < part.rank; ++r) h[r] *= static_cast<float>(part.scale);
    float* out = out_N + part.first_column;
    kernels::row_products(out, h, data<TWeight>(part.b_Nr), out, 1, part.columns, part.rank);
  }
}

template <typename TWeight>
void CpuDecoder::add_embedding(float* x_C, int32_t token, int32_t adapter) {
  const EmbeddingAdapter embedding = model_.embedding_adapter(adapter);
  if (!embedding.a_rV.defined()) return;
  const int64_t rank = embedding.a_rV.size(0), V = embedding.a_rV.size(1);
  ranks_.resize(static_cast<size_t>(rank));
  for (int64_t r = 0; r < rank; ++r) {
    float a = 0.0f;
    to_float(&a, data<TWeight>(embedding.a_rV) + r * V + token, 1);
    ranks_[static_cast<size_t>(r)] = a * static_cast<float>(embedding.scale);
  }
  kernels::row_products(x_C, ranks_.data(), data<TWeight>(embedding.b_Cr), x_C, 1, embedding.b_Cr.size(0),
                        rank);
}

std::map<int32_t, BlockAdapter> CpuDecoder::block_adapters(int32_t layer) {
  std::map<int32_t, BlockAdapter> blocks;
  for (const int32_t adapter : adapters_) {
    if (adapter >= 0 && !blocks.contains(adapter)) blocks[adapter] = model_.block_adapter(adapter, layer);
  }
  return blocks;
}

template <typename TWeight>
void CpuDecoder::decode_block(int32_t layer, const DecoderBlockWeights& w,
                              const std::vector<int32_t>& positions,
                              const std::vector<KeyValueCache*>& caches) {
  const ModelConfig& m = model_.config();
  const int64_t C = m.hidden_size, F = m.intermediate_size, D = m.head_dim, A = m.heads * D;
  const int64_t E = A + 2 * m.kv_heads * D, group = m.heads / m.kv_heads;
  const std::map<int32_t, BlockAdapter> adapters = block_adapters(layer);
  const auto low_rank = [&](LowRankGroup BlockAdapter::*group, std::vector<float>& out, int64_t N,
                            const std::vector<float>& x, int64_t K) {
    for (int64_t row = 0; !adapters.empty() && row < rows_; ++row) {
      const auto found = adapters.find(adapters_[static_cast<size_t>(row)]);
      if (found != adapters.end())
        add_low_rank<TWeight>(out.data() + row * N, x.data() + row * K, found->second.*group);
    }
  };
  norm<TWeight>(w.attention_norm_C);
  products<TWeight>(qkv_.data(), norm_.data(), w.qkv_EC, nullptr, E, C);
  low_rank(&BlockAdapter::qkv, qkv_, E, norm_, C);
  kernels::rotary(qkv_.data(), E, m.heads + m.kv_heads, D, positions.data(), model_.rotary(), rows_,
                  kernels::RotaryDirection::kForward);
  for (int64_t row = 0; row < rows_; ++row) {
    caches[static_cast<size_t>(row)]->write(layer, qkv_.data() + row * E, E, A, 1);
  }
  parallel_tasks(rows_ * m.heads, (caches.front()->length() + 1) * D, [&](int64_t task) {
    const int64_t row = task / m.heads, head = task % m.heads;
    const auto cache = caches[static_cast<size_t>(row)]->template view<TWeight>(layer, 1);
    std::vector<float>& scores = scores_[static_cast<size_t>(task)];
    if (static_cast<int64_t>(scores.size()) < cache.length)
      scores.resize(static_cast<size_t>(cache.capacity));
    kernels::decode_attention_head(attention_.data() + row * A + head * D, qkv_.data() + row * E + head * D,
                                   cache, head / group, D, scores.data());
  });
  products<TWeight>(x_.data(), attention_.data(), w.output_CA, x_.data(), C, A);
  low_rank(&BlockAdapter::output, x_, C, attention_, A);
  norm<TWeight>(w.feed_forward_norm_C);
  products<TWeight>(gate_up_.data(), norm_.data(), w.gate_up_GC, nullptr, 2 * F, C);
  low_rank(&BlockAdapter::gate_up, gate_up_, 2 * F, norm_, C);
  kernels::swiglu_forward(activation_.data(), gate_up_.data(), rows_, F);
  products<TWeight>(x_.data(), activation_.data(), w.down_CF, x_.data(), C, F);
  low_rank(&BlockAdapter::down, x_, C, activation_, F);
}

template <typename TWeight>
void CpuDecoder::head(const std::vector<float>& hidden, int64_t rows, float* logits) {
  const ModelConfig& m = model_.config();
  if (hidden.data() != x_.data()) std::copy_n(hidden.data(), rows * m.hidden_size, x_.data());
  model_.enter_head();
  norm<TWeight>(model_.final_norm_C());
  kernels::row_products(logits, norm_.data(), data<TWeight>(model_.unembedding_VC()), nullptr, rows,
                        m.vocab_size, m.hidden_size);
  for (int64_t row = 0; row < rows; ++row) {
    const LowRankGroup adapter = model_.head_adapter(adapters_[static_cast<size_t>(row)]);
    add_low_rank<TWeight>(logits + row * m.vocab_size, norm_.data() + row * m.hidden_size, adapter);
  }
  model_.leave_head();
}

template <typename TWeight>
void CpuDecoder::decode_as(const std::vector<SlotToken>& tokens, const std::vector<KeyValueCache*>& caches,
                           float* logits) {
  const ModelConfig& m = model_.config();
  reserve(static_cast<int64_t>(tokens.size()));
  std::vector<int32_t> positions;
  for (const KeyValueCache* cache : caches) positions.push_back(static_cast<int32_t>(cache->length()));
  model_.rotary().reserve(*std::max_element(positions.begin(), positions.end()) + 1);
  const at::Tensor table_VC = model_.enter_embedding();
  const TWeight* embedding_VC = data<TWeight>(table_VC);
  for (int64_t row = 0; row < rows_; ++row) {
    to_float(x_.data() + row * m.hidden_size,
             embedding_VC + int64_t{tokens[static_cast<size_t>(row)].token} * m.hidden_size, m.hidden_size);
    add_embedding<TWeight>(x_.data() + row * m.hidden_size, tokens[static_cast<size_t>(row)].token,
                           adapters_[static_cast<size_t>(row)]);
  }
  model_.leave_embedding();
  for (int32_t layer = 0; layer < m.layers; ++layer) {
    decode_block<TWeight>(layer, model_.enter_block(layer), positions, caches);
    model_.leave_block(layer);
  }
  head<TWeight>(x_, rows_, logits);
  for (KeyValueCache* cache : caches) cache->advance(1);
}

void CpuDecoder::decode(const std::vector<SlotToken>& tokens) {
  const auto vocab = static_cast<size_t>(model_.config().vocab_size);
  std::vector<KeyValueCache*> caches;
  adapters_.clear();
  for (const SlotToken& fed : tokens) {
    caches.push_back(slot(fed.slot).cache.get());
    adapters_.push_back(slot(fed.slot).adapter);
  }
  std::vector<float> logits(tokens.size() * vocab);
  if (model_.dtype() == at::kFloat) {
    decode_as<float>(tokens, caches, logits.data());
  } else {
    decode_as<kernels::Bf16>(tokens, caches, logits.data());
  }
  for (size_t i = 0; i < tokens.size(); ++i)
    std::copy_n(logits.data() + i * vocab, vocab, slot(tokens[i].slot).logits.data());
}

void CpuDecoder::prefill(const Prompt& prompt) {
  const ModelConfig& m = model_.config();
  Slot& s = slot(prompt.slot);
  if (s.cache == nullptr) {
    s.cache = std::make_unique<KeyValueCache>(m, model_.dtype(), capacity_);
    s.logits.resize(static_cast<size_t>(m.vocab_size));
  }
  KeyValueCache& cache = *s.cache;
  cache.clear();
  s.adapter = prompt.adapter;
  adapters_ = {prompt.adapter};
  model_.use_adapter(prompt.adapter);
  const int64_t key_column = int64_t{m.heads} * m.head_dim, T = static_cast<int64_t>(prompt.tokens.size());
  std::vector<float> hidden(static_cast<size_t>(m.hidden_size));
  model_.prefill(
      {&prompt.tokens},
      [&](int32_t layer, const at::Tensor& qkv_TE) {
        if (qkv_TE.scalar_type() == at::kFloat) {
          cache.write(layer, data<float>(qkv_TE), qkv_TE.size(1), key_column, T);
        } else {
          cache.write(layer, data<kernels::Bf16>(qkv_TE), qkv_TE.size(1), key_column, T);
        }
      },
      [&](const at::Tensor& x_TC) {
        const at::Tensor last_C = x_TC[T - 1];
        if (model_.dtype() == at::kFloat) {
          to_float(hidden.data(), data<float>(last_C), m.hidden_size);
        } else {
          to_float(hidden.data(), data<kernels::Bf16>(last_C), m.hidden_size);
        }
      });
  model_.use_adapter(0);
  cache.advance(T);
  reserve(1);
  if (model_.dtype() == at::kFloat) {
    head<float>(hidden, 1, s.logits.data());
  } else {
    head<kernels::Bf16>(hidden, 1, s.logits.data());
  }
}

void CpuDecoder::prefill(const std::vector<Prompt>& prompts) {
  for (const Prompt& prompt : prompts) prefill(prompt);
}

void CpuDecoder::step(const std::vector<SlotToken>& fed, const std::vector<Choice>& choices,
                      int32_t* tokens) {
  if (!fed.empty()) decode(fed);
  for (const Choice& choice : choices) {
    const std::vector<float>& logits = slot(choice.slot).logits;
    tokens[choice.slot] =
        sample_token(logits.data(), static_cast<int64_t>(logits.size()), choice.sampling, choice.index);
  }
}

int64_t CpuDecoder::length(int32_t slot) const {
  const Slot& s = slots_[static_cast<size_t>(slot)];
  return s.cache == nullptr ? 0 : s.cache->length();
}

}  // namespace dmt
