#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace dmt {

/// Memory of activations and temporaries, handed out and taken back like a stack. After the first step of
/// the largest shape nothing is allocated any more: pages that are already mapped are used again.
class Arena {
 public:
  /// @param device kMeta: bytes are counted, and tensors have no memory
  explicit Arena(at::Device device = at::kCPU) : device_(device) {}

  /// An uninitialised tensor that lives until the enclosing Scope ends.
  at::Tensor allocate(at::IntArrayRef sizes, at::ScalarType dtype);
  /// Largest number of bytes in use so far.
  int64_t peak_bytes() const { return peak_; }

  /// How far the stack has grown.
  struct Position {
    size_t chunk = 0;       // the one that is being filled
    int64_t used = 0;       // bytes of it
    int64_t allocated = 0;  // bytes of all tensors in use
  };

  /// Takes back, at its end, all that was allocated since its start.
  class Scope {
   public:
    explicit Scope(Arena& arena) : arena_(arena), start_(arena.position_) {}
    ~Scope() { arena_.rewind(start_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Arena& arena_;
    Position start_;
  };

 private:
  void rewind(Position position);
  at::Tensor chunk(int64_t bytes) const;

  at::Device device_;
  std::vector<at::Tensor> chunks_;
  Position position_;
  int64_t peak_ = 0;  // of position_.allocated
};

}  // namespace dmt
