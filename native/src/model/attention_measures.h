#pragma once

#include <ATen/ATen.h>

#include "dmt/engine.h"

namespace dmt {

/// Measures what a layer's heads attend to in one document, see Engine::attention(). Probabilities are
/// computed anew in float32 from queries and keys, a chunk of queries and a group of heads at a time, by ATen
/// on any device, since fused kernels never hold them. Shapes: N positions of the document, E at least (heads
/// + kv_heads) * head_dim: queries, then keys.
/// @param qk_NE rows of the document, after the rotary embedding
/// @param before_NE the same of the model to compare with; undefined for none, from which nothing moved
/// @param measures [heads], `stride` values from one head to the next
void measure_attention(const at::Tensor& qk_NE, const at::Tensor& before_NE, const ModelConfig& model,
                       double* measures, int64_t stride);

}  // namespace dmt
