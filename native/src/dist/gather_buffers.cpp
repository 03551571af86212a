#include "dist/gather_buffers.h"

#include "base/check.h"

namespace dmt {

GatherBuffers::GatherBuffers(int64_t bytes, at::Device device) {
  for (Slot& slot : slots_) slot.memory = at::empty({bytes}, at::TensorOptions(at::kByte).device(device));
}

GatherBuffers::Slot& GatherBuffers::slot_for(int unit) {
  Slot* oldest = nullptr;
  for (Slot& slot : slots_) {
    if (slot.in_use) continue;
    if (slot.unit == unit) return slot;
    if (oldest == nullptr || slot.given_back < oldest->given_back) oldest = &slot;
  }
  DMT_CHECK(oldest != nullptr, "both buffers for gathered weights are in use: unit ", unit,
            " is gathered before another was freed");
  return *oldest;
}

GatherBuffers::Lease GatherBuffers::take(int unit, int64_t elements, at::ScalarType dtype) {
  Slot& slot = slot_for(unit);
  const bool current = slot.unit == unit;
  slot.unit = unit;
  slot.in_use = true;
  const auto size = static_cast<int64_t>(c10::elementSize(dtype));
  return {slot.memory.narrow(0, 0, elements * size).view(dtype), current};
}

void GatherBuffers::give_back(int unit) {
  for (Slot& slot : slots_) {
    if (slot.unit != unit || !slot.in_use) continue;
    slot.in_use = false;
    slot.given_back = ++turn_;
  }
}

void GatherBuffers::forget(int unit) {
  for (Slot& slot : slots_) {
    if (slot.unit == unit && !slot.in_use) slot.unit = -1;
  }
}

int64_t GatherBuffers::bytes() const {
  int64_t bytes = 0;
  for (const Slot& slot : slots_) bytes += slot.memory.numel();
  return bytes;
}

}  // namespace dmt
