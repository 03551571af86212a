// A document that is too long for all its probabilities at once, against one that ATen takes whole.
#include "model/attention_measures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/expect_close.h"

namespace dmt::attention_measures_test {
namespace {

constexpr int64_t kPositions = 1700, kGroup = 2, kHeads = 2, kHeadDim = 8;  // two chunks of queries

/// All heads, with a key head for each query head: [H, N, N] in double.
at::Tensor whole(const at::Tensor& qk_NE) {
  const at::Tensor rows_NHD = qk_NE.to(at::kDouble).view({kPositions, kHeads + kHeads / kGroup, kHeadDim});
  const at::Tensor q_HND = rows_NHD.narrow(1, 0, kHeads).transpose(0, 1);
  const at::Tensor k_HND =
      rows_NHD.narrow(1, kHeads, kHeads / kGroup).transpose(0, 1).repeat_interleave(kGroup, 0);
  at::Tensor scores_HNN = at::matmul(q_HND, k_HND.transpose(1, 2)) / std::sqrt(static_cast<double>(kHeadDim));
  const at::Tensor later_NN = at::ones({kPositions, kPositions}, at::kBool).triu(1);
  return at::softmax(scores_HNN.masked_fill(later_NN, -std::numeric_limits<double>::infinity()), -1);
}

TEST(AttentionMeasures, OfALongDocumentAreThoseOfTheWhole) {
  ModelConfig model;
  model.heads = kHeads;
  model.kv_heads = kHeads / kGroup;
  model.head_dim = kHeadDim;
  at::manual_seed(3);
  const at::Tensor qk_NE = at::randn({kPositions, (kHeads + kHeads / kGroup) * kHeadDim});
  const at::Tensor before_NE = qk_NE + at::randn_like(qk_NE).mul_(0.3);
  const at::Tensor p_HNN = whole(qk_NE), position_N = at::arange(kPositions, at::kDouble);
  const auto mean = [](const at::Tensor& values_HNN) { return values_HNN.sum(-1).mean(-1); };
  const at::Tensor expected_HM =
      at::stack({mean(at::special_entr(p_HNN)), mean(p_HNN * (position_N.unsqueeze(1) - position_N)),
                 mean(p_HNN.narrow(-1, 0, 1)), mean((p_HNN - whole(before_NE)).abs()) / 2},
                -1)
          .contiguous();
  std::vector<double> measures(kHeads * kAttentionMeasures);
  measure_attention(qk_NE, before_NE, model, measures.data(), kAttentionMeasures);
  const double* expected = expected_HM.const_data_ptr<double>();
  EXPECT_TRUE(close(measures, std::vector<double>(expected, expected + measures.size()), {1e-5, 1e-6}));
}

}  // namespace
}  // namespace dmt::attention_measures_test
