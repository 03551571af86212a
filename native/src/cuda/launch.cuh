// For the .cu files: argument checks, launches and their errors.
#pragma once

#include <algorithm>
#include <cstdint>

#include "cuda/device.cuh"
#include "cuda/dmt_cuda.h"
#include "cuda/pack.h"

namespace dmt::cuda {

/// Keeps the message for dmt_cuda_last_error(). @return DMT_CUDA_BAD_ARGUMENT
[[gnu::format(printf, 1, 2)]] int32_t bad_argument(const char* format, ...);
/// The outcome of a call of the CUDA runtime, with its message. @param remark put behind CUDA's own text
int32_t outcome(const char* op, cudaError_t error, const char* remark = "");
/// From here on dmt_cuda_last_error() is empty, until a call fails.
void forget_last_error();
/// The outcome of the launch just made, with its message. An error of earlier asynchronous work on the device
/// shows up here too, as CUDA reports it with the next call.
int32_t launched(const char* op);

/// Checks of one call's arguments; the first that fails is reported.
class Arguments {
 public:
  explicit Arguments(const char* op) : op_(op) {}
  Arguments& count(const char* name, int64_t value, int64_t least = 0) {
    if (ok() && value < least)
      status_ = bad_argument("%s: %s=%lld must be at least %lld", op_, name, static_cast<long long>(value),
                             static_cast<long long>(least));
    return *this;
  }
  Arguments& most(const char* name, int64_t value, int64_t most) {
    if (ok() && value > most)
      status_ = bad_argument("%s: %s=%lld must be at most %lld", op_, name, static_cast<long long>(value),
                             static_cast<long long>(most));
    return *this;
  }
  Arguments& pointer(const char* name, const void* value) {
    if (ok() && value == nullptr) status_ = bad_argument("%s: %s is null", op_, name);
    return *this;
  }
  Arguments& dtype(const char* name, int32_t value) { return choice(name, value, DMT_BFLOAT16); }
  /// One of 0 to `last`.
  Arguments& choice(const char* name, int32_t value, int32_t last) {
    if (ok() && (value < 0 || value > last))
      status_ = bad_argument("%s: %s=%d must be between 0 and %d", op_, name, value, last);
    return *this;
  }
  bool ok() const { return status_ == DMT_CUDA_OK; }
  int32_t status() const { return status_; }

 private:
  const char* op_;
  int32_t status_ = DMT_CUDA_OK;
};

/// Calls f with a value of the element type.
template <typename F>
int32_t with_type(int32_t dtype, const F& f) {
  return dtype == DMT_FLOAT32 ? f(float{}) : f(Bf16{});
}

inline cudaStream_t stream_of(DmtStream stream) {
  return static_cast<cudaStream_t>(stream);
}

/// Blocks for this much work; kernels stride, so that any number does. The cap is many waves of blocks on
/// every GPU, so that the last wave's idle part is small.
inline unsigned blocks_for(int64_t work, int64_t per_block) {
#if defined(DMT_EMULATED_DEVICE)
  constexpr int64_t kMost = 3;  // the loops over rows and packs run on small data, too
#else
  constexpr int64_t kMost = 16384;
#endif
  return static_cast<unsigned>(std::clamp<int64_t>((work + per_block - 1) / per_block, 1, kMost));
}

}  // namespace dmt::cuda
