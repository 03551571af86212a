// Launching passes over flat buffers.
#pragma once

#include "cuda/flat.h"
#include "cuda/launch.cuh"

namespace dmt::cuda {

constexpr int kFlatThreads = block_threads(256);

inline unsigned flat_blocks(int64_t count, int lanes) {
  return blocks_for(count, int64_t{kFlatThreads} * lanes);
}

__device__ inline int64_t grid_thread() {
  return blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
}
__device__ inline int64_t grid_threads() {
  return gridDim.x * int64_t{blockDim.x};
}

}  // namespace dmt::cuda
