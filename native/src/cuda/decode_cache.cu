#include "cuda/block.cuh"
#include "cuda/decode_cache.h"
#include "cuda/launch.cuh"

namespace dmt::cuda {
namespace {

// One block per slot.
template <typename T, int kLanes>
__global__ void __launch_bounds__(kCacheThreads) cache_write_kernel(DmtCacheWrite op) {
  for (int64_t slot = blockIdx.x; slot < op.slots; slot += gridDim.x) {
    const int32_t length = op.lengths[slot];
    if (length < 1 || length > op.capacity) continue;
    cache_row_thread<kLanes>(cache_slot<T>(op, slot), static_cast<const T*>(op.qkv) + slot * op.row_stride,
                             length - 1, cache_shape(op), place_in_block());
  }
}

// One block per token.
template <typename T, int kLanes>
__global__ void __launch_bounds__(kCacheThreads) cache_fill_kernel(DmtCacheFill op) {
  for (int64_t t = blockIdx.x; t < op.tokens; t += gridDim.x) {
    cache_row_thread<kLanes>(cache_slot<T>(op, op.slot), static_cast<const T*>(op.qkv) + t * op.row_stride,
                             op.first + t, cache_shape(op), place_in_block());
  }
}

template <typename T, int kLanes>
int32_t launch(const DmtCacheWrite& op, cudaStream_t stream) {
  DMT_LAUNCH(blocks_for(op.slots, 1), kCacheThreads, stream, cache_write_kernel<T, kLanes>)(op);
  return launched("cache_write");
}
template <typename T, int kLanes>
int32_t launch(const DmtCacheFill& op, cudaStream_t stream) {
  DMT_LAUNCH(blocks_for(op.tokens, 1), kCacheThreads, stream, cache_fill_kernel<T, kLanes>)(op);
  return launched("cache_fill");
}

template <typename TOp>
int32_t run(const TOp& op, DmtStream stream) {
  return with_type(op.dtype, [&](auto element) {
    using T = decltype(element);
    return cache_packs<T>(op) ? launch<T, kFullPack<T>>(op, stream_of(stream))
                              : launch<T, 1>(op, stream_of(stream));
  });
}

template <typename TOp>
void check_shape(Arguments& arguments, const TOp& op) {
  arguments.count("heads", op.heads, 1).count("kv_heads", op.kv_heads, 1).count("head_dim", op.head_dim, 1);
  arguments.count("capacity", op.capacity, 1).count("slots", op.slots).dtype("dtype", op.dtype);
  arguments.count("row_stride", op.row_stride, (int64_t{op.heads} + 2 * int64_t{op.kv_heads}) * op.head_dim);
}

template <typename TOp>
void check_pointers(Arguments& arguments, const TOp& op) {
  arguments.pointer("keys", op.keys).pointer("values", op.values).pointer("qkv", op.qkv);
}

}  // namespace
}  // namespace dmt::cuda

using namespace dmt::cuda;

int32_t dmt_cuda_cache_write(const DmtCacheWrite* op, DmtStream stream) {
  Arguments arguments("cache_write");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  if (op->slots == 0) return DMT_CUDA_OK;
  check_shape(arguments, *op);
  check_pointers(arguments, *op);
  arguments.pointer("lengths", op->lengths);
  return arguments.ok() ? run(*op, stream) : arguments.status();
}

int32_t dmt_cuda_cache_fill(const DmtCacheFill* op, DmtStream stream) {
  Arguments arguments("cache_fill");
  arguments.pointer("op", op);
  if (!arguments.ok()) return arguments.status();
  if (op->tokens == 0) return DMT_CUDA_OK;
  check_shape(arguments, *op);
  arguments.count("slot", op->slot).most("slot", op->slot, op->slots - 1);
  arguments.count("tokens", op->tokens).count("first", op->first);
  arguments.most("first + tokens", op->first + op->tokens, op->capacity);
  check_pointers(arguments, *op);
  return arguments.ok() ? run(*op, stream) : arguments.status();
}
