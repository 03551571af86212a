// One pack of SwiGLU; host and device.
#pragma once

#include "cuda/pack.h"

namespace dmt::cuda {

template <int kLanes, typename T>
DMT_INLINE void swiglu_forward_pack(T* out, const T* gate, const T* up) {
  const Pack<T, kLanes> gates = load_pack<kLanes>(gate), ups = load_pack<kLanes>(up);
  Pack<T, kLanes> outs;
  for (int i = 0; i < kLanes; ++i) {
    const float g = to_float(gates.lane[i]);
    store(outs.lane[i], g * sigmoid_of(g) * to_float(ups.lane[i]));
  }
  store_pack<kLanes>(out, outs);
}

/// gate and up become their gradients.
template <int kLanes, typename T>
DMT_INLINE void swiglu_backward_pack(T* gate, T* up, const T* dout) {
  Pack<T, kLanes> gates = load_pack<kLanes>(gate), ups = load_pack<kLanes>(up);
  const Pack<T, kLanes> douts = load_pack<kLanes>(dout);
  for (int i = 0; i < kLanes; ++i) {
    const float g = to_float(gates.lane[i]), u = to_float(ups.lane[i]), d = to_float(douts.lane[i]);
    const float s = sigmoid_of(g);
    store(gates.lane[i], d * u * s * (1.0f + g * (1.0f - s)));
    store(ups.lane[i], d * g * s);
  }
  store_pack<kLanes>(gate, gates);
  store_pack<kLanes>(up, ups);
}

}  // namespace dmt::cuda
