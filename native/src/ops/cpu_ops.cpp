#include "base/check.h"
#include "kernels/adamw_bf16.h"
#include "kernels/blas.h"
#include "kernels/cross_entropy.h"
#include "kernels/dropout.h"
#include "kernels/embedding.h"
#include "kernels/flat.h"
#include "kernels/quantized.h"
#include "kernels/rms_norm.h"
#include "kernels/swiglu.h"
#include "ops/ops.h"
#include "ops/typed.h"

namespace dmt {
namespace {

using kernels::Bf16;
using kernels::Transpose;

at::Tensor view_of(const int32_t* indices, int64_t count) {
  return at::from_blob(const_cast<int32_t*>(indices), {count}, at::kInt);  // read only
}

/// A float32 operand of a product; its rows may be parts of longer ones.
kernels::MatrixView rows_of(const at::Tensor& matrix, Transpose transpose = Transpose::kNo) {
  return {in<float>(matrix), matrix.stride(0), transpose};
}

at::Tensor view_of(const std::vector<int32_t>& indices) {
  return view_of(indices.data(), static_cast<int64_t>(indices.size()));
}

/// The kernels of src/kernels.
///
/// float32 products go to BLAS inside our own pool, bfloat16 ones to oneDNN through ATen: both reach nine
/// tenths of the machine's peak, which neither does for the other's type.
class CpuOps final : public Ops {
 public:
  at::Device device() const override { return at::kCPU; }
  std::string describe() const override { return "CPU"; }
  FreeMemory free_memory() const override { return machine_memory(); }

  BatchIndices upload(const HostIndices& host) override {
    BatchIndices batch;
    batch.attention = host.attention;
    batch.longest_document = host.longest_document;
    batch.token_ids_T = view_of(host.token_ids, host.attention.tokens);
    batch.positions_T = view_of(host.positions);
    batch.label_rows_L = view_of(host.label_rows);
    batch.labels_L = view_of(host.labels);
    batch.label_sources_L = view_of(host.label_sources);
    batch.dropout_keys_T = view_of(host.dropout_keys);
    batch.label_dropout_keys_L = view_of(host.label_dropout_keys);
    return batch;
  }

  void linear(at::Tensor y, const at::Tensor& x, const at::Tensor& weight) override {
    const TimedWork timed(Work::kProducts);
    if (!is_float(x)) {
      at::mm_out(y, x, weight.t());
      return;
    }
    const int64_t M = x.size(0), K = x.size(1), N = weight.size(0);
    kernels::gemm(out<float>(y), y.stride(0), rows_of(x), rows_of(weight, Transpose::kYes), M, N, K, 0.0f);
  }

  void linear_add(at::Tensor y, const at::Tensor& residual, const at::Tensor& x,
                  const at::Tensor& weight) override {
    const TimedWork timed(Work::kProducts);
    if (!is_float(x)) {
      at::addmm_out(y, residual, x, weight.t());
      return;
    }
    const int64_t M = x.size(0), K = x.size(1), N = weight.size(0);
    if (y.const_data_ptr() != residual.const_data_ptr()) y.copy_(residual);
    kernels::gemm(out<float>(y), y.stride(0), rows_of(x), rows_of(weight, Transpose::kYes), M, N, K, 1.0f);
  }

  void linear_backward_input(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) override {
    const TimedWork timed(Work::kProducts);
    if (!is_float(dout)) {
      at::mm_out(dx, dout, weight);
      return;
    }
    const int64_t M = dout.size(0), N = dout.size(1), K = weight.size(1);
    kernels::gemm(out<float>(dx), dx.stride(0), rows_of(dout), rows_of(weight), M, K, N, 0.0f);
  }

  void linear_backward_input_add(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) override {
    const TimedWork timed(Work::kProducts);
    if (!is_float(dout)) {
      at::addmm_out(dx, dx, dout, weight);
      return;
    }
    const int64_t M = dout.size(0), N = dout.size(1), K = weight.size(1);
    kernels::gemm(out<float>(dx), dx.stride(0), rows_of(dout), rows_of(weight), M, K, N, 1.0f);
  }

  void linear_backward_weight(const WeightGradient& gradient, const at::Tensor& dout, const at::Tensor& x,
                              Arena& arena) override {
    const TimedWork timed(Work::kProducts);
    const int64_t M = dout.size(0), N = dout.size(1), K = x.size(1);
    const bool replaces = gradient.into == SumInto::kReplace;
    at::Tensor sum = gradient.sum;
    if (M == 0) {
      if (replaces) sum.zero_();
      return;
    }
    if (is_float(dout)) {
      kernels::gemm(out<float>(sum), K, rows_of(dout, Transpose::kYes), rows_of(x), N, K, M,
                    replaces ? 0.0f : 1.0f);
      return;
    }
    if (!is_float(sum)) {
      replaces ? at::mm_out(sum, dout.t(), x) : at::addmm_out(sum, sum, dout.t(), x);
      return;
    }
    // The CPU has no bf16 product with a float32 result: this micro-batch's share is rounded to bf16, the
    // sum over micro-batches is not.
    Arena::Scope scope(arena);
    at::Tensor share = arena.allocate({N, K}, at::kBFloat16);
    at::mm_out(share, dout.t(), x);
    if (replaces) {
      kernels::cast(out<float>(sum), in<Bf16>(share), N * K);
    } else {
      kernels::add(out<float>(sum), in<Bf16>(share), N * K);
    }
  }

  void dequantize(at::Tensor y, const QuantizedMatrix& matrix) override {
    const TimedWork timed(Work::kProducts);
    with_type(y, [&](auto element) {
      kernels::dequantize(out<decltype(element)>(y), {format_of(matrix.format), in<uint8_t>(matrix.packed),
                                                      matrix.rows, matrix.columns});
    });
  }

  void dropout(at::Tensor y, const at::Tensor& x, const at::Tensor& keys_T, uint64_t key,
               double share) override {
    const TimedWork timed(Work::kElementWise);
    with_type(x, [&](auto element) {
      using T = decltype(element);
      kernels::dropout(out<T>(y), in<T>(x), in<int32_t>(keys_T), key, share, x.size(0), x.size(1));
    });
  }

  void rms_norm_forward(at::Tensor y, at::Tensor rstd, const at::Tensor& x, const at::Tensor& weight,
                        double eps) override {
    const TimedWork timed(Work::kElementWise);
    with_type(x, [&](auto element) {
      using T = decltype(element);
      kernels::rms_norm_forward(out<T>(y), out<float>(rstd), in<T>(x), in<T>(weight), x.size(0), x.size(1),
                                static_cast<float>(eps));
    });
  }

  void linear_add_norm(const LinearAddNorm& op, Arena&) override {
    const TimedWork timed(Work::kProducts);
    linear_add(op.sum, op.residual, op.x, op.weight);
    rms_norm_forward(op.out, op.rstd, op.sum, op.norm_weight, op.eps);
  }

  void rms_norm_backward(at::Tensor dx, at::Tensor dweight, const at::Tensor& dout, const at::Tensor& x,
                         const at::Tensor& rstd, const at::Tensor& weight, Arena& arena) override {
    const TimedWork timed(Work::kElementWise);
    Arena::Scope scope(arena);
    const bool rounds = !is_float(dweight);
    const at::Tensor sum = rounds ? arena.allocate(dweight.sizes(), at::kFloat).zero_() : dweight;
    with_type(x, [&](auto element) {
      using T = decltype(element);
      kernels::rms_norm_backward(out<T>(dx), out<float>(sum), in<T>(dout), in<T>(x), in<float>(rstd),
                                 in<T>(weight), x.size(0), x.size(1));
    });
    if (rounds) dweight.add_(sum);
  }

  void rotary(at::Tensor qkv, const BatchIndices& batch, const kernels::RotaryTable& table,
              kernels::RotaryDirection direction) override {
    const TimedWork timed(Work::kElementWise);
    const kernels::AttentionShape& shape = batch.attention;
    with_type(qkv, [&](auto element) {
      using T = decltype(element);
      kernels::rotary(out<T>(qkv), shape.row(), shape.heads + shape.kv_heads, shape.head_dim,
                      in<int32_t>(batch.positions_T), table, shape.tokens, direction);
    });
  }

  void attention_forward(at::Tensor y, at::Tensor log_sum_exp, const at::Tensor& qkv,
                         const BatchIndices& batch) override {
    const TimedWork timed(Work::kAttention);
    with_type(qkv, [&](auto element) {
      using T = decltype(element);
      kernels::attention_forward(out<T>(y), out<float>(log_sum_exp), in<T>(qkv), batch.attention);
    });
  }

  void attention_backward(at::Tensor dqkv, const at::Tensor& dout, const at::Tensor& y,
                          const at::Tensor& log_sum_exp, const at::Tensor& qkv,
                          const BatchIndices& batch) override {
    const TimedWork timed(Work::kAttention);
    with_type(qkv, [&](auto element) {
      using T = decltype(element);
      kernels::attention_backward(out<T>(dqkv), in<T>(dout), in<T>(y), in<float>(log_sum_exp), in<T>(qkv),
                                  batch.attention);
    });
  }

  void swiglu_forward(at::Tensor y, const at::Tensor& gate_up) override {
    const TimedWork timed(Work::kElementWise);
    with_type(y, [&](auto element) {
      using T = decltype(element);
      kernels::swiglu_forward(out<T>(y), in<T>(gate_up), y.size(0), y.size(1));
    });
  }

  void swiglu_backward(at::Tensor gate_up, const at::Tensor& dout) override {
    const TimedWork timed(Work::kElementWise);
    with_type(dout, [&](auto element) {
      using T = decltype(element);
      kernels::swiglu_backward(out<T>(gate_up), in<T>(dout), dout.size(0), dout.size(1));
    });
  }

  void gather_rows(at::Tensor y, const at::Tensor& table, const at::Tensor& rows) override {
    const TimedWork timed(Work::kElementWise);
    with_type(table, [&](auto element) {
      using T = decltype(element);
      kernels::gather_rows(out<T>(y), in<T>(table), in<int32_t>(rows), y.size(0), y.size(1));
    });
  }

  void gather_columns(at::Tensor y, const at::Tensor& table, const at::Tensor& columns) override {
    const TimedWork timed(Work::kElementWise);
    at::index_select_out(y, table, 1, columns);
  }

  void add_to_rows(at::Tensor table, const at::Tensor& x, const at::Tensor& rows) override {
    const TimedWork timed(Work::kElementWise);
    const int64_t N = x.size(0), C = x.size(1);
    const auto* indices = in<int32_t>(rows);
    if (is_float(x)) {
      kernels::scatter_add_rows(out<float>(table), in<float>(x), indices, N, C);
    } else if (is_float(table)) {
      kernels::scatter_add_rows(out<float>(table), in<Bf16>(x), indices, N, C);
    } else {
      kernels::scatter_add_rows(out<Bf16>(table), in<Bf16>(x), indices, N, C);
    }
  }

  void embedding_backward(at::Tensor dtable, const at::Tensor& dout, const BatchIndices& batch) override {
    const TimedWork timed(Work::kElementWise);
    add_to_rows(dtable, dout, batch.token_ids_T);
  }

  void cross_entropy_forward(at::Tensor losses, const at::Tensor& logits, const at::Tensor& labels) override {
    const TimedWork timed(Work::kLoss);
    with_type(logits, [&](auto element) {
      using T = decltype(element);
      kernels::cross_entropy_forward(out<float>(losses), in<T>(logits), in<int32_t>(labels), logits.size(0),
                                     logits.size(1));
    });
  }

  void cross_entropy_forward_backward(at::Tensor losses, at::Tensor logits, const at::Tensor& labels,
                                      float scale) override {
    const TimedWork timed(Work::kLoss);
    with_type(logits, [&](auto element) {
      using T = decltype(element);
      kernels::cross_entropy_forward_backward(out<float>(losses), out<T>(logits), in<int32_t>(labels), scale,
                                              logits.size(0), logits.size(1));
    });
  }

  void add_losses(at::Tensor sums, const at::Tensor& losses, const at::Tensor& sources) override {
    const TimedWork timed(Work::kLoss);
    auto* sum = out<double>(sums);
    const auto* loss = in<float>(losses);
    const auto* source = in<int32_t>(sources);
    for (int64_t l = 0; l < losses.size(0); ++l) sum[source[l]] += static_cast<double>(loss[l]);
  }

  void cast(at::Tensor y, const at::Tensor& x) override {
    const TimedWork timed(Work::kElementWise);
    if (is_float(x) == is_float(y)) {
      y.copy_(x);
    } else if (is_float(x)) {
      kernels::cast(out<Bf16>(y), in<float>(x), x.numel());
    } else {
      kernels::cast(out<float>(y), in<Bf16>(x), x.numel());
    }
  }

  void add_parts(at::Tensor sum, const at::Tensor& parts) override {
    const TimedWork timed(Work::kElementWise);
    const int64_t n = sum.numel();
    if (n == 0) return;
    with_type(sum, [&](auto sum_element) {
      with_type(parts, [&](auto element) {
        kernels::add_parts(out<decltype(sum_element)>(sum), in<decltype(element)>(parts), parts.numel() / n,
                           n);
      });
    });
  }

  double sum_of_squares(const std::vector<at::Tensor>& tensors) override {
    const TimedWork timed(Work::kOptimizer);
    double sum = 0.0;
    for (const at::Tensor& tensor : tensors) {
      with_type(tensor, [&](auto element) {
        sum += kernels::sum_of_squares(in<decltype(element)>(tensor), tensor.numel());
      });
    }
    return sum;
  }

  void adamw(const OptimizerShard& shard, const kernels::AdamWStep& step, uint64_t key) override {
    const TimedWork timed(Work::kOptimizer);
    const int64_t count = shard.weights.numel();
    if (is_float(shard.weights)) {
      kernels::adamw(out<float>(shard.weights), out<float>(shard.first_moment),
                     out<float>(shard.second_moment), in<float>(shard.gradient), count, step);
      return;
    }
    auto* remainder = shard.remainder.defined() ? out<uint16_t>(shard.remainder) : nullptr;
    with_type(shard.first_moment, [&](auto moment) {
      using TMoment = decltype(moment);
      with_type(shard.gradient, [&](auto element) {
        kernels::adamw(
            kernels::Bf16Shard<TMoment>{out<Bf16>(shard.weights), remainder, out<TMoment>(shard.first_moment),
                                        out<TMoment>(shard.second_moment)},
            in<decltype(element)>(shard.gradient), count, step, key, shard.begin);
      });
    });
  }
};

}  // namespace

at::ScalarType scalar_type(DType dtype) {
  return dtype == DType::kFloat32 ? at::kFloat : at::kBFloat16;
}

kernels::QuantizedFormat format_of(BaseWeights weights) {
  return weights == BaseWeights::kInt8 ? kernels::QuantizedFormat::kInt8 : kernels::QuantizedFormat::kNf4;
}

Ops& cpu_ops() {
  static CpuOps ops;
  return ops;
}

}  // namespace dmt
