#include "cuda/gpu_facts.h"

#include "base/expect_error.h"

namespace dmt::cuda::gpu_facts_test {
namespace {

/// A machine where all is well.
GpuFacts good() {
  GpuFacts facts;
  facts.driver_version = 13000;
  facts.devices = {{"H100", 9, 0, int64_t{80} << 30}, {"L4", 8, 9, int64_t{24} << 30}};
  facts.toolkit_version = 13000;
  facts.architectures = "80 90 100";
  return facts;
}

TEST(GpuFacts, AGoodDeviceHasNoFault) {
  EXPECT_EQ(gpu_fault(good(), 0), "");
  EXPECT_EQ(gpu_fault(good(), 1), "");  // code for 8.0 runs on 8.9
  EXPECT_EQ(describe(good()),
            "0: H100 (81920 MiB, compute capability 9.0), 1: L4 (24576 MiB, compute capability 8.9); "
            "driver for CUDA 13.0, kernels of CUDA 13.0 for 80 90 100");
}

TEST(GpuFacts, AMissingDriverIsNamedWithTheRemedy) {
  GpuFacts facts = good();
  facts.driver_missing = true;
  facts.driver_fault = "libcuda.so.1: cannot open shared object file";
  EXPECT_EQ(gpu_fault(facts, 0),
            "no NVIDIA driver: libcuda.so.1: cannot open shared object file; install the driver (it brings "
            "libcuda.so.1), or, in a container, pass the GPU through");
  EXPECT_EQ(describe(facts), gpu_fault(facts, 0));
}

TEST(GpuFacts, AnOldDriverIsNamedWithBothVersions) {
  GpuFacts facts = good();
  facts.driver_version = 12080;
  facts.driver_fault = "initialization error (3)";  // what an old driver may say is not the reason
  EXPECT_TRUE(contains(gpu_fault(facts, 0),
                       "the NVIDIA driver is too old: it serves CUDA 12.8, the kernels need 13.0; install"));
  facts = good();
  facts.toolkit_version = 13030;  // within a major version any driver will do
  EXPECT_EQ(gpu_fault(facts, 0), "");
}

TEST(GpuFacts, ABrokenDriverSaysWhatItSaid) {
  GpuFacts facts = good();
  facts.driver_fault = "system not yet initialized (802)";
  EXPECT_TRUE(
      contains(gpu_fault(facts, 0), "the NVIDIA driver does not work: system not yet initialized (802)"));
}

TEST(GpuFacts, AWrongIndexNamesHowManyThereAre) {
  for (const int32_t index : {-1, 2}) {
    EXPECT_TRUE(
        contains(gpu_fault(good(), index), "this process sees 2, numbered from 0; see CUDA_VISIBLE_DEVICES"))
        << index;
  }
  GpuFacts facts = good();
  facts.devices.clear();
  EXPECT_TRUE(contains(gpu_fault(facts, 0), "the NVIDIA driver finds no GPU"));
}

TEST(GpuFacts, MissingOrUnfitKernelsAreNamed) {
  GpuFacts facts = good();
  facts.kernels_fault = "there is no /x/libdmt_cuda.so";
  facts.toolkit_version = 0;
  EXPECT_TRUE(contains(gpu_fault(facts, 0),
                       "no GPU kernels: there is no /x/libdmt_cuda.so; add the jar "
                       "ai.dmt:dmt-native:linux-x86_64-gpu, or build where nvcc is, 12.8 or newer"));
  EXPECT_EQ(driver_fault(facts, 0), "");
  EXPECT_EQ(kernels_fault(good(), 2), "");  // there is no such device, which the driver's fault says
  facts = good();
  facts.devices[0] = {"V100", 7, 0, 0};
  EXPECT_EQ(gpu_fault(facts, 0),
            "GPU 0 (V100) has compute capability 7.0, the kernels are for 80 90 100; build with "
            "-DDMT_CUDA_ARCHITECTURES=70");
  facts.devices[0] = {"of the next generation", 12, 1, 0};  // compiles the PTX
  EXPECT_EQ(gpu_fault(facts, 0), "");
}

TEST(GpuFacts, OfAMachineWithoutADriverSaySo) {
  const GpuFacts facts = find_gpu();
  if (!facts.driver_missing) GTEST_SKIP() << "this machine has an NVIDIA driver: " << describe(facts);
  EXPECT_TRUE(contains(gpu_fault(facts, 0), "no NVIDIA driver: libcuda.so.1: "));
}

// The kernels load without a driver, so that the fault is the driver's and not a dynamic linker's.
TEST(GpuFacts, FindTheKernelsWhereTheyWereBuilt) {
  const GpuFacts facts = find_gpu();
  if (facts.kernels_fault.rfind("there is no ", 0) == 0)
    GTEST_SKIP() << facts.kernels_fault << ": built without nvcc";
  EXPECT_EQ(facts.kernels_fault, "");
  EXPECT_GE(facts.toolkit_version, 12080);
  EXPECT_FALSE(facts.architectures.empty());
}

}  // namespace
}  // namespace dmt::cuda::gpu_facts_test
