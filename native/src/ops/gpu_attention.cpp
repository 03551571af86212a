#include "ops/gpu_attention.h"

#include <cmath>

#include "base/check.h"

namespace dmt {
namespace {

// T: tokens, H: query heads, K: key-value heads, D: head dim, A = H D, E = (H + 2K) D, B: documents, S: their
// length where all have the same.

constexpr int64_t kFlashHeadDim = 192;    // backward passes of larger heads exist for some devices only
constexpr int32_t kFlashCapability = 80;  // libtorch's flash attention begins with Ampere
constexpr int32_t kCudnnCapability = 90;  // cuDNN's kernels are twice as fast as that from Hopper on

/// Views of a row's three parts.
struct Heads {
  Heads(const at::Tensor& qkv_TE, const kernels::AttentionShape& shape)
      : q_THD(part(qkv_TE, shape, 0, shape.heads)),
        k_TKD(part(qkv_TE, shape, shape.heads, shape.kv_heads)),
        v_TKD(part(qkv_TE, shape, shape.heads + shape.kv_heads, shape.kv_heads)) {}

  static at::Tensor part(const at::Tensor& qkv_TE, const kernels::AttentionShape& shape, int64_t first,
                         int64_t heads) {
    return qkv_TE.narrow(1, first * shape.head_dim, heads * shape.head_dim)
        .unflatten(1, {heads, shape.head_dim});
  }

  at::Tensor q_THD, k_TKD, v_TKD;
};

double scale_of(const kernels::AttentionShape& shape) {
  return 1.0 / std::sqrt(static_cast<double>(shape.head_dim));
}

constexpr int64_t kCudnnHeadDim = 128;
constexpr int64_t kShortestForCudnn = 64;  // shorter documents cost nothing with either
constexpr size_t kMostPlans = 8;  // of cuDNN for an engine: many shapes must not wait for each of them

bool equal_lengths(const kernels::AttentionShape& shape) {
  const int64_t first = shape.document_offsets[1];
  return shape.tokens == first * shape.documents && [&] {
    for (int64_t d = 1; d < shape.documents; ++d) {
      if (shape.document_offsets[d + 1] - shape.document_offsets[d] != first) return false;
    }
    return true;
  }();
}

/// Seed and offset of a dropout that there is not.
at::Tensor no_random_state(const at::Tensor& like, at::IntArrayRef sizes, at::ScalarType dtype) {
  return at::zeros(sizes, like.options().dtype(dtype));
}

// --- flash: documents end to end ---

void flash_forward(at::Tensor out_TA, at::Tensor log_sum_exp_HT, const at::Tensor& qkv_TE,
                   const BatchIndices& batch) {
  const Heads heads(qkv_TE, batch.attention);
  const auto result = at::_flash_attention_forward(
      heads.q_THD, heads.k_TKD, heads.v_TKD, batch.document_offsets, batch.document_offsets,
      batch.longest_document, batch.longest_document,
      /*dropout_p=*/0.0, /*is_causal=*/true, /*return_debug_mask=*/false, scale_of(batch.attention));
  out_TA.view_as(std::get<0>(result)).copy_(std::get<0>(result));
  log_sum_exp_HT.copy_(std::get<1>(result));
}

void flash_backward(at::Tensor dqkv_TE, const at::Tensor& dout_TA, const at::Tensor& out_TA,
                    const at::Tensor& log_sum_exp_HT, const at::Tensor& qkv_TE, const BatchIndices& batch) {
  const kernels::AttentionShape& shape = batch.attention;
  const Heads heads(qkv_TE, shape), gradients(dqkv_TE, shape);
  const auto result = at::_flash_attention_backward(
      dout_TA.view({shape.tokens, shape.heads, shape.head_dim}), heads.q_THD, heads.k_TKD, heads.v_TKD,
      out_TA.view({shape.tokens, shape.heads, shape.head_dim}), log_sum_exp_HT, batch.document_offsets,
      batch.document_offsets, batch.longest_document, batch.longest_document, /*dropout_p=*/0.0,
      /*is_causal=*/true, no_random_state(qkv_TE, {2}, at::kUInt64), no_random_state(qkv_TE, {}, at::kUInt64),
      scale_of(shape));
  gradients.q_THD.copy_(std::get<0>(result));
  gradients.k_TKD.copy_(std::get<1>(result));
  gradients.v_TKD.copy_(std::get<2>(result));
}

// --- cuDNN: a batch of equal documents ---

/// [T, heads, D] as [B, heads, S, D].
at::Tensor by_document(const at::Tensor& x_THD, const kernels::AttentionShape& shape) {
  return x_THD.unflatten(0, {shape.documents, shape.tokens / shape.documents}).transpose(1, 2);
}

void cudnn_forward(at::Tensor out_TA, at::Tensor log_sum_exp_HT, const at::Tensor& qkv_TE,
                   const BatchIndices& batch) {
  const kernels::AttentionShape& shape = batch.attention;
  const Heads heads(qkv_TE, shape);
  const auto result = at::_scaled_dot_product_cudnn_attention(
      by_document(heads.q_THD, shape), by_document(heads.k_TKD, shape), by_document(heads.v_TKD, shape),
      /*attn_bias=*/std::nullopt, /*compute_log_sumexp=*/true, /*dropout_p=*/0.0, /*is_causal=*/true,
      /*return_debug_mask=*/false, scale_of(shape));
  by_document(out_TA.view({shape.tokens, shape.heads, shape.head_dim}), shape).copy_(std::get<0>(result));
  // Only the backward pass reads it, in the order in which cuDNN left it.
  log_sum_exp_HT.view_as(std::get<1>(result)).copy_(std::get<1>(result));
}

void cudnn_backward(at::Tensor dqkv_TE, const at::Tensor& dout_TA, const at::Tensor& out_TA,
                    const at::Tensor& log_sum_exp_HT, const at::Tensor& qkv_TE, const BatchIndices& batch) {
  const kernels::AttentionShape& shape = batch.attention;
  const int64_t B = shape.documents, S = shape.tokens / B;
  const Heads heads(qkv_TE, shape), gradients(dqkv_TE, shape);
  const auto rows = [&](const at::Tensor& x_TA) {
    return by_document(x_TA.view({shape.tokens, shape.heads, shape.head_dim}), shape);
  };
  const at::Tensor none, random = no_random_state(qkv_TE, {}, at::kLong);
  const auto result = at::_scaled_dot_product_cudnn_attention_backward(
      rows(dout_TA), by_document(heads.q_THD, shape), by_document(heads.k_TKD, shape),
      by_document(heads.v_TKD, shape), rows(out_TA), log_sum_exp_HT.view({B, shape.heads, S, 1}), random,
      random, none, none, none, S, S, /*dropout_p=*/0.0, /*is_causal=*/true, scale_of(shape));
  by_document(gradients.q_THD, shape).copy_(std::get<0>(result));
  by_document(gradients.k_TKD, shape).copy_(std::get<1>(result));
  by_document(gradients.v_TKD, shape).copy_(std::get<2>(result));
}

// --- plain: document by document, in float32 ---

/// A document's rows as [heads, S, D] in float32; key-value heads once for each query head of their group.
at::Tensor document_heads(const at::Tensor& x_THD, int64_t begin, int64_t length, int64_t group) {
  const at::Tensor x_HSD = x_THD.narrow(0, begin, length).transpose(0, 1).to(at::kFloat);
  return group == 1 ? x_HSD : x_HSD.repeat_interleave(group, 0);
}

/// The same back, groups added up.
void store_document(at::Tensor x_THD, int64_t begin, const at::Tensor& x_HSD, int64_t group) {
  const at::Tensor sum = group == 1 ? x_HSD : x_HSD.unflatten(0, {x_HSD.size(0) / group, group}).sum(1);
  x_THD.narrow(0, begin, sum.size(1)).copy_(sum.transpose(0, 1));
}

at::Tensor causal_scores(const at::Tensor& q_HSD, const at::Tensor& k_HSD, double scale) {
  const int64_t S = q_HSD.size(1);
  const at::Tensor later = at::ones({S, S}, q_HSD.options().dtype(at::kBool)).triu(1);
  return q_HSD.bmm(k_HSD.transpose(1, 2)).mul_(scale).masked_fill_(later, -INFINITY);
}

/// Calls f(begin, length) for every document.
template <typename F>
void for_each_document(const kernels::AttentionShape& shape, const F& f) {
  for (int64_t d = 0; d < shape.documents; ++d) {
    const int64_t begin = shape.document_offsets[d];
    f(begin, shape.document_offsets[d + 1] - begin);
  }
}

void plain_forward(at::Tensor out_TA, at::Tensor log_sum_exp_HT, const at::Tensor& qkv_TE,
                   const BatchIndices& batch) {
  const kernels::AttentionShape& shape = batch.attention;
  const int64_t group = shape.heads / shape.kv_heads;
  const Heads heads(qkv_TE, shape);
  const at::Tensor out_THD = out_TA.view({shape.tokens, shape.heads, shape.head_dim});
  for_each_document(shape, [&](int64_t begin, int64_t length) {
    const at::Tensor q_HSD = document_heads(heads.q_THD, begin, length, 1);
    const at::Tensor k_HSD = document_heads(heads.k_TKD, begin, length, group);
    const at::Tensor scores_HSS = causal_scores(q_HSD, k_HSD, scale_of(shape));
    const at::Tensor log_sum_exp_HS = scores_HSS.logsumexp(-1);
    const at::Tensor p_HSS = (scores_HSS - log_sum_exp_HS.unsqueeze(-1)).exp_();
    store_document(out_THD, begin, p_HSS.bmm(document_heads(heads.v_TKD, begin, length, group)), 1);
    log_sum_exp_HT.narrow(1, begin, length).copy_(log_sum_exp_HS);
  });
}

void plain_backward(at::Tensor dqkv_TE, const at::Tensor& dout_TA, const at::Tensor& out_TA,
                    const at::Tensor& log_sum_exp_HT, const at::Tensor& qkv_TE, const BatchIndices& batch) {
  const kernels::AttentionShape& shape = batch.attention;
  const int64_t group = shape.heads / shape.kv_heads;
  const double scale = scale_of(shape);
  const Heads heads(qkv_TE, shape), gradients(dqkv_TE, shape);
  const at::Tensor out_THD = out_TA.view({shape.tokens, shape.heads, shape.head_dim});
  const at::Tensor dout_THD = dout_TA.view_as(out_THD);
  for_each_document(shape, [&](int64_t begin, int64_t length) {
    const at::Tensor q_HSD = document_heads(heads.q_THD, begin, length, 1);
    const at::Tensor k_HSD = document_heads(heads.k_TKD, begin, length, group);
    const at::Tensor v_HSD = document_heads(heads.v_TKD, begin, length, group);
    const at::Tensor dout_HSD = document_heads(dout_THD, begin, length, 1);
    const at::Tensor log_sum_exp_HS = log_sum_exp_HT.narrow(1, begin, length);
    const at::Tensor p_HSS = (causal_scores(q_HSD, k_HSD, scale) - log_sum_exp_HS.unsqueeze(-1)).exp_();
    const at::Tensor dot_HS1 =
        (dout_HSD * document_heads(out_THD, begin, length, 1)).sum(-1, /*keepdim=*/true);
    const at::Tensor dscores_HSS = dout_HSD.bmm(v_HSD.transpose(1, 2)).sub_(dot_HS1).mul_(p_HSS).mul_(scale);
    store_document(gradients.q_THD, begin, dscores_HSS.bmm(k_HSD), 1);
    store_document(gradients.k_TKD, begin, dscores_HSS.transpose(1, 2).bmm(q_HSD), group);
    store_document(gradients.v_TKD, begin, p_HSS.transpose(1, 2).bmm(dout_HSD), group);
  });
}

}  // namespace

bool AttentionShapes::repeats(const HostIndices& batch) {
  const kernels::AttentionShape& shape = batch.attention;
  if (batch.pass != Pass::kTraining || shape.documents < 2 || !equal_lengths(shape)) return false;
  const int64_t length = shape.document_offsets[1];
  if (length < kShortestForCudnn) return false;
  const std::pair<int64_t, int64_t> key(shape.documents, length);
  if (planned_.count(key) != 0) return true;
  if (planned_.size() == kMostPlans || seen_once_.insert(key).second) return false;
  planned_.insert(key);
  return true;
}

AttentionKind attention_kind(const AttentionDevice& device, const at::Tensor& qkv,
                             const BatchIndices& batch) {
  const kernels::AttentionShape& shape = batch.attention;
  const bool fused = device.capability >= kFlashCapability && qkv.scalar_type() == at::kBFloat16 &&
                     shape.head_dim % 8 == 0 && shape.head_dim <= kFlashHeadDim;
  if (!fused) return AttentionKind::kPlain;
  const bool cudnn =
      device.capability >= kCudnnCapability && shape.head_dim <= kCudnnHeadDim && batch.repeats;
  return cudnn ? AttentionKind::kCudnn : AttentionKind::kFlash;
}

int32_t attention_capability(AttentionKind kind) {
  switch (kind) {
    case AttentionKind::kCudnn:
      return kCudnnCapability;
    case AttentionKind::kFlash:
      return kFlashCapability;
    case AttentionKind::kPlain:
      return 0;
  }
  return 0;
}

std::string attention_text(int32_t capability) {
  std::string text;
  if (capability >= kCudnnCapability)
    text += "cuDNN for documents of equal lengths in a shape that repeats, ";
  if (capability >= kFlashCapability) text += "flash for packed rows, ";
  return text + (text.empty() ? "plain products in float32" : "plain products for float32");
}

void attention_forward(AttentionKind kind, at::Tensor out_TA, at::Tensor log_sum_exp_HT,
                       const at::Tensor& qkv_TE, const BatchIndices& batch) {
  switch (kind) {
    case AttentionKind::kCudnn:
      return cudnn_forward(out_TA, log_sum_exp_HT, qkv_TE, batch);
    case AttentionKind::kFlash:
      return flash_forward(out_TA, log_sum_exp_HT, qkv_TE, batch);
    case AttentionKind::kPlain:
      return plain_forward(out_TA, log_sum_exp_HT, qkv_TE, batch);
  }
}

void attention_backward(AttentionKind kind, at::Tensor dqkv_TE, const at::Tensor& dout_TA,
                        const at::Tensor& out_TA, const at::Tensor& log_sum_exp_HT, const at::Tensor& qkv_TE,
                        const BatchIndices& batch) {
  switch (kind) {
    case AttentionKind::kCudnn:
      return cudnn_backward(dqkv_TE, dout_TA, out_TA, log_sum_exp_HT, qkv_TE, batch);
    case AttentionKind::kFlash:
      return flash_backward(dqkv_TE, dout_TA, out_TA, log_sum_exp_HT, qkv_TE, batch);
    case AttentionKind::kPlain:
      return plain_backward(dqkv_TE, dout_TA, out_TA, log_sum_exp_HT, qkv_TE, batch);
  }
}

}  // namespace dmt
