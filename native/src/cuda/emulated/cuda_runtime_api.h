/// The words of CUDA that the sources of the kernels are written in, for the host's compiler: it finds this
/// header in the place of CUDA's own. [Note: emulated device] The libraries that are made this way hold the
/// kernels as they are. A block's threads are fibers of one thread of the host, blocks run one after the
/// other, and a launch is done when it returns.
#pragma once

#include <math.h>  // with the names in the global namespace, as CUDA has them

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "cuda/emulated/device.h"

#define __global__
#define __device__
#define __launch_bounds__(threads)

#define threadIdx (::dmt::emulated::place.thread)
#define blockIdx (::dmt::emulated::place.block)
#define blockDim (::dmt::emulated::place.block_size)
#define gridDim (::dmt::emulated::place.grid_size)
#define __syncthreads() ::dmt::emulated::barrier(__FILE__, __LINE__)

/// A load or a store of 16 bytes is one instruction on a GPU, which faults at addresses that are no multiple.
struct alignas(16) uint4 {
  uint32_t x = 0, y = 0, z = 0, w = 0;

  uint4() = default;
  uint4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) : x(a), y(b), z(c), w(d) {}
  uint4(const uint4& from) {
    dmt::emulated::expect_aligned(&from, 16, "reads");
    copy(from);
  }
  uint4& operator=(const uint4& from) {
    dmt::emulated::expect_aligned(&from, 16, "reads");
    dmt::emulated::expect_aligned(this, 16, "writes");
    copy(from);
    return *this;
  }

 private:
  void copy(const uint4& from) {
    // The addresses may be those of a misaligned access that was just reported.
    std::memcpy(reinterpret_cast<char*>(this), reinterpret_cast<const char*>(&from), sizeof(uint4));
  }
};
inline uint4 make_uint4(uint32_t x, uint32_t y, uint32_t z, uint32_t w) {
  return {x, y, z, w};
}
inline void __stwb(uint4* to, const uint4& value) {
  *to = value;
}

/// As the instruction: 2^x of a product that is rounded, so that the error grows with x.
inline float __expf(float x) {
  return std::exp2(x * 1.44269504088896341f);
}
inline float __fdividef(float x, float y) {
  return x / y;
}

template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lanes) {
  static_assert(sizeof(T) <= sizeof(uint64_t));
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = dmt::emulated::exchange(mask, bits, lanes);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

// The runtime's functions that the sources call.
#define CUDART_VERSION 0  // no toolkit

enum cudaError_t : int {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorInvalidConfiguration = 9,
  cudaErrorInvalidDevice = 101,
  cudaErrorInvalidResourceHandle = 400,
  cudaErrorLaunchFailure = 719,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureInvalidated = 901,
  cudaErrorIllegalState = 401,
};
using cudaStream_t = dmt::emulated::Stream*;
using cudaEvent_t = dmt::emulated::Event*;
using cudaGraph_t = dmt::emulated::Graph*;
using cudaGraphExec_t = dmt::emulated::Graph*;
using dim3 = dmt::emulated::Size3;
constexpr unsigned cudaStreamNonBlocking = 1;
constexpr int cudaStreamCaptureModeThreadLocal = 1;

cudaError_t cudaGetLastError();
const char* cudaGetErrorString(cudaError_t error);
const char* cudaGetErrorName(cudaError_t error);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaMemGetInfo(size_t* free, size_t* total);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaEventCreate(cudaEvent_t* event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags);
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, int mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* ready, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph);
