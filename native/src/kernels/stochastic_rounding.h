// Float32 kept in fewer bits: rounded stochastically to bfloat16, or split into bfloat16 and what it lacks.
// Host and device give the same bits.
#pragma once

#include "kernels/scalar.h"

namespace dmt::kernels {

/// splitmix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection whose outputs pass as independent.
DMT_INLINE uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

/// Key of the random bits of one unit in one step.
DMT_INLINE uint64_t random_key(uint64_t seed, uint64_t unit, uint64_t step) {
  return mix(mix(mix(seed) ^ unit) ^ step);
}

/// What rounds an element: the lowest 16 bits each for its weight and its two moments.
struct RandomBits {
  uint32_t first, second;
  DMT_INLINE uint32_t of_weight() const { return first; }
  DMT_INLINE uint32_t of_first_moment() const { return first >> 16; }
  DMT_INLINE uint32_t of_second_moment() const { return second >> 16; }
};

/// A function of key and index alone, so that neither the order of elements nor the way they are cut over
/// ranks and threads matters. 32-bit arithmetic, since this is a large part of an optimizer's step: the
/// multipliers are those of lowbias32 (Wellons, hash-prospector, 2018), with half of the key in its middle.
/// Only the lowest 32 bits of the index count: in a unit of more elements, those 2^32 apart are rounded
/// alike.
DMT_INLINE RandomBits random_bits(uint64_t key, uint64_t index) {
  uint32_t x = static_cast<uint32_t>(index) * 0x9E3779B1u + static_cast<uint32_t>(key);
  x ^= x >> 16;
  x *= 0x7FEB352Du;
  x ^= (x >> 15) ^ static_cast<uint32_t>(key >> 32);
  x *= 0x846CA68Bu;
  x ^= x >> 16;
  return {x, x * 0x2C1B3C6Du};
}

/// Rounds to one of the two neighbours in bfloat16, to the upper one with the probability that makes the mean
/// exact. [Note: stochastic rounding] Rounded to nearest, an update that is smaller than half a rounding unit
/// (1/512 of the value) is lost every time; so the decay of a second moment by a thousandth would never
/// happen.
/// @param random its lowest 16 bits are used
DMT_INLINE void store_stochastic(Bf16& out, float x, uint32_t random) {
  // An infinity has no low bits that a carry could come from; a NaN would be carried away.
  const uint32_t rounded = x == x ? std::bit_cast<uint32_t>(x) + (random & 0xFFFFu) : 0x7FC00000u;
  out.bits = static_cast<uint16_t>(rounded >> 16);
}

/// Splits x into bfloat16, rounded to nearest as store() does, and the 16 bits that make it whole. One value
/// in 131072 has no such bits: a tie that is rounded down, to even. It becomes its neighbour towards zero.
DMT_INLINE void split(float x, Bf16& high, uint16_t& low) {
  uint32_t bits = std::bit_cast<uint32_t>(x);
  bits -= (bits & 0x1FFFFu) == 0x8000u ? 1u : 0u;
  high.bits = static_cast<uint16_t>((bits + 0x8000u) >> 16);
  low = static_cast<uint16_t>(bits);
}

/// What split() has kept, bit for bit: `low` is a signed distance from `high`.
DMT_INLINE float joined(Bf16 high, uint16_t low) {
  const auto distance = static_cast<uint32_t>(static_cast<int32_t>(static_cast<int16_t>(low)));
  return std::bit_cast<float>((uint32_t{high.bits} << 16) + distance);
}

}  // namespace dmt::kernels
