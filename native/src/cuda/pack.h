// Elements that a thread reads or writes at once, and a thread's place in its block. Host and device.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "kernels/scalar.h"

/// Code of the device, which may use its instructions: CUDA's own, or those of [Note: emulated device].
#if defined(__CUDA_ARCH__) || defined(DMT_EMULATED_DEVICE)
#define DMT_DEVICE_CODE
#endif
#if defined(DMT_EMULATED_DEVICE)
#include <cuda_runtime_api.h>
#endif

/// Unrolls the loop that follows, on the device, where arrays that are indexed by it become registers.
#if defined(__CUDA_ARCH__)
#define DMT_UNROLL _Pragma("unroll")
#else
#define DMT_UNROLL
#endif

namespace dmt::cuda {

using kernels::Bf16;
using kernels::store;
using kernels::to_float;

/// Threads of a block. Fewer on the device that engine tests run on, whose time goes into changing from one
/// to the next.
constexpr int block_threads(int wanted) {
#if defined(DMT_EMULATED_FEW_THREADS)
  return wanted < 64 ? wanted : 64;
#else
  return wanted;
#endif
}

/// Elements of 16 bytes.
template <typename T>
constexpr int kFullPack = 16 / static_cast<int>(sizeof(T));

/// One thread of a block, which all work on the same row.
struct ThreadPlace {
  int thread;
  int threads;
};

struct Add {
  template <typename T>
  DMT_INLINE T operator()(T a, T b) const {
    return a + b;
  }
};

template <typename T, int kLanes>
struct Pack {
  T lane[kLanes];
};

/// Packs of whole 16 bytes go 16 bytes at a time: `from` must lie at a multiple of 16 then.
template <int kLanes, typename T>
DMT_INLINE Pack<T, kLanes> load_pack(const T* from) {
  Pack<T, kLanes> pack;
#if defined(DMT_DEVICE_CODE)
  if constexpr (sizeof(pack) % 16 == 0) {
    uint4 raw[sizeof(pack) / 16];
    DMT_UNROLL
    for (int i = 0; i < static_cast<int>(sizeof(pack) / 16); ++i)
      raw[i] = reinterpret_cast<const uint4*>(from)[i];
    memcpy(&pack, raw, sizeof(pack));
  } else
#endif
  {
    for (int i = 0; i < kLanes; ++i) pack.lane[i] = from[i];
  }
  return pack;
}

/// Into the device's memory, not into what the threads of a block share: the instruction is for the former.
template <int kLanes, typename T>
DMT_INLINE void store_pack(T* to, const Pack<T, kLanes>& pack) {
#if defined(DMT_DEVICE_CODE)
  if constexpr (sizeof(pack) % 16 == 0) {
    uint32_t words[sizeof(pack) / 4];
    memcpy(words, &pack, sizeof(pack));
    DMT_UNROLL
    for (int i = 0; i < static_cast<int>(sizeof(pack) / 16); ++i) {
      // The intrinsic, since the compiler cuts an assignment into stores of the lanes' size.
      __stwb(reinterpret_cast<uint4*>(to) + i,
             make_uint4(words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]));
    }
  } else
#endif
  {
    for (int i = 0; i < kLanes; ++i) to[i] = pack.lane[i];
  }
}

/// e^x: the GPU's own instruction on the device, whose relative error grows to some 1e-5 at x = -87.
DMT_INLINE float exp_of(float x) {
#if defined(DMT_DEVICE_CODE)
  return __expf(x);
#else
  return kernels::fast_exp(x);
#endif
}

DMT_INLINE float sigmoid_of(float x) {
#if defined(DMT_DEVICE_CODE)
  return __fdividef(1.0f, 1.0f + __expf(-x));
#else
  return kernels::sigmoid(x);
#endif
}

/// The GPU's own instructions: off by 2^-23 of the result at most, with numbers under 2^-126 taken as 0.
/// Elsewhere as far off as they may be, which is what a test must allow.
DMT_INLINE float approximate_sqrt(float x) {
#if defined(__CUDA_ARCH__)
  asm("sqrt.approx.ftz.f32 %0, %0;" : "+f"(x));
  return x;
#else
  return std::sqrt(x) * (1.0f + 0x1p-23f);
#endif
}
DMT_INLINE float approximate_reciprocal(float x) {
#if defined(__CUDA_ARCH__)
  asm("rcp.approx.ftz.f32 %0, %0;" : "+f"(x));
  return x;
#else
  return 1.0f / x * (1.0f + 0x1p-23f);
#endif
}

/// Whether all pointers (null ones too) lie at multiples of 16 bytes.
inline bool aligned(std::initializer_list<const void*> pointers) {
  return std::all_of(pointers.begin(), pointers.end(),
                     [](const void* p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; });
}
/// Whether rows of T with this stride can be read in full packs.
template <typename T>
bool packable(int64_t columns, std::initializer_list<const void*> pointers) {
  return columns % kFullPack<T> == 0 && aligned(pointers);
}

}  // namespace dmt::cuda
