// Attention on a GPU, by libtorch's kernels.
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "ops/ops.h"

namespace dmt {

enum class AttentionKind {
  kCudnn,  ///< cuDNN's fused kernels: bfloat16, documents of equal lengths, no grouped queries, Hopper
  kFlash,  ///< libtorch's flash attention over documents of any lengths: bfloat16
  kPlain,  ///< products and a softmax in float32, document by document: any type, slow, no limit to a head
};

/// What a device can do.
struct AttentionDevice {
  at::Device device = at::kCPU;
  int32_t capability = 0;  ///< 90 is Hopper; 0: not a GPU
};

/// The fastest kind that computes this batch: a function of device, types and shapes alone.
AttentionKind attention_kind(const AttentionDevice& device, const at::Tensor& qkv, const BatchIndices& batch);
/// The kinds that a device of this capability uses and when, for a person.
std::string attention_text(int32_t capability);

/// As Ops::attention_forward() and Ops::attention_backward().
void attention_forward(AttentionKind kind, at::Tensor out_TA, at::Tensor log_sum_exp_HT,
                       const at::Tensor& qkv_TE, const BatchIndices& batch);
void attention_backward(AttentionKind kind, at::Tensor dqkv_TE, const at::Tensor& dout_TA,
                        const at::Tensor& out_TA, const at::Tensor& log_sum_exp_HT, const at::Tensor& qkv_TE,
                        const BatchIndices& batch);

}  // namespace dmt
