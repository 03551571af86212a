// main of cuda_kernel_tests. Without a GPU one test remains, which is skipped and says why.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstdio>

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

TEST(CudaErrors, NameTheArgumentAndTheValue) {
  DmtSwiglu op = {nullptr, nullptr, -1, 5, DMT_FLOAT32};
  EXPECT_EQ(dmt_cuda_swiglu_forward(&op, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "swiglu_forward: rows=-1 must be at least 0");
  op.rows = 1;
  EXPECT_EQ(dmt_cuda_swiglu_forward(&op, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "swiglu_forward: out is null");
  op.dtype = 2;
  EXPECT_EQ(dmt_cuda_swiglu_forward(&op, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "swiglu_forward: dtype=2 must be between 0 and 1");
  EXPECT_EQ(dmt_cuda_swiglu_forward(nullptr, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "swiglu_forward: op is null");
  const DmtRotary rotary = {nullptr, nullptr, nullptr, nullptr, 3, 64, 2, 33, 1.0f, DMT_FLOAT32};
  EXPECT_EQ(dmt_cuda_rotary(&rotary, nullptr), DMT_CUDA_BAD_ARGUMENT);
  EXPECT_STREQ(dmt_cuda_last_error(), "rotary: head_dim=33 must be even");
}

TEST(CudaErrors, NothingToDoIsNoError) {
  const DmtSwiglu swiglu = {nullptr, nullptr, 0, 5, DMT_FLOAT32};
  EXPECT_EQ(dmt_cuda_swiglu_forward(&swiglu, nullptr), DMT_CUDA_OK);
  const DmtAdamW adamw = {};
  EXPECT_EQ(dmt_cuda_adamw(&adamw, nullptr), DMT_CUDA_OK);
  const DmtEmbeddingBackward embedding = {};
  EXPECT_EQ(dmt_cuda_embedding_backward(&embedding, nullptr), DMT_CUDA_OK);
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

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  probe = cudaGetDeviceCount(&devices);
  if (probe != cudaSuccess) devices = 0;
  if (devices == 0) testing::GTEST_FLAG(filter) = "CudaDevice.*:CudaErrors.*";
  return RUN_ALL_TESTS();
}
