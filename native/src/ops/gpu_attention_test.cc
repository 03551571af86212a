// cuDNN's and flash attention against plain attention on the GPU, and plain attention against loops in
// double.
#include "ops/gpu_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "engine_impl.h"
#include "test_device.h"

namespace dmt {
namespace {

/// A batch of documents on a device, with random rows.
struct Rows {
  Rows(at::Device device, at::ScalarType dtype, int64_t heads, int64_t kv_heads, int64_t head_dim,
       std::vector<int32_t> lengths) {
    for (const int32_t length : lengths) offsets.push_back(offsets.back() + length);
    batch.attention = {
        heads, kv_heads, head_dim, offsets.back(), static_cast<int64_t>(lengths.size()), offsets.data()};
    batch.longest_document = *std::max_element(lengths.begin(), lengths.end());
    batch.document_offsets =
        at::from_blob(offsets.data(), {static_cast<int64_t>(offsets.size())}, at::kInt).clone().to(device);
    const auto random = [&](int64_t columns) {
      const at::Tensor x = at::empty({offsets.back(), columns});
      auto* data = x.mutable_data_ptr<float>();
      for (int64_t i = 0; i < x.numel(); ++i) data[i] = normal(generator);
      return x.to(device, dtype);
    };
    qkv = random(batch.attention.row());
    dout = random(heads * head_dim);
  }

  std::mt19937 generator{7};
  std::normal_distribution<float> normal;
  std::vector<int32_t> offsets = {0};
  BatchIndices batch;
  at::Tensor qkv, dout;
};

struct Computed {
  at::Tensor out, dqkv;
};

Computed compute(AttentionKind kind, const Rows& rows) {
  const kernels::AttentionShape& shape = rows.batch.attention;
  Computed result = {at::full_like(rows.dout, NAN), at::full_like(rows.qkv, NAN)};
  const at::Tensor log_sum_exp =
      at::full({shape.heads, shape.tokens}, NAN, rows.qkv.options().dtype(at::kFloat));
  attention_forward(kind, result.out, log_sum_exp, rows.qkv, rows.batch);
  attention_backward(kind, result.dqkv, rows.dout, result.out, log_sum_exp, rows.qkv, rows.batch);
  return {result.out.to(at::kCPU, at::kDouble), result.dqkv.to(at::kCPU, at::kDouble)};
}

/// 2-norm of the difference, against that of what is expected.
double difference(const at::Tensor& actual, const at::Tensor& expected) {
  return (actual - expected).norm().item<double>() / expected.norm().item<double>();
}

/// Out and gradients by autograd's formula, row by row in double.
Computed by_loops(const Rows& rows) {
  const kernels::AttentionShape& shape = rows.batch.attention;
  const int64_t D = shape.head_dim, group = shape.heads / shape.kv_heads;
  const double scale = 1.0 / std::sqrt(static_cast<double>(D));
  const at::Tensor qkv = rows.qkv.to(at::kCPU, at::kDouble), dout = rows.dout.to(at::kCPU, at::kDouble);
  Computed result = {at::zeros_like(dout), at::zeros_like(qkv)};
  for (int64_t d = 0; d < shape.documents; ++d) {
    for (int64_t t = rows.offsets[static_cast<size_t>(d)]; t < rows.offsets[static_cast<size_t>(d) + 1];
         ++t) {
      for (int64_t head = 0; head < shape.heads; ++head) {
        const int64_t begin = rows.offsets[static_cast<size_t>(d)], seen = t - begin + 1;
        const int64_t k_column = (shape.heads + head / group) * D;
        const int64_t v_column = (shape.heads + shape.kv_heads + head / group) * D;
        const at::Tensor q = qkv[t].narrow(0, head * D, D), go = dout[t].narrow(0, head * D, D);
        const at::Tensor k = qkv.narrow(0, begin, seen).narrow(1, k_column, D);
        const at::Tensor v = qkv.narrow(0, begin, seen).narrow(1, v_column, D);
        const at::Tensor p = k.mv(q).mul(scale).softmax(0);
        result.out[t].narrow(0, head * D, D).copy_(v.t().mv(p));
        const at::Tensor dp = v.mv(go), ds = p * (dp - p.dot(dp)) * scale;
        result.dqkv[t].narrow(0, head * D, D).add_(k.t().mv(ds));
        result.dqkv.narrow(0, begin, seen).narrow(1, k_column, D).add_(at::outer(ds, q));
        result.dqkv.narrow(0, begin, seen).narrow(1, v_column, D).add_(at::outer(p, go));
      }
    }
  }
  return result;
}

TEST(GpuAttentionNumerics, PlainIsWhatLoopsCompute) {
  for (const auto& [heads, kv_heads] : std::vector<std::pair<int64_t, int64_t>>{{2, 2}, {6, 2}}) {
    const Rows rows(at::kCPU, at::kFloat, heads, kv_heads, 16, {5, 1, 12});
    const Computed plain = compute(AttentionKind::kPlain, rows), expected = by_loops(rows);
    EXPECT_LT(difference(plain.out, expected.out), 1e-6);
    EXPECT_LT(difference(plain.dqkv, expected.dqkv), 1e-6);
  }
}

/// On a GPU only: the operations that the engine computes with, and its stream.
class GpuAttentionNumericsOnDevice : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_gpu()) GTEST_SKIP() << "no GPU";
    replace_open_gpu(nullptr);
    ops_ = open_gpu(0);
    scope_.emplace(*ops_, 1);
  }
  void TearDown() override { use_test_gpu(); }

  /// bfloat16 has 8 bits: single outputs differ by 2^-8, their mean error by less.
  static void expect_close(AttentionKind kind, const Rows& rows, const std::string& what) {
    const Computed actual = compute(kind, rows), plain = compute(AttentionKind::kPlain, rows);
    EXPECT_LT(difference(actual.out, plain.out), 0.006) << what;
    EXPECT_LT(difference(actual.dqkv, plain.dqkv), 0.012) << what;
  }

  std::unique_ptr<Ops> ops_;
  std::optional<ComputeScope> scope_;
};

TEST_F(GpuAttentionNumericsOnDevice, FlashIsPlain) {
  for (const int64_t kv_heads : {8, 2}) {
    for (const int32_t length : {1, 64, 100, 512, 2048}) {
      const Rows rows(ops_->device(), at::kBFloat16, 8, kv_heads, 128, {length, 17, length});
      expect_close(AttentionKind::kFlash, rows, concat(kv_heads, " key heads, length ", length));
    }
  }
}

TEST_F(GpuAttentionNumericsOnDevice, CudnnIsPlain) {
  const cuda::GpuDevice gpu = cuda::find_gpu().devices.front();
  if (gpu.major < 9) GTEST_SKIP() << "cuDNN's attention is used from Hopper on";
  for (const int64_t kv_heads : {8, 2}) {
    for (const int32_t length : {64, 100, 512, 2048}) {
      const Rows rows(ops_->device(), at::kBFloat16, 8, kv_heads, 128, {length, length});
      expect_close(AttentionKind::kCudnn, rows, concat(kv_heads, " key heads, length ", length));
    }
  }
}

}  // namespace
}  // namespace dmt
