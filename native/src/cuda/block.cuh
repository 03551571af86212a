// Sums over a block, in an order that depends on the number of threads alone.
#pragma once

#include "cuda/cross_entropy.h"
#include "cuda/device.cuh"
#include "cuda/largest.h"
#include "cuda/pack.h"

namespace dmt::cuda {

__device__ inline ThreadPlace place_in_block() {
  return {static_cast<int>(threadIdx.x), static_cast<int>(blockDim.x)};
}

template <typename T>
__device__ T shuffled(T value, int offset) {
  return __shfl_xor_sync(0xFFFFFFFFu, value, offset);
}
template <>
__device__ inline LogSumExp shuffled(LogSumExp value, int offset) {
  return {shuffled(value.max, offset), shuffled(value.sum, offset)};
}
template <>
__device__ inline Largest shuffled(Largest value, int offset) {
  return {shuffled(value.value, offset), shuffled(value.index, offset)};
}

/// All values of a warp combined, on each of its threads: a butterfly.
template <typename T, typename F>
__device__ T warp_reduce(T value, const F& combine) {
  for (int offset = 16; offset > 0; offset /= 2) value = combine(value, shuffled(value, offset));
  return value;
}

/// Shared memory for values whose types have constructors, which it cannot run.
template <typename T, int kCount>
struct SharedStorage {
  alignas(T) unsigned char bytes[kCount * sizeof(T)];
};

/// All threads' values combined, on every thread: the warps, then their values in their order. Blocks are
/// whole warps.
template <typename T, typename F>
__device__ T block_reduce(T value, const F& combine) {
  DMT_SHARED(storage, SharedStorage<T, 32>);
  T* warps = reinterpret_cast<T*>(storage.bytes);
  value = warp_reduce(value, combine);
  if (blockDim.x <= 32) return value;
  __syncthreads();  // other threads may still read what the last call left
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  value = warps[0];
  for (int warp = 1; warp < static_cast<int>(blockDim.x) / 32; ++warp) value = combine(value, warps[warp]);
  return value;
}

}  // namespace dmt::cuda
