#include "ops/attention_trial.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace dmt {
namespace {

double difference_of(const at::Tensor& actual, const at::Tensor& expected) {
  return (actual - expected).norm().item<double>() / expected.norm().item<double>();
}

}  // namespace

AttentionRows::AttentionRows(at::Device device, at::ScalarType dtype, const AttentionTrialShape& trial) {
  for (const int32_t length : trial.lengths) offsets.push_back(offsets.back() + length);
  batch.attention = {trial.heads,
                     trial.kv_heads,
                     trial.head_dim,
                     offsets.back(),
                     static_cast<int64_t>(trial.lengths.size()),
                     offsets.data()};
  batch.longest_document = *std::max_element(trial.lengths.begin(), trial.lengths.end());
  batch.document_offsets =
      at::from_blob(offsets.data(), {static_cast<int64_t>(offsets.size())}, at::kInt).clone().to(device);
  std::mt19937 generator(7);
  std::normal_distribution<float> normal;
  const auto random = [&](int64_t columns) {
    const at::Tensor x = at::empty({offsets.back(), columns});
    auto* data = x.mutable_data_ptr<float>();
    for (int64_t i = 0; i < x.numel(); ++i) data[i] = normal(generator);
    return x.to(device, dtype);
  };
  qkv = random(batch.attention.row());
  dout = random(trial.heads * trial.head_dim);
}

AttentionResult compute_attention(AttentionKind kind, const AttentionRows& rows) {
  const kernels::AttentionShape& shape = rows.batch.attention;
  const AttentionResult result = {at::full_like(rows.dout, NAN), at::full_like(rows.qkv, NAN)};
  const at::Tensor log_sum_exp =
      at::full({shape.heads, shape.tokens}, NAN, rows.qkv.options().dtype(at::kFloat));
  attention_forward(kind, result.out, log_sum_exp, rows.qkv, rows.batch);
  attention_backward(kind, result.dqkv, rows.dout, result.out, log_sum_exp, rows.qkv, rows.batch);
  return {result.out.to(at::kCPU, at::kDouble), result.dqkv.to(at::kCPU, at::kDouble)};
}

AttentionDifference difference(const AttentionResult& actual, const AttentionResult& expected) {
  return {difference_of(actual.out, expected.out), difference_of(actual.dqkv, expected.dqkv)};
}

}  // namespace dmt
