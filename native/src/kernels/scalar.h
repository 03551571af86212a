// What every kernel's inner loop is made of. All of it is branch-free, so that the compiler turns loops of
// the CPU into vector code; compiled by nvcc, it serves CPU and GPU alike.
#pragma once

#include <bit>
#include <cstdint>

/// Compiles a function for AVX-512, for AVX2 and for any x86-64; the loader picks one at start. Inner loops
/// only: the function must take plain pointers and must not open a parallel region.
/// Sanitizers cannot run before the loader's choice, so their builds take the general version.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(DMT_NO_MULTIVERSION)
#define DMT_MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DMT_MULTIVERSION
#endif
#if defined(__CUDACC__)
#define DMT_INLINE inline __host__ __device__ __attribute__((always_inline))
#else
#define DMT_INLINE inline __attribute__((always_inline))
#endif

namespace dmt::kernels {

/// bfloat16 with the memory layout of c10::BFloat16.
struct Bf16 {
  uint16_t bits;
};

DMT_INLINE float to_float(float x) {
  return x;
}
DMT_INLINE float to_float(Bf16 x) {
  return std::bit_cast<float>(uint32_t{x.bits} << 16);
}

DMT_INLINE void store(float& out, float x) {
  out = x;
}
/// Rounds to nearest even; a NaN stays one.
DMT_INLINE void store(Bf16& out, float x) {
#if defined(__CUDA_ARCH__)
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(out.bits) : "f"(x));
#else
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  const bool is_nan = (bits & 0x7FFFFFFFu) > 0x7F800000u;
  out.bits = static_cast<uint16_t>(is_nan ? 0x7FC0u : rounded);
#endif
}

/// e^x with a relative error under 1e-7 in [-87, 88]; x outside is moved to the border, a NaN stays one.
DMT_INLINE float fast_exp(float x) {
  // Written so that a comparison with NaN keeps x.
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const float n = (x * 1.44269504088896341f + kRound) - kRound;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // x - n ln 2, in two parts
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // The shift goes through unsigned: n is negative for x < 0, and for a NaN it may be anything.
  const float n_or_zero = n == n ? n : 0.0f;
  const uint32_t exponent = static_cast<uint32_t>(static_cast<int32_t>(n_or_zero)) << 23;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(p) + exponent);
}

DMT_INLINE float sigmoid(float x) {
  return 1.0f / (1.0f + fast_exp(-x));
}

}  // namespace dmt::kernels
