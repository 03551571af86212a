#include "base/arena.h"

#include <algorithm>

#include "base/check.h"

namespace dmt {
namespace {
constexpr int64_t kArenaAlignment =
    256;  // whole cache lines of a CPU and of a GPU, whatever vector loads like
constexpr int64_t kSmallestChunk = int64_t{4} << 20;
}  // namespace

void Arena::reserve(int64_t bytes) {
  if (chunks_.size() == 1 && chunks_.front().numel() >= bytes) return;
  release();
  chunks_.push_back(chunk(bytes));
}

void Arena::release() {
  DMT_CHECK(position_.allocated == 0, "the arena is given back while ", position_.allocated,
            " bytes of it are in use");
  chunks_.clear();
  position_ = Position();
}

int64_t Arena::held_bytes() const {
  int64_t bytes = 0;
  for (const at::Tensor& chunk : chunks_) bytes += chunk.numel();
  return bytes;
}

at::Tensor Arena::allocate(at::IntArrayRef sizes, at::ScalarType dtype) {
  int64_t elements = 1;
  for (const int64_t size : sizes) elements *= size;
  const int64_t item = static_cast<int64_t>(c10::elementSize(dtype));
  const int64_t bytes =
      (std::max<int64_t>(elements * item, 1) + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
  while (position_.chunk < chunks_.size() && position_.used + bytes > chunks_[position_.chunk].numel()) {
    ++position_.chunk;
    position_.used = 0;
  }
  if (position_.chunk == chunks_.size()) {
    chunks_.push_back(chunk(std::max(bytes, kSmallestChunk)));
  }
  const int64_t offset = position_.used;
  position_.used += bytes;
  position_.allocated += bytes;
  peak_ = std::max(peak_, position_.allocated);
  const at::TensorOptions options = at::TensorOptions(dtype).device(device_);
  if (device_.is_meta()) return at::empty(sizes, options);
  char* data = static_cast<char*>(chunks_[position_.chunk].mutable_data_ptr()) + offset;
  return at::for_blob(data, sizes).options(options).target_device(device_).make_tensor();
}

at::Tensor Arena::chunk(int64_t bytes) const {
  return at::empty({bytes}, at::TensorOptions(at::kByte).device(device_));
}

void Arena::rewind(Position position) {
  position_ = position;
  if (position_.allocated == 0 && chunks_.size() > 1) reserve(peak_);
}

}  // namespace dmt
