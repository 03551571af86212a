#include "kernels/swiglu.h"

#include "base/parallel.h"

namespace dmt::kernels {
namespace {

template <typename TData>
DMT_INLINE void forward_row(TData* out_F, const TData* gate_F, const TData* up_F, int64_t F) {
#pragma omp simd
  for (int64_t f = 0; f < F; ++f) {
    const float gate = to_float(gate_F[f]);
    store(out_F[f], gate * sigmoid(gate) * to_float(up_F[f]));
  }
}

template <typename TData>
DMT_INLINE void backward_row(TData* gate_F, TData* up_F, const TData* dout_F, int64_t F) {
#pragma omp simd
  for (int64_t f = 0; f < F; ++f) {
    const float gate = to_float(gate_F[f]);
    const float up = to_float(up_F[f]);
    const float dout = to_float(dout_F[f]);
    const float s = sigmoid(gate);
    store(gate_F[f], dout * up * s * (1.0f + gate * (1.0f - s)));
    store(up_F[f], dout * gate * s);
  }
}

DMT_MULTIVERSION void forward(float* out, const float* gate, const float* up, int64_t F) {
  forward_row(out, gate, up, F);
}
DMT_MULTIVERSION void forward(Bf16* out, const Bf16* gate, const Bf16* up, int64_t F) {
  forward_row(out, gate, up, F);
}
DMT_MULTIVERSION void backward(float* gate, float* up, const float* dout, int64_t F) {
  backward_row(gate, up, dout, F);
}
DMT_MULTIVERSION void backward(Bf16* gate, Bf16* up, const Bf16* dout, int64_t F) {
  backward_row(gate, up, dout, F);
}

}  // namespace

template <typename TData>
void swiglu_forward(TData* out_TF, const TData* gate_up_TG, int64_t T, int64_t F) {
  parallel_for(T, rows_per_thread(F), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      forward(out_TF + t * F, gate_up_TG + 2 * t * F, gate_up_TG + 2 * t * F + F, F);
    }
  });
}

template <typename TData>
void swiglu_backward(TData* gate_up_TG, const TData* dout_TF, int64_t T, int64_t F) {
  parallel_for(T, rows_per_thread(F), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      backward(gate_up_TG + 2 * t * F, gate_up_TG + 2 * t * F + F, dout_TF + t * F, F);
    }
  });
}

template void swiglu_forward(float*, const float*, int64_t, int64_t);
template void swiglu_forward(Bf16*, const Bf16*, int64_t, int64_t);
template void swiglu_backward(float*, const float*, int64_t, int64_t);
template void swiglu_backward(Bf16*, const Bf16*, int64_t, int64_t);

}  // namespace dmt::kernels
