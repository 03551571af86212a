#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace dmt {

/// Memory of activations and temporaries, handed out and taken back like a stack. After the first step of
/// the largest shape nothing is allocated any more: pages that are already mapped are used again.
class Arena {
 public:
  /// An uninitialised tensor that lives until the enclosing Scope ends.
  at::Tensor allocate(at::IntArrayRef sizes, at::ScalarType dtype);
  /// Largest number of bytes in use so far.
  int64_t peak_bytes() const { return peak_; }

  /// Takes back, at its end, all that was allocated since its start.
  class Scope {
   public:
    explicit Scope(Arena& arena) : arena_(arena), chunk_(arena.chunk_), used_(arena.used_) {}
    ~Scope() { arena_.rewind(chunk_, used_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Arena& arena_;
    size_t chunk_;
    int64_t used_;
  };

 private:
  void rewind(size_t chunk, int64_t used);
  int64_t bytes_in_use() const;

  std::vector<at::Tensor> chunks_;
  size_t chunk_ = 0;  // the one that is being filled
  int64_t used_ = 0;  // bytes of it
  int64_t peak_ = 0;
};

}  // namespace dmt
