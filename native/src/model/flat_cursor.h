#pragma once

#include <ATen/ATen.h>

namespace dmt {

/// Takes consecutive tensors from a flat buffer.
struct FlatCursor {
  const at::Tensor& flat;
  int64_t offset = 0;
  at::Tensor take(at::IntArrayRef sizes) {
    int64_t elements = 1;
    for (const int64_t size : sizes) elements *= size;
    at::Tensor view = flat.narrow(0, offset, elements).view(sizes);
    offset += elements;
    return view;
  }
};

}  // namespace dmt
