#include "generate/sampler.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "kernels/flat.h"

namespace dmt {
namespace {

int32_t greedy(const float* logits, int64_t vocab) {
  return static_cast<int32_t>(std::max_element(logits, logits + vocab) - logits);
}

struct Candidate {
  double probability;
  int32_t token;
};

/// Tokens that can be in the nucleus, with probabilities that sum to 1 over the whole vocabulary.
std::vector<Candidate> candidates(const float* logits, int64_t vocab, const SamplingConfig& sampling) {
  const double max = *std::max_element(logits, logits + vocab);
  std::vector<double> weights(static_cast<size_t>(vocab));
  double sum = 0.0;
  for (int64_t v = 0; v < vocab; ++v) {
    const double weight = std::exp((static_cast<double>(logits[v]) - max) / sampling.temperature);
    weights[static_cast<size_t>(v)] = weight;
    sum += weight;
  }
  // All tokens below this together have less than 1 - top_p: none of them is needed.
  const double floor = (1.0 - sampling.top_p) / static_cast<double>(vocab);
  std::vector<Candidate> kept;
  for (int64_t v = 0; v < vocab; ++v) {
    const double probability = weights[static_cast<size_t>(v)] / sum;
    if (probability > 0.0 && probability >= floor) kept.push_back({probability, static_cast<int32_t>(v)});
  }
  return kept;
}

/// Keeps the most probable tokens until they hold top_p.
void keep_nucleus(std::vector<Candidate>& tokens, double top_p) {
  std::sort(tokens.begin(), tokens.end(), [](const Candidate& a, const Candidate& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.token < b.token;
  });
  double held = 0.0;
  size_t count = 0;
  while (count < tokens.size() && held < top_p) held += tokens[count++].probability;
  tokens.resize(count);
}

}  // namespace

void validate(const SamplingConfig& sampling) {
  DMT_CHECK(sampling.temperature >= 0.0 && std::isfinite(sampling.temperature),
            "temperature must be finite and at least 0, got ", sampling.temperature);
  DMT_CHECK(sampling.top_p > 0.0 && sampling.top_p <= 1.0, "top_p must be in (0, 1], got ", sampling.top_p);
}

int32_t sample_token(const float* logits, int64_t vocab, const SamplingConfig& sampling, int64_t index) {
  DMT_CHECK(kernels::all_finite(logits, vocab), "token ", index,
            " of a request cannot be chosen: its logits are not finite");
  if (sampling.temperature == 0.0) return greedy(logits, vocab);
  std::vector<Candidate> tokens = candidates(logits, vocab, sampling);
  if (sampling.top_p < 1.0) keep_nucleus(tokens, sampling.top_p);
  double total = 0.0;
  for (const Candidate& token : tokens) total += token.probability;
  double rest = kernels::uniform(sampling.seed, static_cast<uint64_t>(index)) * total;
  for (const Candidate& token : tokens) {
    rest -= token.probability;
    if (rest < 0.0) return token.token;
  }
  return tokens.back().token;  // the sum's rounding left a remainder
}

}  // namespace dmt
