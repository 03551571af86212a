// What GpuOps asks of libtorch's memory, with an allocator and a runtime that only count.
#include <c10/core/CachingDeviceAllocator.h>
#include <gtest/gtest.h>

#include <array>

#include "test_device.h"

namespace dmt::gpu_memory_test {
namespace {

class CountingAllocator final : public c10::DeviceAllocator {
 public:
  c10::DataPtr allocate(size_t) override { throw std::runtime_error("nothing is allocated here"); }
  void copy_data(void*, const void*, size_t) const override {}
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t) override { ++emptied; }
  void recordStream(const c10::DataPtr&, c10::Stream) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex) override {
    c10::CachingDeviceAllocator::DeviceStats stats;
    stats.reserved_bytes[0].current = 1000;
    stats.allocated_bytes[0].current = 400;
    stats.num_device_free = given_back;
    return stats;
  }
  void resetAccumulatedStats(c10::DeviceIndex) override {}
  void resetPeakStats(c10::DeviceIndex) override {}

  int emptied = 0;
  int64_t given_back = 0;
};

cuda::Kernels counting_runtime() {
  static std::array<char, 64> handles;
  static size_t next = 0;
  cuda::Kernels kernels = host_kernels();
  const auto handle = [](void** out) {
    *out = &handles[next++ % handles.size()];
    return int32_t{DMT_CUDA_OK};
  };
  static const auto make = handle;
  kernels.set_device = [](int32_t) { return int32_t{DMT_CUDA_OK}; };
  kernels.memory_info = [](int64_t* free, int64_t* total) {
    *free = 5000;
    *total = 10000;
    return int32_t{DMT_CUDA_OK};
  };
  kernels.stream_create = [](DmtStream* stream) { return make(stream); };
  kernels.synchronize = [](DmtStream) { return int32_t{DMT_CUDA_OK}; };
  kernels.event_create = [](DmtEvent* event) { return make(event); };
  kernels.event_destroy = [](DmtEvent) { return int32_t{DMT_CUDA_OK}; };
  kernels.graph_begin = [](DmtStream) { return int32_t{DMT_CUDA_OK}; };
  kernels.graph_end = [](DmtStream, DmtGraph* graph) { return make(graph); };
  kernels.graph_destroy = [](DmtGraph) { return int32_t{DMT_CUDA_OK}; };
  return kernels;
}

class GpuMemory : public testing::Test {
 protected:
  void SetUp() override {
    if (has_gpu()) GTEST_SKIP() << "there is a GPU, whose allocator is libtorch's own";
    c10::SetAllocator(at::kCUDA, &allocator_, /*priority=*/0);
    ops_ = std::make_unique<GpuOps>(AttentionDevice{at::Device(at::kCUDA, 0), 90}, counting_runtime(), "GPU");
  }

  static CountingAllocator allocator_;
  std::unique_ptr<GpuOps> ops_;
};
CountingAllocator GpuMemory::allocator_;

TEST_F(GpuMemory, WhatLibtorchKeepsCountsAsFreeAndIsGivenBack) {
  const int before = allocator_.emptied;
  EXPECT_EQ(ops_->free_memory().bytes, 5600);
  EXPECT_EQ(allocator_.emptied, before + 1);
}

TEST_F(GpuMemory, NothingIsGivenBackWhileAGraphMayUseIt) {
  DmtGraph graph = ops_->capture([] {});
  GpuOps other(AttentionDevice{at::Device(at::kCUDA, 0), 90}, counting_runtime(), "GPU");
  const int before = allocator_.emptied;
  EXPECT_EQ(ops_->free_memory().bytes, 5600);
  EXPECT_EQ(other.free_memory().bytes, 5600);
  other.release_unused();
  EXPECT_EQ(allocator_.emptied, before);
  ops_->destroy(graph);
  other.release_unused();
  EXPECT_EQ(allocator_.emptied, before + 1);
}

TEST_F(GpuMemory, AGraphKnowsThatMemoryWasGivenBackSince) {
  const int64_t before = ops_->memory_given_back();
  ++allocator_.given_back;
  EXPECT_NE(ops_->memory_given_back(), before);
}

}  // namespace
}  // namespace dmt::gpu_memory_test
