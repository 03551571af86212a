// How a token is chosen from logits: the parts of one rule, of which the CPU's sampler and the GPU's kernel
// are made. Host and device give the same tokens.
//
// [Note: sampling in integers] A token's share is e^((logit - largest) / temperature), as a whole number of
// 2^-40: sums of whole numbers do not depend on their order, so that any number of threads agrees. What
// rounds before is made of additions and multiplications that are rounded alike everywhere. A token that is
// 2^40 times less likely than the likeliest is never chosen.
//
// The nucleus is the smallest set of tokens, likeliest first and lower ids first among equals, whose shares
// hold top_p of all. A draw points into the shares of the nucleus, laid end to end in the order of ids.
#pragma once

#include "kernels/stochastic_rounding.h"

namespace dmt::kernels {

/// Share of the likeliest token. A vocabulary of 2^23 tokens still fits into 64 bits.
constexpr uint64_t kWholeShare = uint64_t{1} << 40;
constexpr int64_t kMostSampledTokens = int64_t{1} << 23;

/// a * b + c in two roundings, on the device, too.
DMT_INLINE double multiplied_then_added(double a, double b, double c) {
#if defined(__CUDA_ARCH__)
  return __dadd_rn(__dmul_rn(a, b), c);
#else
  return a * b + c;
#endif
}

/// 2^f for f in [0, 1), to some 1e-13.
DMT_INLINE double exp2_of_fraction(double f) {
  // (ln 2)^k / k!, from k = 13 down.
  constexpr double kTerms[] = {1.3691488853904124e-12, 2.5678435993488196e-11, 4.44553827187081e-10,
                               7.054911620801121e-09,  1.0178086009239696e-07, 1.3215486790144305e-06,
                               1.5252733804059838e-05, 0.00015403530393381606, 0.0013333558146428441,
                               0.009618129107628477,   0.055504108664821576,   0.2402265069591007,
                               0.6931471805599453};
  double sum = kTerms[0];
  for (int k = 1; k < 13; ++k) sum = multiplied_then_added(sum, f, kTerms[k]);
  return multiplied_then_added(sum, f, 1.0);
}

/// Of a token, all logits being finite. @param temperature above 0
DMT_INLINE uint64_t share_of(float logit, float largest, double temperature) {
  constexpr double kLog2E = 1.4426950408889634, kLeast = -41.0;  // of which nothing is left
  const double exponent = (static_cast<double>(logit) - static_cast<double>(largest)) / temperature * kLog2E;
  if (!(exponent > kLeast)) return 0;
  auto whole = static_cast<int>(exponent);  // towards zero
  if (static_cast<double>(whole) > exponent) --whole;
  const double fraction = exponent - static_cast<double>(whole);
  return static_cast<uint64_t>(exp2_of_fraction(fraction) * static_cast<double>(kWholeShare)) >> -whole;
}

/// The least that a nucleus must hold of all shares together.
DMT_INLINE uint64_t least_of_nucleus(double top_p, uint64_t all) {
  if (!(top_p < 1.0)) return all;
  const double least = top_p * static_cast<double>(all);
  const auto below = static_cast<uint64_t>(least);
  const uint64_t rounded_up = static_cast<double>(below) < least ? below + 1 : below;
  return rounded_up < 1 ? 1 : rounded_up > all ? all : rounded_up;
}

/// Tokens with a share above the threshold, and the first `ties` of those that have it.
struct Nucleus {
  uint64_t threshold = 0;
  uint64_t ties = 0;
  uint64_t sum = 0;  ///< of their shares
};

/// @param threshold the largest share such that tokens with as much or more hold `least`
/// @param above sum of the shares above it
DMT_INLINE Nucleus nucleus_of(uint64_t threshold, uint64_t above, uint64_t least) {
  const uint64_t ties = above >= least ? 0 : (least - above + threshold - 1) / threshold;
  return {threshold, ties, above + ties * threshold};
}

/// Where a draw points in a nucleus. @param random 64 random bits
DMT_INLINE uint64_t drawn(uint64_t random, const Nucleus& nucleus) {
#if defined(__CUDA_ARCH__)
  return __umul64hi(random, nucleus.sum);
#else
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((static_cast<Wide>(random) * nucleus.sum) >> 64);
#endif
}

/// What neighbouring tokens have of a nucleus.
struct NucleusPart {
  uint64_t above = 0;  ///< shares above the threshold
  uint64_t ties = 0;   ///< tokens that have it
};

DMT_INLINE NucleusPart part_of(const uint64_t* shares_V, int64_t begin, int64_t end, const Nucleus& nucleus) {
  NucleusPart part;
  for (int64_t v = begin; v < end; ++v) {
    if (shares_V[v] > nucleus.threshold) part.above += shares_V[v];
    if (shares_V[v] == nucleus.threshold) ++part.ties;
  }
  return part;
}

/// Where a search for a draw is.
struct Draw {
  uint64_t rest;  ///< shares that are still to be passed
  uint64_t ties;  ///< that still belong to the nucleus
};

/// Passes a part. @return false, with nothing passed, where the draw points into it
DMT_INLINE bool passes(const NucleusPart& part, uint64_t threshold, Draw& draw) {
  const uint64_t ties = part.ties < draw.ties ? part.ties : draw.ties;
  const uint64_t sum = part.above + ties * threshold;
  if (draw.rest < sum) return false;
  draw.rest -= sum;
  draw.ties -= ties;
  return true;
}

/// The token that a draw points to, which is in [begin, end).
DMT_INLINE int32_t token_of(const uint64_t* shares_V, int64_t begin, int64_t end, uint64_t threshold,
                            Draw draw) {
  for (int64_t v = begin; v < end; ++v) {
    const NucleusPart one = {shares_V[v] > threshold ? shares_V[v] : 0,
                             shares_V[v] == threshold ? uint64_t{1} : uint64_t{0}};
    if (!passes(one, threshold, draw)) return static_cast<int32_t>(v);
  }
  return -1;
}

}  // namespace dmt::kernels
