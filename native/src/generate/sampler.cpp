#include "generate/sampler.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/check.h"
#include "kernels/flat.h"
#include "kernels/sampling_rule.h"

namespace dmt {
namespace {

using kernels::Nucleus;

/// Shares of tokens and their sum.
struct Shares {
  std::vector<uint64_t> of_token;
  uint64_t all = 0;
};

Shares shares_of(const float* logits, int64_t vocab, float largest, double temperature) {
  Shares shares;
  shares.of_token.resize(static_cast<size_t>(vocab));
  for (int64_t v = 0; v < vocab; ++v) {
    const uint64_t share = kernels::share_of(logits[v], largest, temperature);
    shares.of_token[static_cast<size_t>(v)] = share;
    shares.all += share;
  }
  return shares;
}

Nucleus nucleus_of(const Shares& shares, double top_p) {
  const uint64_t least = kernels::least_of_nucleus(top_p, shares.all);
  if (least == shares.all) return {.threshold = 0, .ties = 0, .sum = shares.all};
  // All tokens with less than this together have less than what may be missing: none of them is needed.
  const uint64_t floor = (shares.all - least) / shares.of_token.size();
  std::vector<uint64_t> largest;
  for (const uint64_t share : shares.of_token) {
    if (share > 0 && share >= floor) largest.push_back(share);
  }
  std::sort(largest.begin(), largest.end(), std::greater<>());
  uint64_t held = 0, above = 0;
  for (size_t i = 0; i < largest.size(); ++i) {
    if (i > 0 && largest[i] != largest[i - 1]) above = held;
    held += largest[i];
    if (held >= least) return kernels::nucleus_of(largest[i], above, least);
  }
  fail("the shares of ", shares.of_token.size(), " tokens do not hold what all of them do");
}

}  // namespace

void validate(const SamplingConfig& sampling) {
  DMT_CHECK(sampling.temperature >= 0.0 && std::isfinite(sampling.temperature),
            "temperature must be finite and at least 0, got ", sampling.temperature);
  DMT_CHECK(sampling.top_p > 0.0 && sampling.top_p <= 1.0, "top_p must be in (0, 1], got ", sampling.top_p);
}

uint64_t sampling_bits(uint64_t seed, int64_t index) {
  return kernels::mix(kernels::mix(seed) ^ kernels::mix(static_cast<uint64_t>(index)));
}

int32_t sample_token(const float* logits, int64_t vocab, const SamplingConfig& sampling, int64_t index) {
  DMT_CHECK(kernels::all_finite(logits, vocab), "token ", index,
            " of a request cannot be chosen: its logits are not finite");
  const float* largest = std::max_element(logits, logits + vocab);
  if (sampling.temperature == 0.0) return static_cast<int32_t>(largest - logits);
  const Shares shares = shares_of(logits, vocab, *largest, sampling.temperature);
  const Nucleus nucleus = nucleus_of(shares, sampling.top_p);
  const uint64_t random = sampling_bits(sampling.seed, index);
  return kernels::token_of(shares.of_token.data(), 0, vocab, nucleus.threshold,
                           {.rest = kernels::drawn(random, nucleus), .ties = nucleus.ties});
}

}  // namespace dmt
