#include "base/machine_memory.h"

#include <gtest/gtest.h>

#include "base/temp_dir.h"

namespace dmt::machine_memory_test {
namespace {

constexpr int64_t kGiB = int64_t{1} << 30;

/// The files of a machine of 24 GiB that has 10 left, and 2 of swap.
class MachineMemory : public testing::Test {
 protected:
  MachineMemory() {
    write("proc/meminfo",
          "MemTotal:       25165824 kB\nMemFree:         1048576 kB\nMemAvailable:   10485760 kB\n"
          "SwapFree:        2097152 kB\n");
  }

  void write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((dir_ / file).parent_path());
    dir_.write(file, text);
  }
  void version2(const std::string& group, const std::string& limit, int64_t used, int64_t cached) {
    const std::string folder = "sys/fs/cgroup" + group + "/";
    write(folder + "memory.max", limit + "\n");
    write(folder + "memory.current", std::to_string(used) + "\n");
    write(folder + "memory.stat", "anon 5\nfile 1\ninactive_file " + std::to_string(cached / 2) +
                                      "\nactive_file " + std::to_string(cached / 2) + "\n");
  }
  FreeMemory memory() const { return machine_memory(dir_.path()); }

 private:
  TempDir dir_;
};

TEST_F(MachineMemory, IsTheMachinesWhereNothingLimitsIt) {
  EXPECT_EQ(memory().bytes, 12 * kGiB);
  EXPECT_EQ(memory().owner, "this machine, whose memory is 24.00 GiB,");
  write("proc/self/cgroup", "0::/user\n");
  version2("/user", "max", kGiB, 0);
  EXPECT_EQ(memory().bytes, 12 * kGiB);
}

TEST_F(MachineMemory, IsWhatTheNarrowestGroupLeaves) {
  write("proc/self/cgroup", "0::/pod/container\n");
  version2("/pod/container", "max", 2 * kGiB, 0);
  version2("/pod", std::to_string(8 * kGiB), 3 * kGiB, kGiB);
  EXPECT_EQ(memory().bytes, 6 * kGiB);  // what is cached is free
  EXPECT_EQ(memory().owner, "the control group /pod, whose limit is 8.00 GiB,");
  version2("/pod/container", std::to_string(2 * kGiB), 3 * kGiB, 0);
  EXPECT_EQ(memory().bytes, 0);  // never below
}

TEST_F(MachineMemory, KnowsTheFirstVersionAndPathsOfTheHost) {
  write("proc/self/cgroup", "12:cpu,cpuacct:/docker/1\n5:memory:/docker/1\n0::/\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", std::to_string(4 * kGiB));
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", std::to_string(2 * kGiB));
  write("sys/fs/cgroup/memory/memory.stat",
        "inactive_file 7\ntotal_inactive_file 1024\ntotal_active_file 0\n");
  EXPECT_EQ(memory().bytes, 2 * kGiB + 1024);
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");  // none
  EXPECT_EQ(memory().bytes, 12 * kGiB);
}

TEST(MachineMemoryUnknown, SaysNothing) {
  const TempDir empty;
  EXPECT_EQ(machine_memory(empty.path()).bytes, -1);
}

TEST(MachineMemoryHere, IsKnown) {
  EXPECT_GT(machine_memory().bytes, 0);
}

}  // namespace
}  // namespace dmt::machine_memory_test
