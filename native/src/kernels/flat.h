// Passes over flat buffers: casts, sums of squares, the optimizer's update.
#pragma once

#include <cstdint>

#include "kernels/adamw_element.h"
#include "kernels/scalar.h"

namespace dmt::kernels {

void cast(Bf16* out, const float* x, int64_t count);
void cast(float* out, const Bf16* x, int64_t count);
/// split() and joined() of kernels/stochastic_rounding.h for all elements.
void split(Bf16* high, uint16_t* low, const float* x, int64_t count);
void join(float* out, const Bf16* high, const uint16_t* low, int64_t count);
/// sum[i] += x[i]
void add(float* sum, const Bf16* x, int64_t count);
/// sum[i] += x[i] + x[count + i] + ..., the parts of x added up first, in their order, in
/// float32. @param x [parts, count]
template <typename TSum, typename TData>
void add_parts(TSum* sum, const TData* x, int64_t parts, int64_t count);

/// Sum of squares in double, over blocks of a fixed size in a fixed order: the same bits for every number of
/// threads.
template <typename TData>
double sum_of_squares(const TData* x, int64_t count);
/// True if no element is infinite or NaN.
bool all_finite(const float* x, int64_t count);

/// Fills with N(0, deviation). Element i is a function of (seed, first + i) alone, so that a rank can fill
/// its slice.
void fill_normal(float* out, int64_t first, int64_t count, uint64_t seed, float deviation);

/// One AdamW step of all elements of a shard, everything in float32.
/// @param gradient is left as it is
void adamw(float* weights, float* first_moment, float* second_moment, const float* gradient, int64_t count,
           const AdamWStep& step);

}  // namespace dmt::kernels
