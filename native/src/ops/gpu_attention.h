// Attention on a GPU, by libtorch's kernels.
#pragma once

#include <ATen/ATen.h>

#include <set>
#include <string>
#include <utility>

#include "ops/ops.h"

namespace dmt {

enum class AttentionKind {
  kCudnn,  ///< cuDNN's fused kernels: bfloat16, documents of equal lengths in a shape that repeats, Hopper
  kFlash,  ///< libtorch's flash attention over documents of any lengths: bfloat16
  kPlain,  ///< products and a softmax in float32, document by document: any type, slow, no limit to a head
};

/// What a device can do.
struct AttentionDevice {
  at::Device device = at::kCPU;
  int32_t capability = 0;  ///< 90 is Hopper; 0: not a GPU
};

/// Which batches are of a shape that cuDNN is worth a plan for: it makes one for each shape, which takes as
/// long as some micro-batches do. Several documents of equal lengths to train on are, from the second time
/// on. A single document is not: its length is a sample's own, as are those of packed ones and of prompts.
class AttentionShapes {
 public:
  /// Asked once for each batch; forward and backward pass must agree.
  bool repeats(const HostIndices& batch);

 private:
  using Shape = std::pair<int64_t, int64_t>;  // documents and their length
  std::set<Shape> seen_once_, planned_;
};

/// The fastest kind that computes this batch: a function of device, types and shapes alone.
AttentionKind attention_kind(const AttentionDevice& device, const at::Tensor& qkv, const BatchIndices& batch);
/// The least compute capability of devices that a kind is used on: 90 is Hopper.
int32_t attention_capability(AttentionKind kind);
/// The kinds that a device of this capability uses and when, for a person.
std::string attention_text(int32_t capability);

/// As Ops::attention_forward() and Ops::attention_backward().
void attention_forward(AttentionKind kind, at::Tensor out_TA, at::Tensor log_sum_exp_HT,
                       const at::Tensor& qkv_TE, const BatchIndices& batch);
void attention_backward(AttentionKind kind, at::Tensor dqkv_TE, const at::Tensor& dout_TA,
                        const at::Tensor& out_TA, const at::Tensor& log_sum_exp_HT, const at::Tensor& qkv_TE,
                        const BatchIndices& batch);

}  // namespace dmt
