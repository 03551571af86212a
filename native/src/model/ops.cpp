#include "model/ops.h"

#include "kernels/blas.h"
#include "kernels/cross_entropy.h"
#include "kernels/embedding.h"
#include "kernels/flat.h"
#include "kernels/rms_norm.h"
#include "kernels/swiglu.h"

namespace dmt::ops {
namespace {

using kernels::Bf16;
using kernels::Transpose;

template <typename TData>
const TData* in(const at::Tensor& tensor) {
  return static_cast<const TData*>(tensor.const_data_ptr());
}

template <typename TData>
TData* out(const at::Tensor& tensor) {
  return static_cast<TData*>(tensor.mutable_data_ptr());
}

bool is_float(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kFloat;
}

/// Calls f with a null pointer of the element type.
template <typename F>
void with_type(const at::Tensor& tensor, const F& f) {
  if (is_float(tensor)) {
    f(static_cast<float*>(nullptr));
  } else {
    f(static_cast<Bf16*>(nullptr));
  }
}

template <typename TPointer>
using Element = std::remove_pointer_t<TPointer>;

}  // namespace

at::ScalarType scalar_type(DType dtype) {
  return dtype == DType::kFloat32 ? at::kFloat : at::kBFloat16;
}

// float32 products go to BLAS inside our own pool, bfloat16 ones to oneDNN through ATen: both reach nine
// tenths of the machine's peak, which neither does for the other's type.

void linear(at::Tensor y, const at::Tensor& x, const at::Tensor& weight) {
  if (!is_float(x)) {
    at::mm_out(y, x, weight.t());
    return;
  }
  const int64_t M = x.size(0), K = x.size(1), N = weight.size(0);
  kernels::gemm(out<float>(y), N, {in<float>(x), K}, {in<float>(weight), K, Transpose::kYes}, M, N, K, 0.0f);
}

void linear_add(at::Tensor y, const at::Tensor& residual, const at::Tensor& x, const at::Tensor& weight) {
  if (!is_float(x)) {
    at::addmm_out(y, residual, x, weight.t());
    return;
  }
  const int64_t M = x.size(0), K = x.size(1), N = weight.size(0);
  y.copy_(residual);
  kernels::gemm(out<float>(y), N, {in<float>(x), K}, {in<float>(weight), K, Transpose::kYes}, M, N, K, 1.0f);
}

void linear_backward_input(at::Tensor dx, const at::Tensor& dout, const at::Tensor& weight) {
  if (!is_float(dout)) {
    at::mm_out(dx, dout, weight);
    return;
  }
  const int64_t M = dout.size(0), N = dout.size(1), K = weight.size(1);
  kernels::gemm(out<float>(dx), K, {in<float>(dout), N}, {in<float>(weight), K}, M, K, N, 0.0f);
}

void linear_backward_weight(at::Tensor gradient, const at::Tensor& dout, const at::Tensor& x, Arena& arena) {
  const int64_t M = dout.size(0), N = dout.size(1), K = x.size(1);
  if (is_float(dout)) {
    kernels::gemm(out<float>(gradient), K, {in<float>(dout), N, Transpose::kYes}, {in<float>(x), K}, N, K, M,
                  1.0f);
    return;
  }
  // The CPU has no bf16 product with a float32 result: this micro-batch's share is rounded to bf16, the sum
  // over micro-batches is not.
  Arena::Scope scope(arena);
  at::Tensor share = arena.allocate({N, K}, at::kBFloat16);
  at::mm_out(share, dout.t(), x);
  kernels::add(out<float>(gradient), in<Bf16>(share), N * K);
}

void rms_norm_forward(at::Tensor y, at::Tensor rstd, const at::Tensor& x, const at::Tensor& weight,
                      double eps) {
  with_type(x, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::rms_norm_forward(out<T>(y), out<float>(rstd), in<T>(x), in<T>(weight), x.size(0), x.size(1),
                              static_cast<float>(eps));
  });
}

void rms_norm_backward(at::Tensor dx, at::Tensor dweight, const at::Tensor& dout, const at::Tensor& x,
                       const at::Tensor& rstd, const at::Tensor& weight) {
  with_type(x, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::rms_norm_backward(out<T>(dx), out<float>(dweight), in<T>(dout), in<T>(x), in<float>(rstd),
                               in<T>(weight), x.size(0), x.size(1));
  });
}

void rotary(at::Tensor qkv, const kernels::AttentionShape& shape, const int32_t* positions,
            const kernels::RotaryTable& table, kernels::RotaryDirection direction) {
  with_type(qkv, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::rotary(out<T>(qkv), shape.row(), shape.heads + shape.kv_heads, shape.head_dim, positions, table,
                    shape.tokens, direction);
  });
}

void attention_forward(at::Tensor y, at::Tensor log_sum_exp, const at::Tensor& qkv,
                       const kernels::AttentionShape& shape) {
  with_type(qkv, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::attention_forward(out<T>(y), out<float>(log_sum_exp), in<T>(qkv), shape);
  });
}

void attention_backward(at::Tensor dqkv, const at::Tensor& dout, const at::Tensor& y,
                        const at::Tensor& log_sum_exp, const at::Tensor& qkv,
                        const kernels::AttentionShape& shape) {
  with_type(qkv, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::attention_backward(out<T>(dqkv), in<T>(dout), in<T>(y), in<float>(log_sum_exp), in<T>(qkv),
                                shape);
  });
}

void swiglu_forward(at::Tensor y, const at::Tensor& gate_up) {
  with_type(y, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::swiglu_forward(out<T>(y), in<T>(gate_up), y.size(0), y.size(1));
  });
}

void swiglu_backward(at::Tensor gate_up, const at::Tensor& dout) {
  with_type(dout, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::swiglu_backward(out<T>(gate_up), in<T>(dout), dout.size(0), dout.size(1));
  });
}

void gather_rows(at::Tensor y, const at::Tensor& table, const int32_t* rows) {
  with_type(table, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::gather_rows(out<T>(y), in<T>(table), rows, y.size(0), y.size(1));
  });
}

void scatter_add_rows(at::Tensor table, const at::Tensor& x, const int32_t* rows) {
  const int64_t N = x.size(0), C = x.size(1);
  if (is_float(x)) {
    kernels::scatter_add_rows(out<float>(table), in<float>(x), rows, N, C);
  } else if (is_float(table)) {
    kernels::scatter_add_rows(out<float>(table), in<Bf16>(x), rows, N, C);
  } else {
    kernels::scatter_add_rows(out<Bf16>(table), in<Bf16>(x), rows, N, C);
  }
}

void cross_entropy_forward(float* losses, const at::Tensor& logits, const int32_t* labels) {
  with_type(logits, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::cross_entropy_forward(losses, in<T>(logits), labels, logits.size(0), logits.size(1));
  });
}

void cross_entropy_forward_backward(float* losses, at::Tensor logits, const int32_t* labels, float scale) {
  with_type(logits, [&](auto type) {
    using T = Element<decltype(type)>;
    kernels::cross_entropy_forward_backward(losses, out<T>(logits), labels, scale, logits.size(0),
                                            logits.size(1));
  });
}

}  // namespace dmt::ops
