// How a frozen weight matrix is stored in 8 or 4 bits; host and device.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "kernels/scalar.h"

// [Note: quantized weights] Both formats are bitsandbytes' own, to the bit, as its code for CPUs makes and
// reads them. All arithmetic is float32, a matrix is row-major [N, K].
//
// kInt8 (LLM.int8): each row has the largest magnitude of its weights, absmax.
//
//   code = round(w * (127 / absmax)), halves to even            w = code * absmax * (1 / 127)
//
// kNf4 with double quantisation (QLoRA, arXiv 2305.14314): each block of 64 consecutive elements of the whole
// matrix, whatever its rows are, has an absmax. These lose their mean and are blocks of 256 again:
//
//   code = nearest of kNf4Values to w * (1 / absmax)            two in a byte, the first in the upper half
//   block code = nearest of dynamic_values() to (absmax - offset) * (1 / block absmax)
//
//   w = kNf4Values[code] * (dynamic_values()[block code] * block absmax + offset)
//
// A block of zeros has code 0, which is -1, as there: it becomes minus its scale, which 8 bits hold as 0 only
// within their error.
//
// The mean of the absmax is where we cannot follow: how torch adds depends on the number of threads. Here it
// is made in double. All else follows from it to the bit.

namespace dmt::kernels {

enum class QuantizedFormat : int32_t { kInt8 = 0, kNf4 = 1 };

constexpr int64_t kNf4Block = 64;     // elements that share a scale
constexpr int64_t kScaleBlock = 256;  // scales that share a block absmax
constexpr int64_t kPartAlignment = 16;

/// A matrix in one buffer: bytes from its begin to each part, each a multiple of 16. The bytes between parts
/// are 0. Codes come first.
struct PackedLayout {
  int64_t blocks;       ///< kNf4: of elements; kInt8: rows
  int64_t block_codes;  ///< kNf4 only: uint8 [blocks]
  int64_t absmax;       ///< float32; kInt8: [blocks], kNf4: one of 256 blocks
  int64_t absmaxes;     ///< how many
  int64_t offset;       ///< kNf4 only: float32, one
  int64_t bytes;        ///< of the whole
};

constexpr int64_t parts_of(int64_t count, int64_t part) {
  return (count + part - 1) / part;
}

constexpr PackedLayout packed_layout(QuantizedFormat format, int64_t N, int64_t K) {
  const auto behind = [](int64_t begin, int64_t bytes) {
    return parts_of(begin + bytes, kPartAlignment) * kPartAlignment;
  };
  constexpr int64_t kFloat = sizeof(float);
  PackedLayout layout = {};
  if (format == QuantizedFormat::kInt8) {
    layout.blocks = layout.absmaxes = N;
    layout.absmax = behind(0, N * K);
    layout.bytes = behind(layout.absmax, N * kFloat);
  } else {
    layout.blocks = parts_of(N * K, kNf4Block);
    layout.absmaxes = parts_of(layout.blocks, kScaleBlock);
    layout.block_codes = behind(0, parts_of(N * K, 2));
    layout.absmax = behind(layout.block_codes, layout.blocks);
    layout.offset = behind(layout.absmax, layout.absmaxes * kFloat);
    layout.bytes = behind(layout.offset, kFloat);
  }
  return layout;
}

/// Quantiles of a normal distribution, scaled to [-1, 1]; QLoRA, appendix E.
constexpr std::array<float, 16> kNf4Values = {
    -1.0f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0.0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1.0f,
};

/// kNf4LastOf[c] is the largest number whose nearest value is still kNf4Values[c], where the distances are
/// rounded and the lower of two equals is taken. Some are a neighbour of the middle.
constexpr std::array<float, 15> kNf4LastOf = {
    -0x1.b239b2p-1f, -0x1.38a4e2p-1f, -0x1.d709p-2f,  -0x1.5bd4eep-2f, -0x1.e079dap-3f,
    -0x1.1a7178p-3f, -0x1.74f0e2p-5f, 0x1.45f5fep-5f, 0x1.ec90c4p-4f,  0x1.a0cfcp-3f,
    0x1.2b05a8p-2f,  0x1.8ea7f2p-2f,  0x1.00da06p-1f, 0x1.491b5ep-1f,  0x1.b913b2p-1f,
};

/// The dynamic 8-bit map of arXiv 1511.04561, rising: 7 decades, of which each has twice as many values as
/// the one below, the middles of equal parts of [0.1, 1]. What lies at the ends of a part is start + i * step
/// in one rounding, as torch.linspace has it where there are fused products. The lowest is -1, as
/// bitsandbytes has it on CPUs; its GPU code leaves -0.993.
constexpr std::array<float, 256> dynamic_values() {
  std::array<float, 256> values = {};
  constexpr float kDecades[] = {1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f, 1e-1f, 1.0f};
  constexpr int kZero = 127;
  int behind_zero = 1;
  for (int decade = 0; decade < 7; ++decade) {
    const int parts = 1 << decade;
    const float step = (1.0f - 0.1f) / static_cast<float>(parts);
    // Exact in double before it is rounded.
    const auto end = [&](int i) {
      return i < (parts + 1) / 2 ? static_cast<float>(double{0.1f} + double{step} * i)
                                 : static_cast<float>(1.0 - double{step} * (parts - i));
    };
    for (int i = 0; i < parts; ++i, ++behind_zero) {
      const float middle = (end(i) + end(i + 1)) / 2.0f;
      values[static_cast<size_t>(kZero + behind_zero)] = kDecades[decade] * middle;
      values[static_cast<size_t>(kZero - behind_zero)] = -kDecades[decade] * middle;
    }
  }
  values[0] = -1.0f;
  values[255] = 1.0f;
  return values;
}

/// The scale of a block of kNf4. The product is rounded before the sum, which a compiler would fuse.
DMT_INLINE float nf4_scale(float dynamic_value, float absmax, float offset) {
#if defined(__CUDA_ARCH__)
  return __fadd_rn(__fmul_rn(dynamic_value, absmax), offset);
#else
  float product = dynamic_value * absmax;
  asm("" : "+m"(product));
  return product + offset;
#endif
}

/// A weight of kInt8, in the order in which bitsandbytes multiplies.
DMT_INLINE float int8_weight(int8_t code, float absmax) {
  return static_cast<float>(code) * absmax * 0.007874015718698502f;
}

}  // namespace dmt::kernels
