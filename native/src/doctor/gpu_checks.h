// What check_gpu() of the engine's header finds out, piece by piece.
#pragma once

#include <string>
#include <vector>

#include "ops/ops.h"

namespace dmt {

/// One thing that was looked at.
struct CheckLine {
  enum class Verdict { kOk, kFault, kTold };
  Verdict verdict;
  std::string subject, found;
};
using CheckLines = std::vector<CheckLine>;

/// A line as it leaves the engine.
std::string text_of(const CheckLine& line);

// Each on a device whose ComputeScope is on.

CheckLines check_launch(Ops& ops);
/// Flash's and cuDNN's attention, at the head size of LLaMA, documents of 64 to 2,048 tokens, with and
/// without grouped queries. @param capability of the device, 90 for Hopper
CheckLines check_attention(Ops& ops, int32_t capability);

struct SpeedSizes {
  int64_t copied = int64_t{1} << 29;  // bytes, far more than any cache
  int64_t side = 8192;                // of the matrices
};
CheckLines check_speed(Ops& ops, const SpeedSizes& sizes);

}  // namespace dmt
