#include "base/arena.h"

#include <algorithm>

namespace dmt {
namespace {
constexpr int64_t kAlignment = 64;  // a cache line, and what vector loads like
constexpr int64_t kSmallestChunk = int64_t{4} << 20;
}  // namespace

at::Tensor Arena::allocate(at::IntArrayRef sizes, at::ScalarType dtype) {
  int64_t elements = 1;
  for (const int64_t size : sizes) elements *= size;
  const int64_t item = static_cast<int64_t>(c10::elementSize(dtype));
  const int64_t bytes = (std::max<int64_t>(elements * item, 1) + kAlignment - 1) / kAlignment * kAlignment;
  while (position_.chunk < chunks_.size() && position_.used + bytes > chunks_[position_.chunk].numel()) {
    ++position_.chunk;
    position_.used = 0;
  }
  if (position_.chunk == chunks_.size()) {
    chunks_.push_back(at::empty({std::max({bytes, kSmallestChunk, peak_ / 4})}, at::kByte));
  }
  char* data = static_cast<char*>(chunks_[position_.chunk].mutable_data_ptr()) + position_.used;
  position_.used += bytes;
  position_.allocated += bytes;
  peak_ = std::max(peak_, position_.allocated);
  return at::from_blob(data, sizes, at::TensorOptions().dtype(dtype));
}

void Arena::rewind(Position position) {
  position_ = position;
  if (position_.allocated == 0 && chunks_.size() > 1) {
    // Nothing is in use: one chunk that holds the peak takes the place of the pieces it grew by.
    chunks_.clear();
    chunks_.push_back(at::empty({peak_}, at::kByte));
    position_ = Position();
  }
}

}  // namespace dmt
