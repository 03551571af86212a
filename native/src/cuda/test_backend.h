/// For tests of the kernels, which are compiled twice: in dmt_tests the kernels run on the emulated device,
/// which checks each of their accesses (see [Note: emulated device]), in cuda_kernel_tests
/// (DMT_TEST_ON_DEVICE) on the GPU.
#pragma once

#include "kernels/test_values.h"

#ifdef DMT_TEST_ON_DEVICE
#include <cuda_runtime_api.h>
#else
#include <cstdlib>
#include <cstring>

#include "cuda/emulated/interface.h"
#endif
#include "cuda/dmt_cuda.h"

namespace dmt::cuda {

using kernels::Bf16;
using kernels::doubles;
using kernels::kEpsilon;
using kernels::poisoned;
using kernels::random_integers;
using kernels::random_normal;
using kernels::rounded;
using kernels::store;
using kernels::to_float;

template <typename T>
constexpr int32_t kDType = std::is_same_v<T, float> ? DMT_FLOAT32 : DMT_BFLOAT16;

/// Two numbers that were almost the same before each was rounded may be neighbours after.
template <typename T>
constexpr double kNeighbours = 2 * kEpsilon<T>;

/// Values where the kernels read them. @param offset elements by which they miss the alignment of memory
template <typename T>
class Array {
 public:
  explicit Array(std::vector<T> values, int64_t offset = 0)
      : values_(std::move(values)), offset_(static_cast<size_t>(offset)) {
#ifdef DMT_TEST_ON_DEVICE
    EXPECT_EQ(cudaMalloc(&memory_, bytes() + offset_ * sizeof(T) + 1), cudaSuccess);
    EXPECT_EQ(cudaMemcpy(data(), values_.data(), bytes(), cudaMemcpyHostToDevice), cudaSuccess);
    EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);  // streams that do not wait for the default one
#else
    memory_ = static_cast<char*>(
                  std::aligned_alloc(kGap, (kGap + bytes() + offset_ * sizeof(T)) / kGap * kGap + 2 * kGap)) +
              kGap;
    if (!values_.empty()) std::memcpy(data(), values_.data(), bytes());
    dmt_emulated_watch(data(), static_cast<int64_t>(bytes()));
#endif
  }
  ~Array() {
#ifdef DMT_TEST_ON_DEVICE
    cudaFree(memory_);
#else
    dmt_emulated_unwatch(data());
    std::free(static_cast<char*>(memory_) - kGap);
#endif
  }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  T* data() const { return static_cast<T*>(memory_) + offset_; }
  /// Other values in the place of these.
  void overwrite(const std::vector<T>& values) const {
    ASSERT_EQ(values.size(), values_.size());
#ifdef DMT_TEST_ON_DEVICE
    ASSERT_EQ(cudaMemcpy(data(), values.data(), bytes(), cudaMemcpyHostToDevice), cudaSuccess);
    ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);  // the copy may still be under way
#else
    std::memcpy(data(), values.data(), bytes());
#endif
  }
  std::vector<T> values() const {
    std::vector<T> now = values_;
#ifdef DMT_TEST_ON_DEVICE
    EXPECT_EQ(cudaMemcpy(now.data(), data(), bytes(), cudaMemcpyDeviceToHost), cudaSuccess);
#else
    if (!now.empty()) std::memcpy(now.data(), data(), bytes());
#endif
    return now;
  }

 private:
  // Between arrays: an access that misses its own harms no other.
  static constexpr size_t kGap = 4096;

  size_t bytes() const { return values_.size() * sizeof(T); }

  std::vector<T> values_;  // as they were at first
  size_t offset_;
  void* memory_ = nullptr;
};

/// Calls a kernel by its name in the C interface, without "dmt_cuda_".
#ifdef DMT_TEST_ON_DEVICE
#define DMT_WAIT_FOR_DEVICE() ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess)
#else
#define DMT_WAIT_FOR_DEVICE()
#endif
#define DMT_RUN(name, op)                                                             \
  do {                                                                                \
    ASSERT_EQ(dmt_cuda_##name(&(op), nullptr), DMT_CUDA_OK) << dmt_cuda_last_error(); \
    DMT_WAIT_FOR_DEVICE();                                                            \
  } while (false)

}  // namespace dmt::cuda
