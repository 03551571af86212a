#pragma once

#include <cstdint>
#include <vector>

#include "dmt/engine.h"

namespace dmt {

/// Throws unless temperature and top_p are in range.
void validate(const SamplingConfig& sampling);

/// The random bits of token number `index` of a request.
uint64_t sampling_bits(uint64_t seed, int64_t index);

/// Chooses token number `index` of a request from its logits [vocab]. The random number is a function of
/// (seed, index) alone. See [Note: sampling in integers].
int32_t sample_token(const float* logits, int64_t vocab, const SamplingConfig& sampling, int64_t index);

}  // namespace dmt
