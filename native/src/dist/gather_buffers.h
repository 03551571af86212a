#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstdint>

namespace dmt {

/// The two buffers that the gathered weights of all units rotate through: one is computed with while the next
/// unit arrives in the other.
///
/// [Note: gathered twice] A buffer that was given back keeps its weights until another unit needs it. The
/// last block of a forward pass is the first of the backward pass, and is still there.
class GatherBuffers {
 public:
  /// @param bytes of the largest unit; 0 where no unit is gathered here
  GatherBuffers(int64_t bytes, at::Device device);

  struct Lease {
    at::Tensor whole;  ///< [elements], of the dtype that was asked for
    bool current;      ///< it still holds the unit's weights
  };
  /// A buffer for this unit until give_back(). Throws if both are in use.
  Lease take(int unit, int64_t elements, at::ScalarType dtype);
  void give_back(int unit);
  /// The unit's weights have changed: what a buffer may hold of them is old.
  void forget(int unit);
  int64_t bytes() const;

 private:
  struct Slot {
    at::Tensor memory;  // bytes
    int unit = -1;      // whose weights it holds, -1: nobody's
    bool in_use = false;
    int64_t given_back = 0;  // the larger, the later
  };
  Slot& slot_for(int unit);

  std::array<Slot, 2> slots_;
  int64_t turn_ = 0;
};

}  // namespace dmt
