// The tensor-level front of the kernels: picks the kernel for the dtype (and, where there is a GPU, the
// device). Matrices are row-major; shape suffixes as in decoder_block.h.
#pragma once

#include <ATen/ATen.h>

#include "base/arena.h"
#include "dmt/engine.h"
#include "kernels/attention.h"
#include "kernels/rotary.h"

namespace dmt::ops {

at::ScalarType scalar_type(DType dtype);

/// out[M, N] = x[M, K] * weight[N, K]^T
void linear(at::Tensor out, const at::Tensor& x, const at::Tensor& weight);
/// out[M, N] = residual[M, N] + x[M, K] * weight[N, K]^T
void linear_add(at::Tensor out, const at::Tensor& residual, const at::Tensor& x, const at::Tensor& weight);
/// dx[M, K] = dout[M, N] * weight[N, K]
void linear_backward_input(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight);
/// gradient[N, K] += dout[M, N]^T * x[M, K]; the gradient is float32.
void linear_backward_weight(at::Tensor gradient, const at::Tensor& dout, const at::Tensor& x, Arena& arena);

void rms_norm_forward(at::Tensor out, at::Tensor rstd, const at::Tensor& x, const at::Tensor& weight,
                      double eps);
/// dx += ...; dweight (float32) += ...
void rms_norm_backward(at::Tensor dx, at::Tensor dweight, const at::Tensor& dout, const at::Tensor& x,
                       const at::Tensor& rstd, const at::Tensor& weight);

void rotary(at::Tensor qkv, const kernels::AttentionShape& shape, const int32_t* positions,
            const kernels::RotaryTable& table, kernels::RotaryDirection direction);
void attention_forward(at::Tensor out, at::Tensor log_sum_exp, const at::Tensor& qkv,
                       const kernels::AttentionShape& shape);
void attention_backward(at::Tensor dqkv, const at::Tensor& dout, const at::Tensor& out,
                        const at::Tensor& log_sum_exp, const at::Tensor& qkv,
                        const kernels::AttentionShape& shape);

void swiglu_forward(at::Tensor out, const at::Tensor& gate_up);
/// gate_up becomes its gradient.
void swiglu_backward(at::Tensor gate_up, const at::Tensor& dout);

/// out[i] = table[rows[i]]
void gather_rows(at::Tensor out, const at::Tensor& table, const int32_t* rows);
/// table[rows[i]] += x[i]
void scatter_add_rows(at::Tensor table, const at::Tensor& x, const int32_t* rows);

/// losses[L] of logits[L, V]
void cross_entropy_forward(float* losses, const at::Tensor& logits, const int32_t* labels);
/// The same; logits become their gradient times scale.
void cross_entropy_forward_backward(float* losses, at::Tensor logits, const int32_t* labels, float scale);

}  // namespace dmt::ops
