#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace dmt {

/// Memory of activations and temporaries, handed out and taken back like a stack. Who knows how much a pass
/// takes reserves it: one piece, allocated once, so that what is held is what was planned. Without that the
/// arena grows piece by piece, and the tail of each piece is lost until nothing is in use.
class Arena {
 public:
  /// @param device kMeta: bytes are counted, and tensors have no memory
  explicit Arena(at::Device device = at::kCPU) : device_(device) {}

  /// Makes one piece of at least so many bytes, in place of a smaller one. Nothing may be in use.
  void reserve(int64_t bytes);
  /// Gives all of it back. Nothing may be in use.
  void release();
  /// An uninitialised tensor that lives until the enclosing Scope ends.
  at::Tensor allocate(at::IntArrayRef sizes, at::ScalarType dtype);
  /// Largest number of bytes in use so far.
  int64_t peak_bytes() const { return peak_; }
  /// Bytes that are held, in use or not.
  int64_t held_bytes() const;

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
