// main of cuda_kernel_tests. Without a GPU one test remains, which is skipped and says why.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "cuda/dmt_cuda.h"

namespace {

int devices = 0;
cudaError_t probe = cudaSuccess;

TEST(CudaDevice, IsThere) {
  if (devices == 0) GTEST_SKIP() << "no CUDA device: " << cudaGetErrorString(probe);
  cudaDeviceProp device = {};
  ASSERT_EQ(cudaGetDeviceProperties(&device, 0), cudaSuccess);
  std::printf("device 0 of %d: %s, compute capability %d.%d; kernels of CUDA %d for %s\n", devices,
              device.name, device.major, device.minor, dmt_cuda_toolkit_version(), dmt_cuda_architectures());
}

// Only where there is no device: a launch fails, and the code says so.
TEST(CudaErrors, ALaunchWithoutADeviceFailsWithItsMessage) {
  if (devices > 0) GTEST_SKIP() << "there is a device";
  float value = 1.0f;
  const DmtCast op = {&value, &value, 1, DMT_FLOAT32, DMT_FLOAT32};
  EXPECT_GT(dmt_cuda_cast(&op, nullptr), 0);
  const std::string message = dmt_cuda_last_error();
  EXPECT_EQ(message.rfind("cast: ", 0), 0u) << message;
  EXPECT_NE(message.find("cudaError"), std::string::npos) << message;
}

// Only where there is no device.
TEST(CudaErrors, TheRuntimeWithoutADeviceFailsWithItsMessage) {
  if (devices > 0) GTEST_SKIP() << "there is a device";
  int64_t free_bytes = 0, total_bytes = 0;
  DmtStream stream = nullptr;
  DmtEvent event = nullptr;
  const auto fails = [](const std::string& name, int32_t status) {
    EXPECT_GT(status, 0) << name;
    const std::string message = dmt_cuda_last_error();
    EXPECT_EQ(message.rfind(name + ": ", 0), 0u) << message;
    EXPECT_NE(message.find("(cudaError"), std::string::npos) << message;
  };
  fails("set_device", dmt_cuda_set_device(0));
  fails("memory_info", dmt_cuda_memory_info(&free_bytes, &total_bytes));
  fails("stream_create", dmt_cuda_stream_create(&stream));
  fails("event_create", dmt_cuda_event_create(&event));
  fails("synchronize", dmt_cuda_synchronize(nullptr));
  EXPECT_EQ(stream, nullptr);
  EXPECT_EQ(event, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  probe = cudaGetDeviceCount(&devices);
  if (probe != cudaSuccess) devices = 0;
  if (devices == 0) testing::GTEST_FLAG(filter) = "CudaDevice.*:CudaErrors.*";
  return RUN_ALL_TESTS();
}
