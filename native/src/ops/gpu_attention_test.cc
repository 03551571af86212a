// cuDNN's and flash attention against plain attention on the GPU, and plain attention against loops in
// double.
#include <gtest/gtest.h>

#include <cmath>

#include "engine_impl.h"
#include "ops/attention_trial.h"
#include "test_device.h"

namespace dmt::gpu_attention_test {
namespace {

/// Out and gradients by autograd's formula, row by row in double.
AttentionResult by_loops(const AttentionRows& rows) {
  const kernels::AttentionShape& shape = rows.batch.attention;
  const int64_t D = shape.head_dim, group = shape.heads / shape.kv_heads;
  const double scale = 1.0 / std::sqrt(static_cast<double>(D));
  const at::Tensor qkv = rows.qkv.to(at::kCPU, at::kDouble), dout = rows.dout.to(at::kCPU, at::kDouble);
  AttentionResult result = {at::zeros_like(dout), at::zeros_like(qkv)};
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
    const AttentionRows rows(at::kCPU, at::kFloat, {heads, kv_heads, 16, {5, 1, 12}});
    const AttentionDifference found =
        difference(compute_attention(AttentionKind::kPlain, rows), by_loops(rows));
    EXPECT_LT(found.out, 1e-6);
    EXPECT_LT(found.dqkv, 1e-6);
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

  static void expect_close(AttentionKind kind, const AttentionRows& rows, const std::string& what) {
    const AttentionDifference found =
        difference(compute_attention(kind, rows), compute_attention(AttentionKind::kPlain, rows));
    EXPECT_LT(found.out, kAttentionTolerance.out) << what;
    EXPECT_LT(found.dqkv, kAttentionTolerance.dqkv) << what;
  }

  std::unique_ptr<Ops> ops_;
  std::optional<ComputeScope> scope_;
};

TEST_F(GpuAttentionNumericsOnDevice, FlashIsPlain) {
  for (const int64_t kv_heads : {8, 2}) {
    for (const int32_t length : {1, 64, 100, 512, 2048}) {
      const AttentionRows rows(ops_->device(), at::kBFloat16, {8, kv_heads, 128, {length, 17, length}});
      expect_close(AttentionKind::kFlash, rows, concat(kv_heads, " key heads, length ", length));
    }
  }
}

TEST_F(GpuAttentionNumericsOnDevice, CudnnIsPlain) {
  const cuda::GpuDevice gpu = cuda::find_gpu().devices.front();
  if (gpu.major < 9) GTEST_SKIP() << "cuDNN's attention is used from Hopper on";
  for (const int64_t kv_heads : {8, 2}) {
    for (const int32_t length : {64, 100, 512, 2048}) {
      const AttentionRows rows(ops_->device(), at::kBFloat16, {8, kv_heads, 128, {length, length}});
      expect_close(AttentionKind::kCudnn, rows, concat(kv_heads, " key heads, length ", length));
    }
  }
}

}  // namespace
}  // namespace dmt::gpu_attention_test
