// For the files of GpuOps: from tensors to what kernels take.
#pragma once

#include <ATen/ATen.h>

#include "cuda/dmt_cuda.h"

namespace dmt {

/// Null for an undefined tensor.
inline void* data(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.mutable_data_ptr() : nullptr;
}

template <typename T>
T* data_as(const at::Tensor& tensor) {
  return static_cast<T*>(data(tensor));
}

inline int32_t kernel_dtype(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kFloat ? DMT_FLOAT32 : DMT_BFLOAT16;
}

}  // namespace dmt

/// Calls a kernel by its name, on the stream of now; for members of GpuOps.
#define DMT_CALL(op_name, op) check(kernels_.op_name(&(op), current_), #op_name)
