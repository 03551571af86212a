#include "base/arena.h"

#include <algorithm>

namespace dmt {
namespace {
constexpr int64_t kAlignment = 64;  // a cache line, and what vector loads like
constexpr int64_t kSmallestChunk = int64_t{4} << 20;
}  // namespace

int64_t Arena::bytes_in_use() const {
  int64_t bytes = used_;
  for (size_t i = 0; i < chunk_ && i < chunks_.size(); ++i) bytes += chunks_[i].numel();
  return bytes;
}

at::Tensor Arena::allocate(at::IntArrayRef sizes, at::ScalarType dtype) {
  int64_t elements = 1;
  for (const int64_t size : sizes) elements *= size;
  const int64_t item = static_cast<int64_t>(c10::elementSize(dtype));
  const int64_t bytes = (std::max<int64_t>(elements * item, 1) + kAlignment - 1) / kAlignment * kAlignment;
  while (chunk_ < chunks_.size() && used_ + bytes > chunks_[chunk_].numel()) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    chunks_.push_back(at::empty({std::max({bytes, kSmallestChunk, peak_ / 4})}, at::kByte));
  }
  char* data = static_cast<char*>(chunks_[chunk_].mutable_data_ptr()) + used_;
  used_ += bytes;
  peak_ = std::max(peak_, bytes_in_use());
  return at::from_blob(data, sizes, at::TensorOptions().dtype(dtype));
}

void Arena::rewind(size_t chunk, int64_t used) {
  chunk_ = chunk;
  used_ = used;
  if (chunk_ == 0 && used_ == 0 && chunks_.size() > 1) {
    // Nothing is in use: one chunk that holds the peak takes the place of the pieces it grew by.
    chunks_.clear();
    chunks_.push_back(at::empty({peak_}, at::kByte));
  }
}

}  // namespace dmt
