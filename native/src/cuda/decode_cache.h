// What one thread of a block does to put a token's keys and values into the key-value cache; host and device.
#pragma once

#include "cuda/pack.h"

namespace dmt::cuda {

constexpr int kCacheThreads = block_threads(256);

struct CacheShape {
  int64_t capacity;
  int32_t heads, kv_heads, head_dim;
};

/// The arrays of one slot, [kv_heads, capacity, head_dim] each.
template <typename T>
struct CacheSlot {
  T* keys;
  T* values;
};

template <typename T, typename TOp>
DMT_INLINE CacheSlot<T> cache_slot(const TOp& op, int64_t slot) {
  const int64_t at = slot * op.kv_heads * op.capacity * op.head_dim;
  return {static_cast<T*>(op.keys) + at, static_cast<T*>(op.values) + at};
}
template <typename TOp>
DMT_INLINE CacheShape cache_shape(const TOp& op) {
  return {op.capacity, op.heads, op.kv_heads, op.head_dim};
}

/// Whether rows and heads can be copied in full packs.
template <typename T, typename TOp>
bool cache_packs(const TOp& op) {
  return op.head_dim % kFullPack<T> == 0 && packable<T>(op.row_stride, {op.keys, op.values, op.qkv});
}

/// A thread's packs of the key and value heads of a row of qkv.
template <int kLanes, typename T>
DMT_INLINE void cache_row_thread(const CacheSlot<T>& slot, const T* row_E, int64_t position,
                                 const CacheShape& shape, ThreadPlace place) {
  const int32_t width = shape.kv_heads * shape.head_dim;
  const T* keys = row_E + int64_t{shape.heads} * shape.head_dim;
  for (int32_t c = place.thread * kLanes; c < width; c += place.threads * kLanes) {
    const int64_t to = (c / shape.head_dim * shape.capacity + position) * shape.head_dim + c % shape.head_dim;
    store_pack<kLanes>(slot.keys + to, load_pack<kLanes>(keys + c));
    store_pack<kLanes>(slot.values + to, load_pack<kLanes>(keys + width + c));
  }
}

}  // namespace dmt::cuda
