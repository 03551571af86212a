#pragma once

#include <cstdint>
#include <vector>

#include "dmt/engine.h"
#include "kernels/scalar.h"

namespace dmt::kernels {

/// Cosines and sines of the rotary angles, [positions, head_dim / 2] each, as transformers'
/// modeling_rope_utils computes them (default, linear, llama3).
class RotaryTable {
 public:
  explicit RotaryTable(const ModelConfig& model);
  /// Extends the table to at least this many positions.
  void reserve(int64_t positions);
  /// Of a position.
  int64_t angles() const { return static_cast<int64_t>(inverse_frequency_.size()); }
  int64_t positions() const { return angles() == 0 ? 0 : static_cast<int64_t>(cos_.size()) / angles(); }
  const float* cos_PD() const { return cos_.data(); }
  const float* sin_PD() const { return sin_.data(); }

 private:
  std::vector<float> inverse_frequency_;  // [head_dim / 2]
  std::vector<float> cos_;
  std::vector<float> sin_;
};

enum class RotaryDirection { kForward, kBackward };

/// Turns the query and key heads of each token in place, kBackward by the opposite angle.
/// @param qkv_TE [T, row_stride]: `turned_heads` heads of head_dim, then whatever is not turned (values)
/// @param positions_T position of each token in its document
template <typename TData>
void rotary(TData* qkv_TE, int64_t row_stride, int64_t turned_heads, int64_t head_dim,
            const int32_t* positions_T, const RotaryTable& table, int64_t T, RotaryDirection direction);

}  // namespace dmt::kernels
