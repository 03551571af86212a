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

template <typename TCache, typename TData>
void copy_rows(TCache* out_ND, const TData* x, int64_t row_stride, int64_t T, int64_t D) {
  for (int64_t t = 0; t < T; ++t) {
    for (int64_t d = 0; d < D; ++d) kernels::store(out_ND[t * D + d], kernels::to_float(x[t * row_stride + d]));
  }
}

}  // namespace

template <typename TData>
void KeyValueCache::write(int32_t layer, const TData* x, int64_t row_stride, int64_t key_column, int64_t T) {
  DMT_CHECK(length_ + T <= capacity_, "a request of ", length_ + T, " tokens is longer than the ", capacity_,
            " that the generation was opened for");
  const int64_t value_offset = kv_heads_ * capacity_ * head_dim_;
  for (int64_t head = 0; head < kv_heads_; ++head) {
    const int64_t offset = (head * capacity_ + length_) * head_dim_;
    const TData* key = x + key_column + head * head_dim_;
    const TData* value = key + kv_heads_ * head_dim_;
    if (dtype_ == at::kFloat) {
      copy_rows(keys<float>(layer) + offset, key, row_stride, T, head_dim_);
      copy_rows(keys<float>(layer) + value_offset + offset, value, row_stride, T, head_dim_);
    } else {
      copy_rows(keys<kernels::Bf16>(layer) + offset, key, row_stride, T, head_dim_);
      copy_rows(keys<kernels::Bf16>(layer) + value_offset + offset, value, row_stride, T, head_dim_);
    }
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
