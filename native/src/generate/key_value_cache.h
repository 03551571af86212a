#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "dmt/engine.h"
#include "kernels/decode.h"

namespace dmt {

/// Keys and values of one request in all layers, in the compute dtype. Pages that no token has reached yet
/// take no memory.
class KeyValueCache {
 public:
  KeyValueCache(const ModelConfig& model, at::ScalarType dtype, int64_t capacity);

  int64_t length() const { return length_; }
  int64_t capacity() const { return capacity_; }
  void clear() { length_ = 0; }
  /// Appends the rows of one layer: x[T, row_stride] holds key heads at key_column, value heads behind them.
  /// The length grows when the caller says so, after the last layer.
  template <typename TData>
  void write(int32_t layer, const TData* x, int64_t row_stride, int64_t key_column, int64_t T);
  void advance(int64_t T) { length_ += T; }
  /// With `pending` positions that are written but not yet counted.
  template <typename TCache>
  kernels::CacheView<TCache> view(int32_t layer, int64_t pending);

 private:
  template <typename TCache, typename TData>
  void write_as(int32_t layer, const TData* x, int64_t row_stride, int64_t key_column, int64_t T);
  template <typename TCache>
  TCache* keys(int32_t layer);

  int64_t kv_heads_, head_dim_, capacity_;
  int64_t length_ = 0;
  at::ScalarType dtype_;
  std::vector<at::Tensor> layers_;  // keys, then values: kernels::CacheView
};

}  // namespace dmt
