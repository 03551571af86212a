#include "generate/key_value_cache.h"

#include "base/check.h"

namespace dmt {

KeyValueCache::KeyValueCache(const ModelConfig& model, at::ScalarType dtype, int64_t capacity)
    : kv_heads_(model.kv_heads), head_dim_(model.head_dim), capacity_(capacity), dtype_(dtype) {
  for (int32_t layer = 0; layer < model.layers; ++layer) {
    layers_.push_back(at::empty({2, kv_heads_, capacity_, head_dim_}, dtype));
  }
}

template <typename TCache>
TCache* KeyValueCache::keys(int32_t layer) {
  return static_cast<TCache*>(layers_[static_cast<size_t>(layer)].mutable_data_ptr());
}

namespace {

/// Element (t, d) of T rows goes to out[t * t_stride + d * d_stride].
template <typename TCache, typename TData>
void copy_rows(TCache* out, int64_t t_stride, int64_t d_stride, const TData* x, int64_t row_stride, int64_t T,
               int64_t D) {
  for (int64_t t = 0; t < T; ++t) {
    for (int64_t d = 0; d < D; ++d) {
      kernels::store(out[t * t_stride + d * d_stride], kernels::to_float(x[t * row_stride + d]));
    }
  }
}

}  // namespace

template <typename TData>
void KeyValueCache::write(int32_t layer, const TData* x, int64_t row_stride, int64_t key_column, int64_t T) {
  DMT_CHECK(length_ + T <= capacity_, "a request of ", length_ + T, " tokens is longer than the ", capacity_,
            " that the generation was opened for");
  if (dtype_ == at::kFloat) {
    write_as<float>(layer, x, row_stride, key_column, T);
  } else {
    write_as<kernels::Bf16>(layer, x, row_stride, key_column, T);
  }
}

template <typename TCache, typename TData>
void KeyValueCache::write_as(int32_t layer, const TData* x, int64_t row_stride, int64_t key_column,
                             int64_t T) {
  for (int64_t head = 0; head < kv_heads_; ++head) {
    const TData* key = x + key_column + head * head_dim_;
    const TData* value = key + kv_heads_ * head_dim_;
    TCache* keys_DN = keys<TCache>(layer) + head * capacity_ * head_dim_;
    TCache* values_ND = keys_DN + kv_heads_ * capacity_ * head_dim_;
    copy_rows(keys_DN + length_, 1, capacity_, key, row_stride, T, head_dim_);
    copy_rows(values_ND + length_ * head_dim_, head_dim_, 1, value, row_stride, T, head_dim_);
  }
}

template <typename TCache>
kernels::CacheView<TCache> KeyValueCache::view(int32_t layer, int64_t pending) {
  TCache* data = keys<TCache>(layer);
  return {data, data + kv_heads_ * capacity_ * head_dim_, capacity_, length_ + pending};
}

template void KeyValueCache::write(int32_t, const float*, int64_t, int64_t, int64_t);
template void KeyValueCache::write(int32_t, const kernels::Bf16*, int64_t, int64_t, int64_t);
template kernels::CacheView<float> KeyValueCache::view(int32_t, int64_t);
template kernels::CacheView<kernels::Bf16> KeyValueCache::view(int32_t, int64_t);

}  // namespace dmt
