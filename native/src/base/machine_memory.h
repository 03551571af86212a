/// What a process may still take of a machine's memory, so that it need not find out by being killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace dmt {

/// Memory that nobody holds.
struct FreeMemory {
  int64_t bytes = -1;  ///< -1 where that is not known
  std::string owner;   ///< whose it is, such as "the device"
};

/// The least of what the machine has left, swap included, and what each control group of this process has
/// left below its limit (versions 1 and 2). Files that are cached count as free.
/// @param root where proc and sys are; for tests
FreeMemory machine_memory(const std::filesystem::path& root = "/");

/// "1.50 GiB".
std::string gib(int64_t bytes);

}  // namespace dmt
