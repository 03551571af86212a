// Sums over a block, in an order that depends on the number of threads alone.
#pragma once

#include "cuda/cross_entropy.h"
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

/// All threads' values combined, on every thread: a butterfly within each warp, then the warps in their
/// order. Blocks are whole warps. host_block.h does the same for the host tests.
template <typename T, typename F>
__device__ T block_reduce(T value, const F& combine) {
  __shared__ alignas(T) unsigned char storage[32 * sizeof(T)];
  T* warps = reinterpret_cast<T*>(storage);
  for (int offset = 16; offset > 0; offset /= 2) value = combine(value, shuffled(value, offset));
  if (blockDim.x <= 32) return value;
  __syncthreads();  // other threads may still read what the last call left
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  value = warps[0];
  for (int warp = 1; warp < static_cast<int>(blockDim.x) / 32; ++warp) value = combine(value, warps[warp]);
  return value;
}

}  // namespace dmt::cuda
