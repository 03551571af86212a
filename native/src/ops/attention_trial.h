// One kind of attention beside another on the same random rows: for tests, and for whoever checks a GPU.
#pragma once

#include <vector>

#include "ops/gpu_attention.h"

namespace dmt {

struct AttentionTrialShape {
  int64_t heads, kv_heads, head_dim;
  std::vector<int32_t> lengths;  // of the documents
};

/// A batch of documents on a device, with random rows. Not to be copied: the batch points into it.
struct AttentionRows {
  AttentionRows(at::Device device, at::ScalarType dtype, const AttentionTrialShape& trial);
  AttentionRows(const AttentionRows&) = delete;
  AttentionRows& operator=(const AttentionRows&) = delete;

  std::vector<int32_t> offsets = {0};
  BatchIndices batch;
  at::Tensor qkv, dout;
};

/// In double on the CPU.
struct AttentionResult {
  at::Tensor out, dqkv;
};
/// What a kind makes of the rows, forward and backward. An element that it does not write stays NaN.
AttentionResult compute_attention(AttentionKind kind, const AttentionRows& rows);

/// 2-norms of the differences from what is expected, as shares of that.
struct AttentionDifference {
  double out = 0.0, dqkv = 0.0;
};
AttentionDifference difference(const AttentionResult& actual, const AttentionResult& expected);

/// How far results in bfloat16 may be from plain attention's: it has 8 bits, so that single outputs differ by
/// 2^-8, their mean error by less.
constexpr AttentionDifference kAttentionTolerance = {0.006, 0.012};

}  // namespace dmt
