// From tensors to pointers of their elements.
#pragma once

#include <ATen/ATen.h>

#include "kernels/scalar.h"

namespace dmt {

template <typename TData>
const TData* in(const at::Tensor& tensor) {
  return static_cast<const TData*>(tensor.const_data_ptr());
}

template <typename TData>
TData* out(const at::Tensor& tensor) {
  return static_cast<TData*>(tensor.mutable_data_ptr());
}

inline bool is_float(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kFloat;
}

/// Calls f with a value of the element type, which is float32 or bfloat16.
template <typename F>
void with_type(const at::Tensor& tensor, const F& f) {
  if (is_float(tensor)) {
    f(float{});
  } else {
    f(kernels::Bf16{});
  }
}

}  // namespace dmt
