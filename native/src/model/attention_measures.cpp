// Shapes: N positions of a document, R queries at a time, K keys up to the last of them, G query heads of a
// group, H query heads, D head dim.
#include "model/attention_measures.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dmt {
namespace {

/// Probabilities at a time: 16 MiB, however long the document is.
constexpr int64_t kProbabilities = 1 << 22;

/// What a group of query heads, which share a key head, makes of keys: [G, R, K].
at::Tensor probabilities(const at::Tensor& qk_NE, const ModelConfig& model, int64_t group, int64_t first,
                         const at::Tensor& later_RK) {
  const int64_t R = later_RK.size(0), K = later_RK.size(1), D = model.head_dim,
                G = model.heads / model.kv_heads;
  const at::Tensor q_GRD = qk_NE.narrow(0, first, R)
                               .narrow(1, group * G * D, G * D)
                               .to(at::kFloat)
                               .reshape({R, G, D})
                               .transpose(0, 1);
  const at::Tensor k_KD =
      qk_NE.narrow(0, 0, K).narrow(1, (int64_t{model.heads} + group) * D, D).to(at::kFloat);
  at::Tensor scores_GRK = at::matmul(q_GRD, k_KD.t()).mul_(1 / std::sqrt(static_cast<double>(D)));
  scores_GRK.masked_fill_(later_RK, -std::numeric_limits<float>::infinity());
  return at::softmax(scores_GRK, -1);
}

/// Over queries and keys, by head: [G], in double.
at::Tensor sum_of(const at::Tensor& values_GRK) {
  return values_GRK.sum(-1).sum(-1, /*keepdim=*/false, at::kDouble);
}

}  // namespace

void measure_attention(const at::Tensor& qk_NE, const at::Tensor& before_NE, const ModelConfig& model,
                       double* measures, int64_t stride) {
  const int64_t N = qk_NE.size(0), H = model.heads, G = model.heads / model.kv_heads;
  const int64_t chunk = std::max<int64_t>(1, kProbabilities / (G * N));
  const at::TensorOptions device = at::TensorOptions(qk_NE.device());
  at::Tensor sums_MH = at::zeros({kAttentionMeasures, H}, device.dtype(at::kDouble));
  for (int64_t first = 0; first < N; first += chunk) {
    const int64_t K = std::min(N, first + chunk);
    const at::Tensor position_K = at::arange(K, device.dtype(at::kFloat));
    const at::Tensor distance_RK = position_K.narrow(0, first, K - first).unsqueeze(1) - position_K;
    const at::Tensor later_RK = distance_RK < 0;
    for (int64_t group = 0; group < model.kv_heads; ++group) {
      at::Tensor sums_MG = sums_MH.narrow(1, group * G, G);
      const at::Tensor p_GRK = probabilities(qk_NE, model, group, first, later_RK);
      sums_MG[0].add_(sum_of(at::special_entr(p_GRK)));
      sums_MG[1].add_(sum_of(p_GRK * distance_RK));
      sums_MG[2].add_(sum_of(p_GRK.narrow(-1, 0, 1)));
      if (before_NE.defined())
        sums_MG[3].add_(
            sum_of(probabilities(before_NE, model, group, first, later_RK).sub_(p_GRK).abs_()).div_(2));
    }
  }
  const at::Tensor means_HM = (sums_MH / N).t().cpu().contiguous();
  for (int64_t head = 0; head < H; ++head)
    std::copy_n(means_HM.const_data_ptr<double>() + head * kAttentionMeasures, kAttentionMeasures,
                measures + head * stride);
}

}  // namespace dmt
