// What doctor's checks of a GPU say, on the GPU path of the host.
#include "doctor/gpu_checks.h"

#include <gtest/gtest.h>

#include "base/expect_error.h"
#include "engine_impl.h"
#include "test_device.h"

namespace dmt::gpu_checks_test {
namespace {

using Verdict = CheckLine::Verdict;

GpuOps host_ops(const cuda::Kernels& kernels) {
  return GpuOps(AttentionDevice{at::kCPU, 0}, kernels, "GPU path on the host");
}

TEST(GpuChecks, ALaunchComputesWhatTheCpuDoes) {
  GpuOps ops = host_ops(host_kernels());
  const ComputeScope scope(ops, 1);
  const CheckLines lines = check_launch(ops);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].verdict, Verdict::kOk) << lines[0].found;
  EXPECT_TRUE(contains(lines[0].found, "100003 values converted as on the CPU, "));
}

TEST(GpuChecks, AKernelThatDoesNothingIsFound) {
  cuda::Kernels kernels = host_kernels();
  kernels.cast = [](const DmtCast* op, DmtStream) {
    auto* out = static_cast<uint16_t*>(op->out);
    std::fill(out, out + op->count, uint16_t{0});
    return int32_t{DMT_CUDA_OK};
  };
  GpuOps ops = host_ops(kernels);
  const ComputeScope scope(ops, 1);
  const CheckLines lines = check_launch(ops);
  EXPECT_EQ(lines[0].verdict, Verdict::kFault);
  EXPECT_TRUE(contains(lines[0].found, " of 100003 values differ from the CPU's"));
}

TEST(GpuChecks, AttentionThatADeviceDoesNotHaveIsSkippedWithTheReason) {
  GpuOps ops = host_ops(host_kernels());
  const CheckLines lines = check_attention(ops, 75);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(text_of(lines[0]),
            "-\tflash attention\tnot run: used from compute capability 8.0 on, this is 7.5");
  EXPECT_EQ(text_of(lines[1]),
            "-\tcuDNN attention\tnot run: used from compute capability 9.0 on, this is 7.5");
}

// Libtorch has no such kernels for the CPU: both fail, and the second is tried, too.
TEST(GpuChecks, AttentionThatFailsIsAFaultOfItsOwn) {
  GpuOps ops = host_ops(host_kernels());
  const ComputeScope scope(ops, 1);
  for (const CheckLine& line : check_attention(ops, 90)) {
    EXPECT_EQ(line.verdict, Verdict::kFault) << line.subject;
    EXPECT_FALSE(line.found.empty());
  }
}

TEST(GpuChecks, SpeedsAreTold) {
  GpuOps ops = host_ops(host_kernels());
  const ComputeScope scope(ops, 1);
  const CheckLines lines = check_speed(ops, {1 << 16, 32});
  ASSERT_EQ(lines.size(), 3u);
  for (const CheckLine& line : lines) {
    EXPECT_EQ(line.verdict, Verdict::kTold);
    EXPECT_GT(std::stod(line.found), 0.0) << line.found;
  }
}

TEST(GpuChecks, ALineIsOneLine) {
  EXPECT_EQ(text_of({Verdict::kFault, "GPU driver", "a\nb\tc"}), "FAIL\tGPU driver\ta b c");
}

TEST(GpuChecks, WithoutADriverThatIsSaidOnceAndTheRestIsNotRun) {
  if (has_gpu()) GTEST_SKIP() << "this machine has a GPU";
  replace_open_gpu(nullptr);
  EXPECT_TRUE(check_gpu(GpuCheck::kDriver, 0).starts_with("FAIL\tGPU driver\t"));
  const std::pair<GpuCheck, const char*> later[] = {{GpuCheck::kLaunch, "kernel launch"},
                                                    {GpuCheck::kAttention, "attention"},
                                                    {GpuCheck::kCollectives, "NCCL"},
                                                    {GpuCheck::kSpeed, "speed"}};
  for (const auto& [check, name] : later)
    EXPECT_EQ(check_gpu(check, 0), concat("-\t", name, "\tnot run: what is missing is said above"));
  use_test_gpu();
}

TEST(GpuChecks, LibrariesAreLookedForWithoutADriver) {
  const std::string text = check_gpu(GpuCheck::kLibraries, 0);
  EXPECT_TRUE(text.starts_with("ok\t") || text.starts_with("FAIL\t")) << text;
}

// On a GPU all of it holds.
TEST(GpuChecksOnDevice, NothingFails) {
  if (!has_gpu()) GTEST_SKIP() << "no GPU";
  replace_open_gpu(nullptr);
  for (int check = 0; check <= static_cast<int>(GpuCheck::kSpeed); ++check) {
    const std::string text = check_gpu(static_cast<GpuCheck>(check), 0);
    EXPECT_FALSE(contains(text, "FAIL\t")) << text;
  }
  use_test_gpu();
}

}  // namespace
}  // namespace dmt::gpu_checks_test
