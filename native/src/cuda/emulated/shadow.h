/// Checks of every access of a kernel to memory. [Note: shadow] For each byte that kernels may touch there is
/// a record of who last wrote it and who has read it: launch, block, thread, and how many barriers the block
/// had passed. It finds
///   - a read of what another thread of the block wrote, and a write of what another wrote or read, with no
///     barrier in between; other blocks of the same launch are never synchronised;
///   - a read of shared memory that no thread of the block has written;
///   - an address that is not a multiple of the access's size;
///   - an address outside of all arrays that the test has named (interface.h).
/// A shuffle synchronises nothing, as on a GPU.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dmt::emulated {

enum class Access { kRead, kWrite };

struct AccessSize {
  size_t bytes;
  size_t alignment;
};

/// An access of the thread that is running.
void check_access(const void* address, AccessSize size, Access access);

}  // namespace dmt::emulated
