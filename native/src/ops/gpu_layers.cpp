// Decoder blocks on a GPU: products by cuBLAS, attention by cuDNN or flash attention, norms, rotary embedding
// and SwiGLU by libdmt_cuda.
#include "kernels/dropout.h"
#include "ops/gpu_call.h"
#include "ops/gpu_ops.h"

namespace dmt {

void GpuOps::linear(at::Tensor out, const at::Tensor& x, const at::Tensor& weight) {
  const TimedWork timed(Work::kProducts);
  at::mm_out(out, x, weight.t());
}

void GpuOps::linear_add(at::Tensor out, const at::Tensor& residual, const at::Tensor& x,
                        const at::Tensor& weight) {
  const TimedWork timed(Work::kProducts);
  at::addmm_out(out, residual, x, weight.t());
}

void GpuOps::linear_backward_input(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) {
  const TimedWork timed(Work::kProducts);
  at::mm_out(dx, dout, weight);
}

void GpuOps::linear_backward_input_add(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) {
  const TimedWork timed(Work::kProducts);
  at::addmm_out(dx, dx, dout, weight);
}

void GpuOps::linear_backward_weight(const WeightGradient& gradient, const at::Tensor& dout,
                                    const at::Tensor& x, Arena& arena) {
  const TimedWork timed(Work::kProducts);
  at::Tensor sum = gradient.sum;
  const bool replaces = gradient.into == SumInto::kReplace;
  if (x.size(0) == 0) {
    if (replaces) sum.zero_();
  } else if (sum.scalar_type() == x.scalar_type()) {
    replaces ? at::mm_out(sum, dout.t(), x) : at::addmm_out(sum, sum, dout.t(), x);
  } else if (sum.is_cuda()) {
    replaces ? at::mm_out(sum, dout.t(), x, at::kFloat) : at::addmm_out(sum, sum, dout.t(), x, at::kFloat);
  } else {
    // Products of two types are a GPU's.
    Arena::Scope scope(arena);
    at::Tensor share = arena.allocate(sum.sizes(), x.scalar_type());
    at::mm_out(share, dout.t(), x);
    replaces ? sum.copy_(share) : sum.add_(share);
  }
}

void GpuOps::rms_norm_forward(at::Tensor out, at::Tensor rstd, const at::Tensor& x, const at::Tensor& weight,
                              double eps) {
  const TimedWork timed(Work::kElementWise);
  const DmtRmsNormForward op = {.out = data(out),
                                .rstd = data_as<float>(rstd),
                                .sum = nullptr,
                                .x = data(x),
                                .delta = nullptr,
                                .weight = data(weight),
                                .rows = x.size(0),
                                .columns = x.size(1),
                                .eps = static_cast<float>(eps),
                                .dtype = kernel_dtype(x)};
  DMT_CALL(rms_norm_forward, op);
}

void GpuOps::linear_add_norm(const LinearAddNorm& add, Arena& arena) {
  Arena::Scope scope(arena);
  at::Tensor delta = arena.allocate(add.sum.sizes(), add.sum.scalar_type());
  {
    const TimedWork timed(Work::kProducts);
    at::mm_out(delta, add.x, add.weight.t());
  }
  const TimedWork timed(Work::kElementWise);
  const DmtRmsNormForward op = {.out = data(add.out),
                                .rstd = data_as<float>(add.rstd),
                                .sum = data(add.sum),
                                .x = data(add.residual),
                                .delta = data(delta),
                                .weight = data(add.norm_weight),
                                .rows = add.sum.size(0),
                                .columns = add.sum.size(1),
                                .eps = static_cast<float>(add.eps),
                                .dtype = kernel_dtype(add.sum)};
  DMT_CALL(rms_norm_forward, op);
}

void GpuOps::rms_norm_backward(at::Tensor dx, at::Tensor dweight, const at::Tensor& dout, const at::Tensor& x,
                               const at::Tensor& rstd, const at::Tensor& weight, Arena& arena) {
  const TimedWork timed(Work::kElementWise);
  Arena::Scope scope(arena);
  const int64_t rows = x.size(0), columns = x.size(1);
  const at::Tensor workspace = arena.allocate({kernels_.rms_norm_workspace(rows, columns)}, at::kFloat);
  const DmtRmsNormBackward op = {.dx = data(dx),
                                 .dweight = data(dweight),
                                 .dout = data(dout),
                                 .x = data(x),
                                 .rstd = data_as<float>(rstd),
                                 .weight = data(weight),
                                 .workspace = data_as<float>(workspace),
                                 .rows = rows,
                                 .columns = columns,
                                 .dtype = kernel_dtype(x),
                                 .dweight_dtype = kernel_dtype(dweight)};
  DMT_CALL(rms_norm_backward, op);
}

void GpuOps::upload_rotary(const kernels::RotaryTable& table) {
  if (cos_PD_.defined() && cos_PD_.size(0) >= table.positions()) return;
  const auto send = [&](const float* values) {
    return at::from_blob(const_cast<float*>(values), {table.positions(), table.angles()}, at::kFloat)
        .clone()
        .to(device_.device);
  };
  earlier_tables_.insert(earlier_tables_.end(), {cos_PD_, sin_PD_});
  cos_PD_ = send(table.cos_PD());
  sin_PD_ = send(table.sin_PD());
}

void GpuOps::rotary(at::Tensor qkv, const BatchIndices& batch, const kernels::RotaryTable& table,
                    kernels::RotaryDirection direction) {
  const kernels::AttentionShape& shape = batch.attention;
  upload_rotary(table);
  const TimedWork timed(Work::kElementWise);
  const DmtRotary op = {.qkv = data(qkv),
                        .positions = data_as<int32_t>(batch.positions_T),
                        .cos = data_as<float>(cos_PD_),
                        .sin = data_as<float>(sin_PD_),
                        .tokens = shape.tokens,
                        .row_stride = shape.row(),
                        .turned_heads = static_cast<int32_t>(shape.heads + shape.kv_heads),
                        .head_dim = static_cast<int32_t>(shape.head_dim),
                        .sign = direction == kernels::RotaryDirection::kForward ? 1.0f : -1.0f,
                        .dtype = kernel_dtype(qkv)};
  DMT_CALL(rotary, op);
}

void GpuOps::attention_forward(at::Tensor out, at::Tensor log_sum_exp, const at::Tensor& qkv,
                               const BatchIndices& batch) {
  const TimedWork timed(Work::kAttention);
  if (batch.attention.tokens == 0) return;
  const AttentionKind kind = attention_kind(device_, qkv, batch);
  count_attention(kind);
  dmt::attention_forward(kind, out, log_sum_exp, qkv, batch);
}

void GpuOps::attention_backward(at::Tensor dqkv, const at::Tensor& dout, const at::Tensor& out,
                                const at::Tensor& log_sum_exp, const at::Tensor& qkv,
                                const BatchIndices& batch) {
  const TimedWork timed(Work::kAttention);
  if (batch.attention.tokens == 0) return;
  const AttentionKind kind = attention_kind(device_, qkv, batch);
  count_attention(kind);
  dmt::attention_backward(kind, dqkv, dout, out, log_sum_exp, qkv, batch);
}

void GpuOps::count_attention(AttentionKind kind) {
  switch (kind) {
    case AttentionKind::kCudnn:
      ++attention_calls_.cudnn;
      break;
    case AttentionKind::kFlash:
      ++attention_calls_.flash;
      break;
    case AttentionKind::kPlain:
      ++attention_calls_.plain;
      break;
  }
}

void GpuOps::dequantize(at::Tensor out, const QuantizedMatrix& matrix) {
  const TimedWork timed(Work::kProducts);
  const DmtDequantize op = {.out = data(out),
                            .packed = data(matrix.packed),
                            .rows = matrix.rows,
                            .columns = matrix.columns,
                            .format = matrix.format == BaseWeights::kInt8 ? DMT_INT8 : DMT_NF4,
                            .dtype = kernel_dtype(out)};
  DMT_CALL(dequantize, op);
}

void GpuOps::dropout(at::Tensor out, const at::Tensor& x, const at::Tensor& keys_T, uint64_t key,
                     double share) {
  const TimedWork timed(Work::kElementWise);
  const DmtDropout op = {.out = data(out),
                         .x = data(x),
                         .token_keys = data_as<int32_t>(keys_T),
                         .key = key,
                         .rows = x.size(0),
                         .columns = x.size(1),
                         .threshold = kernels::dropout_threshold(share),
                         .scale = static_cast<float>(1.0 / (1.0 - share)),
                         .dtype = kernel_dtype(x)};
  DMT_CALL(dropout, op);
}

void GpuOps::swiglu_forward(at::Tensor out, const at::Tensor& gate_up) {
  const TimedWork timed(Work::kElementWise);
  const DmtSwiglu op = {.out = data(out),
                        .gate_up = data(gate_up),
                        .rows = out.size(0),
                        .columns = out.size(1),
                        .dtype = kernel_dtype(out)};
  DMT_CALL(swiglu_forward, op);
}

void GpuOps::swiglu_backward(at::Tensor gate_up, const at::Tensor& dout) {
  const TimedWork timed(Work::kElementWise);
  const DmtSwiglu op = {.out = data(dout),
                        .gate_up = data(gate_up),
                        .rows = dout.size(0),
                        .columns = dout.size(1),
                        .dtype = kernel_dtype(dout)};
  DMT_CALL(swiglu_backward, op);
}

}  // namespace dmt
