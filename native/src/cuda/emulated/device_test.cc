// What ran on the emulated devices is printed at the end of the tests.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "cuda/emulated/interface.h"
#include "cuda/test_backend.h"

namespace dmt::cuda::device_test {
namespace {

class DeviceCounts : public testing::Environment {
 public:
  void TearDown() override {
    print("kernels with checks", &dmt_emulated_counts);
    void* library = dlopen(DMT_EMULATED_KERNELS, RTLD_NOW | RTLD_NOLOAD);  // if engine tests have loaded it
    if (library == nullptr) return;
    print("kernels below engines",
          reinterpret_cast<decltype(&dmt_emulated_counts)>(dlsym(library, "dmt_emulated_counts")));
  }

 private:
  static void print(const char* what, decltype(&dmt_emulated_counts) counts) {
    int64_t launches = 0, blocks = 0, threads = 0;
    counts(&launches, &blocks, &threads);
    if (launches == 0) return;
    std::printf("%s: %lld launches, %lld blocks, %lld threads\n", what, static_cast<long long>(launches),
                static_cast<long long>(blocks), static_cast<long long>(threads));
  }
};

struct Counts {
  int64_t launches = 0, blocks = 0, threads = 0;
  Counts() { dmt_emulated_counts(&launches, &blocks, &threads); }
};

TEST(EmulatedDevice, CountsEachLaunchWithItsBlocksAndThreads) {
  const Array<float> out(poisoned<float>(100)), gate_up(random_normal<float>(200, 1));
  const DmtSwiglu op = {out.data(), gate_up.data(), 100, 1, kDType<float>};
  const Counts before;
  DMT_RUN(swiglu_forward, op);
  const Counts after;
  EXPECT_EQ(after.launches, before.launches + 1);
  EXPECT_GT(after.blocks, before.blocks);
  EXPECT_EQ((after.threads - before.threads) % (after.blocks - before.blocks), 0);
  EXPECT_GE(after.threads - before.threads, 100);
}

const testing::Environment* const kCounts = testing::AddGlobalTestEnvironment(new DeviceCounts);

}  // namespace
}  // namespace dmt::cuda::device_test
